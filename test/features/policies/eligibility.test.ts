import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decidingFacts,
  evaluate,
  type FactName,
  type Facts,
  OptionalRule,
  type Rule,
  RuleSchema,
  sentenceOf,
  traceRule,
} from '../../../src/features/policies/eligibility.ts'
import type { RuleLanguage } from '../../../src/features/policies/rule-words.ts'

/** Whole numbers and decimals, few enough that rules and facts meet. */
const number = fc.integer({ min: 0, max: 16 }).map((halves) => halves / 2)
const word = fc.constantFrom('low', 'lower_middle', 'general', 'slow')

const comparison: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({
    fact: fc.constantFrom('age' as const, 'careLevel' as const),
    op: fc.constantFrom(
      'eq' as const,
      'ne' as const,
      'lt' as const,
      'lte' as const,
      'gt' as const,
      'gte' as const,
    ),
    value: number,
  }) as fc.Arbitrary<Rule>,
  fc.record({
    fact: fc.constantFrom('age' as const, 'careLevel' as const),
    op: fc.constant('in' as const),
    value: fc.array(number, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    fact: fc.constantFrom('incomeClass' as const, 'mobility' as const),
    op: fc.constant('in' as const),
    value: fc.array(word, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    fact: fc.constantFrom('incomeClass' as const, 'mobility' as const),
    op: fc.constantFrom('eq' as const, 'ne' as const),
    value: word,
  }) as fc.Arbitrary<Rule>,
  fc.record({
    fact: fc.constant('livesAlone' as const),
    op: fc.constantFrom('eq' as const, 'ne' as const),
    value: fc.boolean(),
  }) as fc.Arbitrary<Rule>,
)

const { rule } = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    comparison,
    fc.record({ all: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('rule') }),
  ),
}))

const facts = fc.record(
  { age: number, careLevel: number, incomeClass: word, mobility: word, livesAlone: fc.boolean() },
  { requiredKeys: [] },
) as fc.Arbitrary<Facts>

/** Kleene's tables written out, 0 = fail, 1 = unknown, 2 = pass; shares nothing with the evaluator. */
const AND = [
  [0, 0, 0],
  [0, 1, 1],
  [0, 1, 2],
] as const
const OR = [
  [0, 1, 2],
  [1, 1, 2],
  [2, 2, 2],
] as const
const NOT = [2, 1, 0] as const
type Degree = 0 | 1 | 2
const VERDICTS = ['fail', 'unknown', 'pass'] as const

function naive(rule: Rule, known: Facts): Degree {
  if ('all' in rule) return rule.all.reduce<Degree>((sum, part) => AND[sum][naive(part, known)], 2)
  if ('any' in rule) return rule.any.reduce<Degree>((sum, part) => OR[sum][naive(part, known)], 0)
  if ('not' in rule) return NOT[naive(rule.not, known)]
  const told = known[rule.fact] as never
  if (told === undefined) return 1
  const { value } = rule as unknown as { value: never }
  const holds: Record<string, boolean> = {
    eq: told === value,
    ne: told !== value,
    lt: told < value,
    lte: told <= value,
    gt: told > value,
    gte: told >= value,
    in: Array.isArray(value) && (value as unknown[]).some((one) => one === told),
  }
  return holds[rule.op] ? 2 : 0
}

const NAMES = ['age', 'careLevel', 'incomeClass', 'mobility', 'livesAlone'] as const

/** For each fact, values on both sides of everything that a rule of these tests can ask. */
const DOMAIN: { [Name in FactName]: readonly NonNullable<Facts[Name]>[] } = {
  age: Array.from({ length: 37 }, (_, quarter) => -0.5 + quarter / 4),
  careLevel: Array.from({ length: 37 }, (_, quarter) => -0.5 + quarter / 4),
  incomeClass: ['low', 'lower_middle', 'general', 'slow', 'another'],
  mobility: ['low', 'lower_middle', 'general', 'slow', 'another'],
  livesAlone: [true, false],
}

/** Every way in which what is not known of these facts could turn out. */
function completions(known: Facts, names: readonly FactName[]): Facts[] {
  return names
    .filter((name) => known[name] === undefined)
    .reduce<Facts[]>(
      (all, name) => all.flatMap((some) => DOMAIN[name].map((value) => ({ ...some, [name]: value }))),
      [known],
    )
}

/** Rules that ask each fact once at most: a conjunction, disjunction or exclusion of comparisons and of those. */
const readOnce = fc
  .tuple(
    fc.shuffledSubarray([...NAMES], { minLength: 1, maxLength: 3 }),
    fc.array(comparison, { minLength: 60, maxLength: 60 }),
    fc.array(fc.constantFrom('all', 'any', 'not all', 'not any'), { minLength: 3, maxLength: 3 }),
  )
  .map(([names, pool, shapes]) => {
    const leaves = names
      .map((name) => pool.find((one) => 'fact' in one && one.fact === name))
      .filter((one) => !!one)
    return leaves.reduce<Rule | null>(
      (rule, leaf, at) => combine(shapes[at]!, rule ? [rule, leaf] : [leaf]),
      null,
    )
  })
  .filter((one) => one !== null)

function combine(shape: string, parts: Rule[]): Rule {
  const whole: Rule = shape.endsWith('all') ? { all: parts } : { any: parts }
  return shape.startsWith('not') ? { not: whole } : whole
}

function factsOf(asked: Rule): FactName[] {
  return [...new Set(traceRule(asked, {}).map(({ fact }) => fact))]
}

describe('the evaluator against a naive reference', () => {
  it('says what Kleene’s tables say', () => {
    fc.assert(
      fc.property(rule, facts, (asked, known) => {
        expect(evaluate(asked, known)).toBe(VERDICTS[naive(asked, known)])
      }),
      { numRuns: 5000 },
    )
  })

  it('never grants on an unknown fact what some value of it would deny, nor denies what some value would grant', () => {
    fc.assert(
      fc.property(rule, facts, (asked, known) => {
        const verdict = evaluate(asked, known)
        if (verdict === 'unknown') return
        const [first] = factsOf(asked).filter((name) => known[name] === undefined)
        for (const more of completions(known, first ? [first] : []))
          expect(evaluate(asked, more)).toBe(verdict)
      }),
      { numRuns: 2000 },
    )
  })

  it('turns no verdict into another one but unknown when facts are taken away', () => {
    fc.assert(
      fc.property(rule, facts, fc.subarray([...NAMES]), (asked, known, forgotten) => {
        const less = { ...known }
        for (const name of forgotten) delete less[name]
        expect([evaluate(asked, known), 'unknown']).toContain(evaluate(asked, less))
      }),
      { numRuns: 2000 },
    )
  })

  // A rule that asks a fact twice may stay unknown where every value gives one answer (`x or not x`): never the reverse.
  it('where a rule asks each fact once, is exact: unknown if and only if the values disagree', () => {
    fc.assert(
      fc.property(readOnce, facts, (asked, known) => {
        const possible = completions(known, factsOf(asked)).map((all) => VERDICTS[naive(asked, all)])
        const [only, ...others] = new Set(possible)
        expect(evaluate(asked, known)).toBe(others.length > 0 ? 'unknown' : only)
      }),
      { numRuns: 300 },
    )
  })

  it('compares decimals', () => {
    const rule: Rule = { fact: 'age', op: 'gte', value: 64.5 }
    expect(RuleSchema.parse(rule)).toEqual(rule)
    expect([64.4, 64.5, 65].map((age) => evaluate(rule, { age }))).toEqual(['fail', 'pass', 'pass'])
  })

  it('excludes by not: who might be excluded is not let in', () => {
    const rule: Rule = {
      all: [
        { fact: 'age', op: 'gte', value: 65 },
        { not: { fact: 'mobility', op: 'eq', value: 'homebound' } },
      ],
    }
    expect(evaluate(rule, { age: 70, mobility: 'slow' })).toBe('pass')
    expect(evaluate(rule, { age: 70, mobility: 'homebound' })).toBe('fail')
    expect(evaluate(rule, { age: 70 })).toBe('unknown')
    expect(evaluate(rule, { age: 60 })).toBe('fail')
  })
})

describe('evaluate', () => {
  it('obeys De Morgan', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 3 }), facts, (rules, known) => {
        const negated = rules.map((not) => ({ not }))
        expect(evaluate({ not: { all: rules } }, known)).toBe(evaluate({ any: negated }, known))
        expect(evaluate({ not: { any: rules } }, known)).toBe(evaluate({ all: negated }, known))
      }),
    )
  })

  it('never takes back an answer when more becomes known', () => {
    fc.assert(
      fc.property(rule, facts, facts, (asked, known, more) => {
        const before = evaluate(asked, known)
        if (before !== 'unknown') expect(evaluate(asked, { ...more, ...known })).toBe(before)
      }),
    )
  })

  it('is never unknown when every fact is known', () => {
    const all = { age: 80, careLevel: 3, incomeClass: 'low', mobility: 'slow', livesAlone: true }
    fc.assert(fc.property(rule, facts, (asked, known) => evaluate(asked, { ...all, ...known }) !== 'unknown'))
  })

  it.each([
    [{}, 'unknown'],
    [{ age: 64 }, 'fail'],
    [{ age: 65 }, 'unknown'],
    [{ age: 65, incomeClass: 'low' }, 'pass'],
    [{ age: 65, incomeClass: 'general' }, 'unknown'],
    [{ age: 65, incomeClass: 'general', livesAlone: false }, 'fail'],
    [{ incomeClass: 'general', livesAlone: false }, 'fail'],
  ] satisfies [Facts, string][])('%j → %s', (known, verdict) => {
    expect(evaluate(MEALS, known)).toBe(verdict)
  })
})

const MEALS: Rule = {
  all: [
    { fact: 'age', op: 'gte', value: 65 },
    {
      any: [
        { fact: 'incomeClass', op: 'in', value: ['low', 'lower_middle'] },
        { fact: 'livesAlone', op: 'eq', value: true },
      ],
    },
  ],
}

describe('sentenceOf', () => {
  it('says the rule in plain English', () => {
    expect(sentenceOf(MEALS)).toBe(
      'Age is at least 65 and (income class is low or lower middle or lives alone).',
    )
    expect(sentenceOf({ not: { fact: 'mobility', op: 'eq', value: 'homebound' } })).toBe(
      'Not (mobility is homebound).',
    )
  })

  it('says it in both Chinese scripts', () => {
    expect(sentenceOf(MEALS, 'zh-Hant')).toBe('年齡至少65且（收入類別為低收入或中低收入或獨居）。')
    expect(sentenceOf(MEALS, 'zh-Hans')).toBe('年龄至少65且（收入类别为低收入或中低收入或独居）。')
    expect(sentenceOf({ not: { fact: 'mobility', op: 'eq', value: 'homebound' } }, 'zh-Hant')).toBe(
      '並非（行動能力為無法外出）。',
    )
  })

  it('has words for every rule, in every language', () => {
    fc.assert(
      fc.property(
        rule,
        fc.constantFrom('en' as const, 'zh-Hant' as const, 'zh-Hans' as const),
        (asked, language) => {
          const sentence = sentenceOf(asked, language)
          expect(sentence).not.toMatch(/undefined|null|…|object/)
          expect(sentence).toMatch(language === 'en' ? /\.$/ : /。$/)
        },
      ),
    )
  })

  it('takes a value for what it is, not for a pattern or a property', () => {
    const odd = (value: string): Rule => ({ not: { fact: 'mobility', op: 'eq', value } })
    expect(sentenceOf(odd('$& $1'))).toBe('Not (mobility is $& $1).')
    expect(sentenceOf(odd('constructor'), 'zh-Hant')).toBe('並非（行動能力為constructor）。')
  })
})

describe('traceRule', () => {
  it('tells every comparison with its verdict', () => {
    expect(traceRule(MEALS, { age: 70, livesAlone: false })).toEqual([
      { fact: 'age', sentence: 'age is at least 65', verdict: 'pass' },
      { fact: 'incomeClass', sentence: 'income class is low or lower middle', verdict: 'unknown' },
      { fact: 'livesAlone', sentence: 'lives alone', verdict: 'fail' },
    ])
  })

  it('says them in the languages of the rules', () => {
    const said = (language: RuleLanguage) =>
      traceRule(MEALS, { age: 70 }, language).map(({ sentence, verdict }) => [sentence, verdict])
    expect(said('zh-Hant')).toEqual([
      ['年齡至少65', 'pass'],
      ['收入類別為低收入或中低收入', 'unknown'],
      ['獨居', 'unknown'],
    ])
    expect(said('zh-Hans')[1]).toEqual(['收入类别为低收入或中低收入', 'unknown'])
    expect(said('en')).toEqual(traceRule(MEALS, { age: 70 }).map((one) => [one.sentence, one.verdict]))
  })

  it('holds the evidence: a verdict follows from the comparisons of its facts alone', () => {
    fc.assert(
      fc.property(rule, facts, (asked, known) => {
        const verdicts = traceRule(asked, known).map(({ verdict }) => verdict)
        if (evaluate(asked, known) === 'unknown') expect(verdicts).toContain('unknown')
      }),
    )
  })
})

describe('decidingFacts', () => {
  const old: Rule = { fact: 'age', op: 'gte', value: 65 }
  const alone: Rule = { fact: 'livesAlone', op: 'eq', value: true }

  it('names those from which the verdict comes', () => {
    const both: Rule = { all: [old, alone] }
    expect(decidingFacts(both, { age: 60, livesAlone: true })).toEqual(['age'])
    expect(decidingFacts(both, { livesAlone: true })).toEqual(['age'])
    expect(decidingFacts(both, {})).toEqual(['age', 'livesAlone'])
    expect(decidingFacts({ any: [old, alone] }, { age: 70 })).toEqual(['age'])
    expect(decidingFacts({ not: { any: [old, alone] } }, { age: 70, livesAlone: false })).toEqual(['age'])
    expect(decidingFacts({ all: [old, { not: old }] }, {})).toEqual(['age'])
  })

  it('names what the verdict hangs on: without them there is none, and of an unknown one they are absent', () => {
    fc.assert(
      fc.property(rule, facts, (asked, known) => {
        const deciding = decidingFacts(asked, known)
        const verdict = evaluate(asked, known)
        const rest = Object.fromEntries(
          Object.entries(known).filter(([name]) => !deciding.includes(name as FactName)),
        )
        if (verdict !== 'unknown') expect(evaluate(asked, rest)).not.toBe(verdict)
        else for (const name of deciding) expect(known[name]).toBeUndefined()
      }),
    )
  })
})

describe('RuleSchema', () => {
  it('takes every rule of the language', () => {
    fc.assert(
      fc.property(rule, (asked) => {
        expect(RuleSchema.parse(asked)).toEqual(asked)
      }),
    )
  })

  it.each([
    ['an unknown fact', { fact: 'name', op: 'eq', value: 'x' }],
    ['an operator that does not fit the fact', { fact: 'mobility', op: 'lt', value: 3 }],
    ['a value that does not fit the fact', { fact: 'age', op: 'gte', value: '65' }],
    ['two kinds at once', { all: [MEALS], not: MEALS }],
    ['no parts', { any: [] }],
    ['nine levels', nested(9)],
    ['a hundred thousand levels', nested(100_000)],
    ['too many parts', { all: Array.from({ length: 100 }, () => ({ fact: 'age', op: 'eq', value: 1 })) }],
    ['text that cannot be stored', { fact: 'mobility', op: 'eq', value: 'a\0b' }],
  ])('refuses %s', (_, input) => {
    expect(RuleSchema.safeParse(input).success).toBe(false)
  })

  it.each([
    ['an unknown fact', { fact: 'shoeSize', op: 'eq', value: 1 }, /^is no rule/],
    ['nine levels', nested(9), /^a rule is at most 8 levels deep/],
  ])('says what is wrong with %s', (_what, input, sentence) => {
    expect(OptionalRule.safeParse(input).error?.issues.map(({ message }) => message)).toEqual([
      expect.stringMatching(sentence),
    ])
    expect(OptionalRule.safeParse(null).success).toBe(true)
  })

  it('takes eight levels', () => {
    expect(RuleSchema.safeParse(nested(8)).success).toBe(true)
  })
})

function nested(levels: number): unknown {
  let rule: unknown = { fact: 'age', op: 'gte', value: 65 }
  for (let level = 1; level < levels; level++) rule = { not: rule }
  return rule
}
