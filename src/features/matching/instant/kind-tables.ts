/**
 * Offerings by the kind of need they serve, each kind by place, out of the segments of the search index. A kind is put
 * together when somebody asks for it, and again only when one of its own offerings has changed.
 */
import type { Point } from '../../communities/schemas.ts'
import type { PolicyDocument } from '../../policies/schemas.ts'
import type { Segment } from '../../search/segment.ts'
import { kindOf } from '../options.ts'
import { createReachable, type ReachableOfferings } from '../reachable-offerings.ts'
import type { SnapshotNeed, SnapshotOffering } from '../snapshot.ts'

/** An offering as matching sees it, and what an answer tells of it. */
export type InstantOffering = SnapshotOffering & {
  name: string
  /** The organization that a confidential place is kept by; null = a place that anybody may find. */
  keptBy: string | null
}

/** What of an offering stays the same while its accounts change; as if there were no end to what it has left. */
export type StandingOffering = InstantOffering

/** The offering with what its accounts hold: field by field, because copying the rest of an object takes longer. */
export function withAccounts(
  standing: StandingOffering,
  { capacity, staffTime }: Pick<SnapshotOffering, 'capacity' | 'staffTime'>,
): InstantOffering {
  return {
    id: standing.id,
    organizationId: standing.organizationId,
    sector: standing.sector,
    category: standing.category,
    term: standing.term,
    tier: standing.tier,
    mode: standing.mode,
    point: standing.point,
    serviceAreaIds: standing.serviceAreaIds,
    price: standing.price,
    unit: standing.unit,
    staffMinutesPerUnit: standing.staffMinutesPerUnit,
    languages: standing.languages,
    caregiverGenders: standing.caregiverGenders,
    hours: standing.hours,
    eligibility: standing.eligibility,
    capacity,
    staffTime,
    name: standing.name,
    keptBy: standing.keptBy,
  }
}

const ENDLESS = { accountId: '', available: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER }

export type Kind = ReachableOfferings<StandingOffering>

export interface KindTables {
  /** The published offerings of the need's kind, in order of id. */
  kindFor(
    segments: readonly Segment[],
    policy: PolicyDocument,
    need: Pick<SnapshotNeed, 'category' | 'term'>,
  ): Kind
}

interface Built {
  segments: readonly Segment[]
  policy: PolicyDocument
  /** Equal as long as the kind's offerings are. */
  mark: readonly unknown[]
  kind: Kind
}

export function createKindTables(): KindTables {
  const known = new Map<string, Built>()
  return {
    kindFor(segments, policy, need) {
      const name = kindOf(need)
      const built = known.get(name)
      if (built && built.segments === segments && built.policy === policy) return built.kind
      const mark = markOf(segments, name)
      if (built && built.policy === policy && isSame(built.mark, mark)) {
        built.segments = segments
        return built.kind
      }
      const kind = createReachable(policy, inOrder(segments, name))
      known.set(name, { segments, policy, mark, kind })
      return kind
    },
  }
}

/** Segments so small are built again with every change, mostly of the same rows. */
const SMALL = 500

/** Rows of a segment only ever go, so as many of the same segment are the same; those of a small one are told singly. */
function markOf(segments: readonly Segment[], name: string): unknown[] {
  const mark: unknown[] = []
  for (const segment of segments) {
    const { ids, shown, size } = segment
    const slots = liveSlots(segment, name)
    if (slots.length === 0) continue
    if (size > SMALL) mark.push(ids, slots.length)
    else for (const slot of slots) mark.push(shown[slot])
  }
  return mark
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, at) => part === other[at])
}

function inOrder(segments: readonly Segment[], name: string): StandingOffering[] {
  const offerings: StandingOffering[] = []
  let parts = 0
  for (const segment of segments) {
    const slots = liveSlots(segment, name)
    for (const slot of slots) offerings.push(standing(segment, slot))
    parts += slots.length > 0 ? 1 : 0
  }
  return parts > 1 ? offerings.sort((one, other) => (one.id < other.id ? -1 : 1)) : offerings
}

function liveSlots(segment: Segment, name: string): Uint32Array {
  const slots = slotsByKind(segment).get(name)
  if (!slots) return NONE
  return segment.goneCount === 0 ? slots : slots.filter((slot) => segment.gone[slot] === 0)
}

const NONE = new Uint32Array()

/** By what never changes of a segment: one that has lost rows shares it. */
const grouped = new WeakMap<readonly string[], Map<string, Uint32Array>>()

function slotsByKind({ ids, size, coded }: Segment): Map<string, Uint32Array> {
  const known = grouped.get(ids)
  if (known) return known
  const { category, term, state } = coded
  const lists = new Map<number, number[]>()
  for (let slot = 0; slot < size; slot++) {
    if (state.values[state.codes[slot]!] !== 'published') continue
    const code = category.codes[slot]! * term.values.length + term.codes[slot]!
    const list = lists.get(code)
    if (list) list.push(slot)
    else lists.set(code, [slot])
  }
  const groups = new Map<string, Uint32Array>()
  for (const [code, slots] of lists) {
    const one = {
      category: category.values[Math.floor(code / term.values.length)]!,
      term: term.values[code % term.values.length]!,
    }
    groups.set(kindOf(one), Uint32Array.from(slots))
  }
  grouped.set(ids, groups)
  return groups
}

/** What is shown of an offering is one object as long as nothing of it changes. */
const standings = new WeakMap<object, StandingOffering>()

function standing({ shown, coded, latitudes, longitudes }: Segment, slot: number): StandingOffering {
  const one = shown[slot]!
  const known = standings.get(one)
  if (known) return known
  const [latitude, longitude] = [latitudes[slot]!, longitudes[slot]!]
  const point: Point | null =
    Number.isNaN(latitude) || Number.isNaN(longitude) ? null : { latitude, longitude }
  const offering: StandingOffering = {
    id: one.id,
    organizationId: one.organizationId,
    sector: coded.sector.values[coded.sector.codes[slot]!] as SnapshotOffering['sector'],
    category: one.category,
    term: one.term,
    tier: one.tier,
    mode: one.mode,
    point,
    serviceAreaIds: one.serviceAreaIds,
    price: one.price,
    unit: one.unit,
    staffMinutesPerUnit: one.staffMinutesPerUnit,
    languages: one.languages,
    caregiverGenders: one.caregiverGenders,
    hours: one.hours,
    eligibility: one.eligibility,
    capacity: ENDLESS,
    staffTime: null,
    name: one.name,
    keptBy: coded.keptBy.values[coded.keptBy.codes[slot]!] as string | null,
  }
  standings.set(one, offering)
  return offering
}
