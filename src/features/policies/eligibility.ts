/**
 * Eligibility rules as data: all/any/not over comparisons of typed facts, in Kleene's three-valued
 * logic, so that a fact nobody told us makes an answer `unknown`, never silently false.
 */
import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'
import { RULE_WORDS, type RuleLanguage, type RuleWords } from './rule-words.ts'

/** Facts a rule may ask about. A fact without consent is absent, hence `unknown`. */
export interface Facts {
  age?: number
  careLevel?: number
  incomeClass?: string
  mobility?: string
  livesAlone?: boolean
}

export type FactName = keyof Facts

export type Comparison =
  | { fact: FactName; op: 'eq' | 'ne'; value: string | number | boolean }
  | { fact: FactName; op: 'lt' | 'lte' | 'gt' | 'gte'; value: number }
  | { fact: FactName; op: 'in'; value: (string | number)[] }

export type Rule = Comparison | { all: Rule[] } | { any: Rule[] } | { not: Rule }

export type Verdict = 'pass' | 'fail' | 'unknown'

/** One comparison of a rule and what came of it. */
export interface TracedComparison {
  fact: FactName
  sentence: string
  verdict: Verdict
}

const DEEPEST = 8
const MOST_PARTS = 100

const Numeric = z.number().min(-1_000_000).max(1_000_000)
const Word = Text(100)
const NumericFact = z.enum(['age', 'careLevel'])
const WordFact = z.enum(['incomeClass', 'mobility'])

const ComparisonSchema = z.union([
  z.strictObject({ fact: NumericFact, op: z.enum(['eq', 'ne', 'lt', 'lte', 'gt', 'gte']), value: Numeric }),
  z.strictObject({ fact: NumericFact, op: z.literal('in'), value: z.array(Numeric).min(1).max(50) }),
  z.strictObject({ fact: WordFact, op: z.enum(['eq', 'ne']), value: Word }),
  z.strictObject({ fact: WordFact, op: z.literal('in'), value: z.array(Word).min(1).max(50) }),
  z.strictObject({ fact: z.literal('livesAlone'), op: z.enum(['eq', 'ne']), value: z.boolean() }),
])

const RuleNode: z.ZodType<Rule, Rule> = z
  .lazy(() =>
    z.union(
      [
        ComparisonSchema,
        z.strictObject({ all: z.array(RuleNode).min(1) }),
        z.strictObject({ any: z.array(RuleNode).min(1) }),
        z.strictObject({ not: RuleNode }),
      ],
      'is no rule: neither a comparison that fits its fact, nor all, any or not of rules',
    ),
  )
  .openapi('Rule', {
    description: `A comparison of a fact, or all, any or not of rules; ${DEEPEST} levels at most`,
    example: { all: [{ fact: 'age', op: 'gte', value: 65 }] },
  })

/**
 * A rule from outside: facts only with comparisons that fit them, bounded in depth and size. Measured before it is
 * parsed, so that deep nesting is a refusal and not an exhausted stack.
 */
export const RuleSchema = z.preprocess((rule, issues) => {
  if (!isBounded(rule)) {
    const message = `a rule is at most ${DEEPEST} levels deep and has at most ${MOST_PARTS} parts`
    issues.addIssue({ code: 'custom', message })
  }
  return rule
}, RuleNode) as unknown as z.ZodType<Rule, Rule>

/** A rule, or null = open to everybody. A union, because `.nullable()` of a named schema is lost in the document. */
export const OptionalRule = z.union([RuleSchema, z.null()], { error: whatIsWrongWithTheRule })

/** Of the union's two complaints, the one about the rule: that it is not null either helps nobody. */
function whatIsWrongWithTheRule(issue: { errors?: { message: string }[][] }): string | undefined {
  return issue.errors?.[0]?.[0]?.message
}

/** What the facts say about the rule; `unknown` where a fact that would decide is absent. */
export function evaluate(rule: Rule, facts: Facts): Verdict {
  if ('all' in rule) return conjunction(rule.all.map((part) => evaluate(part, facts)))
  if ('any' in rule) return negation(conjunction(rule.any.map((part) => negation(evaluate(part, facts)))))
  if ('not' in rule) return negation(evaluate(rule.not, facts))
  return compare(rule, facts)
}

/** The verdict on every comparison of the rule, in the order written: the evidence of an explanation. */
export function traceRule(rule: Rule, facts: Facts, language: RuleLanguage = 'en'): TracedComparison[] {
  if ('all' in rule) return rule.all.flatMap((part) => traceRule(part, facts, language))
  if ('any' in rule) return rule.any.flatMap((part) => traceRule(part, facts, language))
  if ('not' in rule) return traceRule(rule.not, facts, language)
  return [{ fact: rule.fact, sentence: phraseOf(rule, RULE_WORDS[language]), verdict: compare(rule, facts) }]
}

/**
 * The facts from which the verdict comes, each once: of an `all` that fails, those of its failing parts; of one that is
 * unknown, those of its unknown parts.
 */
export function decidingFacts(rule: Rule, facts: Facts): FactName[] {
  if ('fact' in rule) return [rule.fact]
  if ('not' in rule) return decidingFacts(rule.not, facts)
  const parts = 'all' in rule ? rule.all : rule.any
  const verdict = evaluate(rule, facts)
  const deciding = parts.filter((part) => evaluate(part, facts) === verdict)
  return [...new Set(deciding.flatMap((part) => decidingFacts(part, facts)))]
}

/** The rule as one plain sentence. */
export function sentenceOf(rule: Rule, language: RuleLanguage = 'en'): string {
  const words: RuleWords = RULE_WORDS[language]
  const phrase = phraseOf(rule, words)
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}${words.stop}`
}

function conjunction(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail'
  return verdicts.includes('unknown') ? 'unknown' : 'pass'
}

function negation(verdict: Verdict): Verdict {
  if (verdict === 'unknown') return 'unknown'
  return verdict === 'pass' ? 'fail' : 'pass'
}

function compare(comparison: Comparison, facts: Facts): Verdict {
  const fact = facts[comparison.fact]
  if (fact === undefined) return 'unknown'
  return holds(comparison, fact) ? 'pass' : 'fail'
}

function holds(comparison: Comparison, fact: string | number | boolean): boolean {
  if (comparison.op === 'eq') return fact === comparison.value
  if (comparison.op === 'ne') return fact !== comparison.value
  if (comparison.op === 'in') return (comparison.value as readonly unknown[]).includes(fact)
  return typeof fact === 'number' && IN_ORDER[comparison.op](fact, Number(comparison.value))
}

const IN_ORDER = {
  lt: (fact: number, value: number) => fact < value,
  lte: (fact: number, value: number) => fact <= value,
  gt: (fact: number, value: number) => fact > value,
  gte: (fact: number, value: number) => fact >= value,
}

function phraseOf(rule: Rule, words: RuleWords): string {
  if ('all' in rule) return rule.all.map((part) => partPhraseOf(part, words)).join(words.and)
  if ('any' in rule) return rule.any.map((part) => partPhraseOf(part, words)).join(words.or)
  if ('not' in rule) return around(words.not, phraseOf(rule.not, words))
  if (rule.fact === 'livesAlone') {
    return (rule.op === 'eq') === (rule.value === true) ? words.livesAlone : words.livesWithOthers
  }
  const values = (Array.isArray(rule.value) ? rule.value : [rule.value])
    .map((value) => wordOf(value, words))
    .join(words.or)
  return [words.facts[rule.fact], words.ops[rule.op], values].join(words.space)
}

/** Brackets only where `and` and `or` meet. */
function partPhraseOf(part: Rule, words: RuleWords): string {
  const phrase = phraseOf(part, words)
  return 'all' in part || 'any' in part ? around(words.brackets, phrase) : phrase
}

/** A function, because `$` in a replacement text would be read as a pattern. */
function around(frame: string, phrase: string): string {
  return frame.replace('…', () => phrase)
}

function wordOf(value: string | number | boolean, { values }: RuleWords): string {
  const word = String(value)
  return Object.hasOwn(values, word) ? values[word]! : word.replaceAll('_', ' ')
}

/** Walks level by level, and stops at the first level too many. */
function isBounded(rule: unknown): boolean {
  let level = [rule]
  let parts = 0
  for (let depth = 1; level.length > 0; depth++) {
    parts += level.length
    if (depth > DEEPEST || parts > MOST_PARTS) return false
    level = level.flatMap(partsOf)
  }
  return true
}

function partsOf(rule: unknown): unknown[] {
  if (typeof rule !== 'object' || rule === null) return []
  const { all, any, not } = rule as { all?: unknown; any?: unknown; not?: unknown }
  return [all, any]
    .flatMap((parts) => (Array.isArray(parts) ? parts : []))
    .concat(not === undefined ? [] : [not])
}
