/** One record told in several places of a feed, such as a location that two files of a city list. */
import { canonicalJson } from '../../platform/audit/canonical-json.ts'
import type { DirectoryRecord, JsonValue } from '../directory/record.ts'
import type { Flaw, Place } from './feed-item.ts'
import { shown } from './json/json-values.ts'

export interface Sighting {
  record: DirectoryRecord
  place: Place
}

/**
 * Unites what the sightings say. Where they contradict each other the first one holds, and each later value is a kept
 * flaw.
 * @param sightings of one kind and id, in order of appearance.
 */
export function uniteSightings(sightings: readonly Sighting[]): { record: DirectoryRecord; flaws: Flaw[] } {
  const first = sightings[0]!
  const fields: Record<string, JsonValue> = { ...first.record.fields }
  const flaws: Flaw[] = []
  for (const { record, place } of sightings.slice(1)) {
    for (const [field, value] of Object.entries(record.fields)) {
      const known = Object.hasOwn(fields, field) ? fields[field] : undefined
      if (known === undefined) fields[field] = value
      else if (canonicalJson(known) !== canonicalJson(value)) {
        const reason = `differs from ${first.place.file}, line ${first.place.line}, which holds: dropped`
        flaws.push({ place, field, reason, value: shown(value), outcome: 'kept' })
      }
    }
  }
  return { record: { ...first.record, fields }, flaws }
}
