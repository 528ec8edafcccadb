/** From a question to what the index is asked: conditions on columns, folded words, who walks how fast. */
import { localTime } from '../../platform/time-zone.ts'
import { mayLocate } from '../catalog/confidential.ts'
import { openAtLocal } from '../catalog/hours.ts'
import { evaluate, type Facts } from '../policies/eligibility.ts'
import type { PolicyDocument } from '../policies/schemas.ts'
import type { Filter, Near, Wanted } from './candidates.ts'
import type { IndexRow } from './index-row.ts'
import type { SearchQuestion } from './schemas.ts'
import type { CodedName } from './segment.ts'
import { wordsOf } from './text-tokens.ts'

/** What a question is answered with besides the question. */
export interface Asked {
  actor: { role: string; organizationId: string }
  /** Whether the actor sees this organization's offerings. */
  mayFind(organizationId: string): boolean
  /** The area asked for and all in it; null where none was. */
  areaIds: ReadonlySet<string> | null
  /** Null where no point was given. */
  reach: PolicyDocument['reach'] | null
}

export function wantedBy(question: SearchQuestion, asked: Asked): Wanted {
  return {
    filters: [
      ...EQUAL.flatMap((column) => equal(column, question[column])),
      filter('organizationId', asked.mayFind),
      ...rest(question, asked),
    ],
    maxPrice: question.maxPrice ?? null,
    words: question.q ? wordsOf(question.q) : [],
    near: asked.reach ? nearOf(question, asked.reach) : null,
  }
}

const EQUAL = [
  'category',
  'term',
  'tier',
  'mode',
  'sector',
  'organizationId',
  'state',
  'priceType',
] as const satisfies (CodedName & keyof SearchQuestion)[]

function equal(column: CodedName, wanted: string | undefined): Filter[] {
  return wanted === undefined ? [] : [{ column, allows: (value) => value === wanted }]
}

/** A condition whose values have the type of their column. */
function filter<Name extends CodedName>(column: Name, allows: (value: IndexRow[Name]) => boolean): Filter {
  return { column, allows: allows as Filter['allows'] }
}

function rest(question: SearchQuestion, { actor, areaIds }: Asked): Filter[] {
  const { language, openAt, near } = question
  const facts = factsOf(question)
  return [
    // What is suspended is found by those who ask for it only.
    ...(question.state ? [] : [filter('state', (state) => state !== 'suspended')]),
    ...(areaIds ? [filter('areaId', (id) => id !== null && areaIds.has(id))] : []),
    ...(language ? [filter('languages', (spoken) => spoken.some((one) => isKindOf(one, language)))] : []),
    ...(openAt ? [openFilter(new Date(openAt))] : []),
    ...(facts ? [eligibilityFilter(facts, question.includeUnknown)] : []),
    // How far a confidential place is must not be told by what is found, and in which order.
    ...(near ? [filter('keptBy', (keeper) => keeper === null || mayLocate(actor, kept(keeper)))] : []),
  ]
}

function kept(organizationId: string) {
  return { organizationId, visibility: 'confidential', addressOf: 'station' } as const
}

/** RFC 4647, basic filtering: a tag and its subtags. */
function isKindOf(tag: string, range: string): boolean {
  return `${tag.toLowerCase()}-`.startsWith(`${range.toLowerCase()}-`)
}

/** Reads the wall clock of each time zone once. */
function openFilter(instant: Date): Filter {
  const clocks = new Map<string, ReturnType<typeof localTime>>()
  return filter('hours', (hours) => {
    if (!hours) return false
    const clock = clocks.get(hours.timeZone) ?? localTime(hours.timeZone, instant)
    clocks.set(hours.timeZone, clock)
    return openAtLocal(hours, clock)
  })
}

/** Null where the question gives none: then nobody's eligibility is asked for. */
function factsOf({ age, careLevel, incomeClass, mobility, livesAlone }: SearchQuestion): Facts | null {
  const given = Object.entries({ age, careLevel, incomeClass, mobility, livesAlone })
  const facts = given.filter(([, value]) => value !== undefined)
  return facts.length === 0 ? null : Object.fromEntries(facts)
}

function eligibilityFilter(facts: Facts, includeUnknown: boolean): Filter {
  return filter('eligibility', (rule) => {
    const verdict = rule === null ? 'pass' : evaluate(rule, facts)
    return verdict === 'pass' || (verdict === 'unknown' && includeUnknown)
  })
}

function nearOf({ near, minutes, mobility }: SearchQuestion, reach: PolicyDocument['reach']): Near {
  const { metersPerSecond, detourFactor } = reach
  return {
    center: near!,
    minutes: minutes!,
    detourFactor,
    metersPerSecond: {
      onsite: metersPerSecond[mobility ?? 'independent'],
      home: metersPerSecond.independent,
    },
  }
}
