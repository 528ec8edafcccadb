/**
 * From what is found to what the API answers. The sentences of a rule and the recurrences of hours take most of an
 * answer's time, and the index holds one object for all rules and hours that are equal: they are told once.
 */
import { toOffering } from '../catalog/wire-rows.ts'
import type { FoundOffering } from './schemas.ts'
import type { FoundRow } from './search-offerings.ts'

type Sentences = FoundOffering['eligibilitySentences']
type Recurrences = FoundOffering['recurrences']

const sentencesOf = new WeakMap<object, Sentences>()
/** Hours → quarter of an hour of publication → recurrences. */
const recurrencesOf = new WeakMap<object, Map<number, Recurrences>>()

/** Every time zone's date is the same for a quarter of an hour: recurrences begin on the day of publication. */
const QUARTER_MS = 15 * 60_000
/** Days of publication per object of hours; more are forgotten. */
const MOST_BEGINNINGS = 200

export function toFoundOffering({ walkingMinutes, ...row }: FoundRow): FoundOffering {
  const { eligibility, hours, createdAt } = row
  const beginnings = hours && beginningsOf(hours)
  const quarter = Math.floor(createdAt.getTime() / QUARTER_MS)
  const sentences = eligibility && sentencesOf.get(eligibility)
  const recurrences = beginnings?.get(quarter)
  const isTold = (!eligibility || sentences) && (!hours || recurrences)
  if (isTold) {
    const plain = toOffering({ ...row, eligibility: null, hours: null })
    const told = { eligibilitySentences: sentences ?? null, recurrences: recurrences ?? [] }
    return { ...plain, eligibility, hours, ...told, walkingMinutes }
  }
  const wire = toOffering(row)
  if (eligibility) sentencesOf.set(eligibility, wire.eligibilitySentences)
  beginnings?.set(quarter, wire.recurrences)
  return { ...wire, walkingMinutes }
}

function beginningsOf(hours: object): Map<number, Recurrences> {
  const known = recurrencesOf.get(hours)
  if (known && known.size < MOST_BEGINNINGS) return known
  const beginnings = new Map<number, Recurrences>()
  recurrencesOf.set(hours, beginnings)
  return beginnings
}
