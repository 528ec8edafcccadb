/**
 * Eligibility rules as data: all/any/not over comparisons of typed facts, in Kleene's three-valued
 * logic, so that a fact nobody told us makes an answer `unknown`, never silently false.
 */
import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'

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
export const OptionalRule = z.union([RuleSchema, z.null()])

/** What the facts say about the rule; `unknown` where a fact that would decide is absent. */
export function evaluate(rule: Rule, facts: Facts): Verdict {
  if ('all' in rule) return conjunction(rule.all.map((part) => evaluate(part, facts)))
  if ('any' in rule) return negation(conjunction(rule.any.map((part) => negation(evaluate(part, facts)))))
  if ('not' in rule) return negation(evaluate(rule.not, facts))
  return compare(rule, facts)
}

/** The verdict on every comparison of the rule, in the order written: the evidence of an explanation. */
export function traceRule(rule: Rule, facts: Facts): TracedComparison[] {
  if ('all' in rule) return rule.all.flatMap((part) => traceRule(part, facts))
  if ('any' in rule) return rule.any.flatMap((part) => traceRule(part, facts))
  if ('not' in rule) return traceRule(rule.not, facts)
  return [{ fact: rule.fact, sentence: phraseOf(rule), verdict: compare(rule, facts) }]
}

/** The rule in plain English. */
export function sentenceOf(rule: Rule): string {
  const phrase = phraseOf(rule)
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`
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

const FACT_PHRASES: Record<FactName, string> = {
  age: 'age',
  careLevel: 'care level',
  incomeClass: 'income class',
  mobility: 'mobility',
  livesAlone: 'living alone',
}

const OP_PHRASES = {
  eq: 'is',
  ne: 'is not',
  lt: 'is less than',
  lte: 'is at most',
  gt: 'is more than',
  gte: 'is at least',
  in: 'is',
} as const

function phraseOf(rule: Rule): string {
  if ('all' in rule) return rule.all.map(partPhraseOf).join(' and ')
  if ('any' in rule) return rule.any.map(partPhraseOf).join(' or ')
  if ('not' in rule) return `not (${phraseOf(rule.not)})`
  if (rule.fact === 'livesAlone') {
    return (rule.op === 'eq') === (rule.value === true) ? 'lives alone' : 'does not live alone'
  }
  const values = (Array.isArray(rule.value) ? rule.value : [rule.value]).map(wordsOf).join(' or ')
  return `${FACT_PHRASES[rule.fact]} ${OP_PHRASES[rule.op]} ${values}`
}

/** Brackets only where `and` and `or` meet. */
function partPhraseOf(part: Rule): string {
  return 'all' in part || 'any' in part ? `(${phraseOf(part)})` : phraseOf(part)
}

function wordsOf(value: string | number | boolean): string {
  return String(value).replaceAll('_', ' ')
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
