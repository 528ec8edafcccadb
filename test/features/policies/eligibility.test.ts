import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  evaluate,
  type Facts,
  type Rule,
  RuleSchema,
  sentenceOf,
  traceRule,
} from '../../../src/features/policies/eligibility.ts'

const number = fc.integer({ min: 0, max: 8 })
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
    fact: fc.constantFrom('incomeClass' as const, 'mobility' as const),
    op: fc.constant('in' as const),
    value: fc.array(word, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    fact: fc.constant('livesAlone' as const),
    op: fc.constant('eq' as const),
    value: fc.boolean(),
  }),
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
})

describe('traceRule', () => {
  it('tells every comparison with its verdict', () => {
    expect(traceRule(MEALS, { age: 70, livesAlone: false })).toEqual([
      { fact: 'age', sentence: 'age is at least 65', verdict: 'pass' },
      { fact: 'incomeClass', sentence: 'income class is low or lower middle', verdict: 'unknown' },
      { fact: 'livesAlone', sentence: 'lives alone', verdict: 'fail' },
    ])
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

  it('takes eight levels', () => {
    expect(RuleSchema.safeParse(nested(8)).success).toBe(true)
  })
})

function nested(levels: number): unknown {
  let rule: unknown = { fact: 'age', op: 'gte', value: 65 }
  for (let level = 1; level < levels; level++) rule = { not: rule }
  return rule
}
