/** Records that several rows of a feed name, such as the one location of two lists. */
import { straightMeters } from '../../communities/reach.ts'
import type { Flaw, RawRecord } from '../feed-item.ts'
import { detached } from '../tabular/text-key.ts'
import { requiredFields } from './column-map-row.ts'

/** Two points of one address farther apart than this are a contradiction, nearer ones two ways to measure. */
const FAR_METERS = 100

interface Told {
  names: Set<string>
  point: { latitude: number; longitude: number } | null
}

/** Told when first seen, and again only with fields that were blank before: what is told first holds. */
export class SharedRecords {
  readonly #told = new Map<string, Told>()

  /** The record, what of it is new, or null; and a flaw if it lies elsewhere than it was told before. */
  news(record: RawRecord): { record: RawRecord | null; flaw: Flaw | null } {
    const key = `${record.kind} ${record.sourceId}`
    const told = this.#told.get(key)
    const names = [...Object.keys(record.fields), ...Object.keys(record.links)]
    const point = pointOf(record)
    if (told === undefined) {
      this.#told.set(detached(key), { names: new Set(names), point })
      return { record, flaw: null }
    }
    const flaw = contradiction(record, told.point, point)
    told.point ??= point
    const fresh = names.filter((name) => !told.names.has(name))
    if (fresh.length === 0) return { record: null, flaw }
    for (const name of fresh) told.names.add(name)
    return { record: only(record, new Set([...fresh, ...requiredFields(record.kind)])), flaw }
  }
}

function only(record: RawRecord, wanted: ReadonlySet<string>): RawRecord {
  const of = <T>(all: Record<string, T>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has(name)))
  return { ...record, fields: of(record.fields), links: of(record.links) }
}

function pointOf({ kind, fields: { latitude, longitude } }: RawRecord): Told['point'] {
  if (kind !== 'location' || typeof latitude !== 'number' || typeof longitude !== 'number') return null
  return { latitude, longitude }
}

function contradiction(record: RawRecord, before: Told['point'], now: Told['point']): Flaw | null {
  const meters = before === null || now === null ? 0 : Math.round(straightMeters(before, now))
  if (meters <= FAR_METERS) return null
  return {
    place: record.place,
    field: 'latitude',
    reason: `an earlier row places the same location ${meters} m away, which holds`,
    value: `${now!.latitude}, ${now!.longitude}`,
    outcome: 'kept',
  }
}
