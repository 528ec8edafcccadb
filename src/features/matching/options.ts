/** Who may be served by what, paid by whom: the options of one need, and why the rest is none. */
import { walkingMinutes } from '../communities/reach.ts'
import { evaluate } from '../policies/eligibility.ts'
import type { PolicyDocument } from '../policies/schemas.ts'
import { splitPrice } from '../programs/subsidy.ts'
import { hoursConflict } from './hours-fit.ts'
import {
  createReachable,
  type Located,
  type ReachableOfferings,
  type Wider,
  walkFor,
} from './reachable-offerings.ts'
import type { UnmetReason, UtilityParts } from './schemas.ts'
import type {
  Snapshot,
  SnapshotNeed,
  SnapshotOffering,
  SnapshotProgram,
  SnapshotResident,
} from './snapshot.ts'
import { totalOf, utilityParts } from './utility.ts'

export interface Option {
  offering: SnapshotOffering
  /** Null = the resident pays alone. */
  program: SnapshotProgram | null
  price: number
  subsidy: number
  copayment: number
  walkingMinutes: number | null
  utility: number
  parts: UtilityParts
}

export interface NeedOptions {
  options: Option[]
  /** Offerings of the wanted kind that are no option, counted by reason. */
  ruledOut: Partial<Record<UnmetReason, number>>
}

/** What one need's options depend on besides the offerings: the same in a run and at once. */
export type Market = Pick<Snapshot, 'policy' | 'parents' | 'programs' | 'drawn' | 'today'>

/** Answers "what could serve this need?" over one snapshot. */
export interface OptionFinder {
  optionsOf(need: SnapshotNeed, resident: SnapshotResident): NeedOptions
  /** Offerings of the wanted kind within reach, or within a wider one, and some beyond; in the snapshot's order. */
  candidatesOf(need: SnapshotNeed, resident: SnapshotResident, wider?: Wider): SnapshotOffering[]
}

/** Indexes the snapshot's offerings by the kind of need they serve. */
export function createOptionFinder(snapshot: Snapshot): OptionFinder {
  const reachable = reachableByKind(snapshot.policy, snapshot.offerings)
  const candidatesOf: OptionFinder['candidatesOf'] = (need, resident, wider) => {
    const areas = withAncestors(snapshot.parents, resident.areaId)
    return reachable.get(kindOf(need))?.for(need, resident, areas, wider) ?? []
  }
  return {
    candidatesOf,
    optionsOf(need, resident) {
      const kind = reachable.get(kindOf(need))
      if (!kind) return { options: [], ruledOut: { no_offering: 1 } }
      const candidates = candidatesOf(need, resident)
      return optionsAmong(snapshot, need, resident, candidates, kind.count - candidates.length)
    },
  }
}

/**
 * The options among offerings of the wanted kind.
 * @param outOfSight how many more of the kind there are, all of them out of reach.
 */
export function optionsAmong(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  candidates: readonly SnapshotOffering[],
  outOfSight: number,
): NeedOptions {
  const found: NeedOptions = { options: [], ruledOut: {} }
  const asking = askingOf(market, need, resident)
  for (const offering of candidates) consider(asking, offering, found)
  if (outOfSight > 0) found.ruledOut.out_of_reach = (found.ruledOut.out_of_reach ?? 0) + outOfSight
  found.options = best(found.options, market.policy.optionsPerNeed)
  return found
}

/** A need as every offering is held against it. */
export interface Asking {
  market: Market
  need: SnapshotNeed
  resident: SnapshotResident
  /** The resident's area and those it lies in. */
  areas: ReadonlySet<string>
  /** Programs that would pay for it, funds and caps aside. */
  programs: SnapshotProgram[]
  /** The lists of refusals that the need has. */
  refusing: (typeof REFUSALS)[number][]
}

export function askingOf(market: Market, need: SnapshotNeed, resident: SnapshotResident): Asking {
  const areas = withAncestors(market.parents, resident.areaId)
  const programs = market.programs.filter((program) => pays(program, need, resident, areas))
  const refusing = REFUSALS.filter((list) => need.refusals[list] !== undefined)
  return { market, need, resident, areas, programs, refusing }
}

/** What a need asks for and an offering is: only the same kind can serve it. */
export function kindOf({ category, term }: Pick<SnapshotNeed, 'category' | 'term'>): string {
  return `${category} ${term}`
}

/** Indexes offerings by kind, each kind by place. */
export function reachableByKind<Offering extends Located & Pick<SnapshotNeed, 'category' | 'term'>>(
  policy: PolicyDocument,
  offerings: readonly Offering[],
): Map<string, ReachableOfferings<Offering>> {
  const byKind = new Map<string, Offering[]>()
  for (const offering of offerings) {
    const kind = kindOf(offering)
    const same = byKind.get(kind)
    if (same) same.push(offering)
    else byKind.set(kind, [offering])
  }
  return new Map([...byKind].map(([kind, same]) => [kind, createReachable(policy, same)]))
}

function consider(asking: Asking, offering: SnapshotOffering, found: NeedOptions): void {
  const way = wayTo(asking, offering)
  const reason = typeof way === 'string' ? way : whyNot(asking, offering)
  const plans = reason ?? payerPlans(asking, offering)
  if (typeof plans === 'string') {
    found.ruledOut[plans] = (found.ruledOut[plans] ?? 0) + 1
    return
  }
  const { market, need, resident } = asking
  const { minutes, edge } = way as Way
  const { language, caregiverGender, sector, keepProvider } = need.preferences
  const spoken = language === undefined ? resident.languages : [language]
  const input = {
    needTier: need.tier,
    offeringTier: offering.tier,
    waitingDays: need.waitingDays,
    careLevel: resident.facts.careLevel,
    // Of the policy's reach, not of what this need accepts: who accepts a longer walk values the short one no higher.
    walkedShare: minutes === null ? null : Math.min(1, minutes / edge),
    speaksLanguage: offering.languages.some((one) => spoken.includes(one)),
    prefersGender: caregiverGender !== undefined && offering.caregiverGenders.includes(caregiverGender),
    prefersSector: sector !== undefined && offering.sector === sector,
    keepsProvider: keepProvider === true && need.lastProviderId === offering.organizationId,
    ownShare: 0,
  }
  for (const plan of plans) {
    const { program, price, subsidy, copayment } = plan
    input.ownShare = price === 0 ? 0 : copayment / price
    const parts = utilityParts(market.policy, input)
    const utility = totalOf(parts)
    found.options.push({
      offering,
      program,
      price,
      subsidy,
      copayment,
      walkingMinutes: minutes,
      utility,
      parts,
    })
  }
}

/** Null minutes where distance plays no part; `edge` is the policy's reach. */
interface Way {
  minutes: number | null
  edge: number
}

/** How far it is, or why distance rules it out: the first check, because indexes answer it without the others. */
export function wayTo(
  { market, need, resident, areas }: Asking,
  offering: SnapshotOffering,
): Way | 'consent_missing' | 'data_incomplete' | 'out_of_reach' {
  // A provider that names its areas fetches people, or is worth the way: nobody walks to a care home.
  if (offering.serviceAreaIds.length > 0) {
    return offering.serviceAreaIds.some((id) => areas.has(id)) ? NO_WAY : 'out_of_reach'
  }
  if (offering.mode === 'remote') return NO_WAY
  if (!resident.point) return 'consent_missing'
  if (!offering.point) return 'data_incomplete'
  const { metersPerSecond, most } = walkFor(market.policy, need, resident, offering.mode)
  const { detourFactor } = market.policy.reach
  const minutes = walkingMinutes(resident.point, offering.point, { metersPerSecond, detourFactor })
  const { onsiteMinutes, homeMinutes } = market.policy.reach
  const edge = offering.mode === 'home' ? homeMinutes : onsiteMinutes
  return minutes > most ? 'out_of_reach' : { minutes, edge }
}

const NO_WAY: Way = { minutes: null, edge: 0 }

/** Says why an offering within reach cannot serve the need, or null. */
type Check = (asking: Asking, offering: SnapshotOffering) => UnmetReason | null

/** The checks between the way and the payment, in order: the first that fails is the reason that is counted. */
export const CHECKS = {
  unit: ({ need }, offering) => (need.unit !== null && need.unit !== offering.unit ? 'unit_mismatch' : null),
  eligibility({ resident }, { eligibility }) {
    if (!eligibility) return null
    const verdict = evaluate(eligibility, resident.facts)
    if (verdict === 'fail') return 'no_eligible_offering'
    return verdict === 'unknown' ? 'data_incomplete' : null
  },
  refusals: ({ need, refusing }, offering) =>
    refusing.some((list) => isRefused(need, offering, list)) ? 'preference_conflict' : null,
  hours: ({ market, need }, offering) =>
    hoursConflict(need, offering, market.today) ? 'schedule_conflict' : null,
  places: ({ need }, { capacity }) => (capacity.available < need.quantity ? 'no_capacity' : null),
  staff({ need }, { staffTime, staffMinutesPerUnit }) {
    return staffTime && staffTime.available < need.quantity * staffMinutesPerUnit ? 'no_capacity' : null
  },
} satisfies Record<string, Check>

const IN_ORDER: readonly Check[] = Object.values(CHECKS)

function whyNot(asking: Asking, offering: SnapshotOffering): UnmetReason | null {
  for (const check of IN_ORDER) {
    const reason = check(asking, offering)
    if (reason) return reason
  }
  return null
}

const REFUSALS = ['organizationIds', 'offeringIds', 'sectors', 'caregiverGenders'] as const

/** Whether one of the need's lists of refusals holds the offering. What is not known of an offering is not refused. */
export function isRefused(
  { refusals }: SnapshotNeed,
  { id, organizationId, sector, caregiverGenders }: SnapshotOffering,
  list: (typeof REFUSALS)[number],
): boolean {
  if (list === 'organizationIds') return refusals.organizationIds?.includes(organizationId) ?? false
  if (list === 'offeringIds') return refusals.offeringIds?.includes(id) ?? false
  if (list === 'sectors') return sector !== null && (refusals.sectors?.includes(sector) ?? false)
  const refused = refusals.caregiverGenders ?? []
  return caregiverGenders.length > 0 && caregiverGenders.every((gender) => refused.includes(gender))
}

type Plan = Pick<Option, 'program' | 'price' | 'subsidy' | 'copayment'>

/** Every way to pay that the resident's wallet bears, alone or with one program; or why there is none. */
export function payerPlans(
  { market, need, resident, programs }: Asking,
  offering: SnapshotOffering,
): Plan[] | 'over_wallet' | 'fund_exhausted' {
  const price = offering.price * need.quantity
  const wallet = resident.wallet?.available ?? 0
  const plans: Plan[] = []
  let fundIsShort = false
  if (price <= wallet) plans.push({ program: null, price, subsidy: 0, copayment: price })
  for (const program of price > 0 ? programs : []) {
    const left = capLeft(market, program, resident)
    const split = splitPrice(program, offering.price, need.quantity, left)
    if (split.subsidy === 0 || split.copayment > wallet) continue
    if (split.subsidy <= program.fund.available) plans.push({ program, ...split })
    else fundIsShort = true
  }
  if (plans.length > 0) return plans
  return fundIsShort ? 'fund_exhausted' : 'over_wallet'
}

/** Minor units a program may still pay for a resident in the period; null = no cap. */
export function capLeft(market: Market, program: SnapshotProgram, resident: SnapshotResident): number | null {
  if (program.residentCap === null) return null
  return Math.max(0, program.residentCap - (market.drawn[`${program.id} ${resident.id}`] ?? 0))
}

function pays(
  program: SnapshotProgram,
  need: SnapshotNeed,
  resident: SnapshotResident,
  areas: ReadonlySet<string>,
): boolean {
  return (
    areas.has(program.areaId) &&
    program.categories.includes(need.category) &&
    program.tiers.includes(need.tier) &&
    (program.eligibility === null || evaluate(program.eligibility, resident.facts) === 'pass')
  )
}

export function withAncestors(parents: Record<string, string | null>, areaId: string): Set<string> {
  const areas = new Set<string>()
  for (let at: string | null | undefined = areaId; at; at = parents[at]) areas.add(at)
  return areas
}

/** The most useful options; of equal ones those that cost the resident least, then in the snapshot's order. */
function best(options: Option[], most: number): Option[] {
  // Array sort is stable, so equal options keep their order.
  return options.sort((a, b) => b.utility - a.utility || a.copayment - b.copayment).slice(0, most)
}
