/** Which events somebody asked for. */
import { EVENT_TYPES, type EventFilter } from './event-types.ts'

/** Whether a type is among those asked for; none asked for = all. `referral.*` asks for all of that object. */
export function matchesTypes(filters: readonly string[], type: string): boolean {
  return (
    filters.length === 0 ||
    filters.some(
      (filter) => filter === type || (filter.endsWith('.*') && type.startsWith(filter.slice(0, -1))),
    )
  )
}

/** Everything that can be asked for: every type, and every object's types together. */
export const EVENT_FILTERS: readonly EventFilter[] = [
  ...new Set(EVENT_TYPES.map((type) => `${type.slice(0, type.indexOf('.'))}.*` as EventFilter)),
  ...EVENT_TYPES,
]
