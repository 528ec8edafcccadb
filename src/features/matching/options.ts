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
import { totalOf, type UtilityInput, utilityParts } from './utility.ts'

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
  const { ranked, ruledOut } = rankedAmong(askingOf(market, need, resident), candidates)
  if (outOfSight > 0) ruledOut.out_of_reach = (ruledOut.out_of_reach ?? 0) + outOfSight
  const { policy } = market
  return { options: ranked.slice(0, policy.optionsPerNeed).map((one) => withParts(policy, one)), ruledOut }
}

/** An option without the parts of its utility: they are worth telling only of those that are kept. */
export interface RankedOption extends Omit<Option, 'parts'> {
  /** What its utility comes from; one object for all options of an offering, whose `ownShare` is of any of them. */
  input: UtilityInput
}

/** All of the options, the most useful first; of equal ones those that cost the resident least, then in the order given. */
export function rankedAmong(
  asking: Asking,
  candidates: readonly SnapshotOffering[],
): { ranked: RankedOption[]; ruledOut: NeedOptions['ruledOut'] } {
  const found: { ranked: RankedOption[]; ruledOut: NeedOptions['ruledOut'] } = { ranked: [], ruledOut: {} }
  for (const offering of candidates) consider(asking, offering, found)
  // Array sort is stable, so equal options keep their order.
  found.ranked.sort((a, b) => b.utility - a.utility || a.copayment - b.copayment)
  return found
}

/** @param offering in place of the one it was ranked with, of which only what is left may differ. */
export function withParts<Offering extends SnapshotOffering>(
  policy: PolicyDocument,
  { program, price, subsidy, copayment, walkingMinutes, utility, input, ...ranked }: RankedOption,
  offering: Offering = ranked.offering as Offering,
): Option & { offering: Offering } {
  const parts = utilityParts(policy, { ...input, ownShare: ownShareOf(price, copayment) })
  return { offering, program, price, subsidy, copayment, walkingMinutes, utility, parts }
}

/** Of what is free, nobody pays a share. */
function ownShareOf(price: number, copayment: number): number {
  return price === 0 ? 0 : copayment / price
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
  /** What each of them may still pay for the resident: `capLeft`. */
  capsLeft: (number | null)[]
  /** The language preferred, or those of the resident. */
  spoken: readonly string[]
  /** The lists of refusals that the need has. */
  refusing: (typeof REFUSALS)[number][]
}

export function askingOf(market: Market, need: SnapshotNeed, resident: SnapshotResident): Asking {
  const areas = withAncestors(market.parents, resident.areaId)
  const programs = market.programs.filter((program) => pays(program, need, resident, areas))
  const capsLeft = programs.map((program) => capLeft(market, program, resident))
  const { language } = need.preferences
  const spoken = language === undefined ? resident.languages : [language]
  const refusing = REFUSALS.filter((list) => need.refusals[list] !== undefined)
  return { market, need, resident, areas, programs, capsLeft, spoken, refusing }
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

function consider(
  asking: Asking,
  offering: SnapshotOffering,
  { ranked, ruledOut }: ReturnType<typeof rankedAmong>,
): void {
  const way = wayTo(asking, offering)
  const reason = typeof way === 'string' ? way : whyNot(asking, offering)
  const plans = reason ?? payerPlans(asking, offering)
  if (typeof plans === 'string') {
    ruledOut[plans] = (ruledOut[plans] ?? 0) + 1
    return
  }
  const { policy } = asking.market
  const { minutes: walkingMinutes } = way as Way
  const input = inputOf(asking, offering, way as Way)
  for (const { program, price, subsidy, copayment } of plans) {
    input.ownShare = ownShareOf(price, copayment)
    const utility = totalOf(utilityParts(policy, input))
    ranked.push({ offering, program, price, subsidy, copayment, walkingMinutes, utility, input })
  }
}

function inputOf(
  { need, spoken, resident }: Asking,
  offering: SnapshotOffering,
  { minutes, edge }: Way,
): UtilityInput {
  const { caregiverGender, sector, keepProvider } = need.preferences
  return {
    needTier: need.tier,
    offeringTier: offering.tier,
    waitingDays: need.waitingDays,
    priority: need.priority,
    careLevel: resident.facts.careLevel,
    // Of the policy's reach, not of what this need accepts: who accepts a longer walk values the short one no higher.
    walkedShare: minutes === null ? null : Math.min(1, minutes / edge),
    speaksLanguage: offering.languages.some((one) => spoken.includes(one)),
    prefersGender: caregiverGender !== undefined && offering.caregiverGenders.includes(caregiverGender),
    prefersSector: sector !== undefined && offering.sector === sector,
    keepsProvider: keepProvider === true && need.lastProviderId === offering.organizationId,
    ownShare: 0,
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
  review: ({ need }, { id }) => (need.excludedOfferingIds?.includes(id) ? 'excluded_by_review' : null),
  unit: ({ need }, offering) => (need.unit !== null && need.unit !== offering.unit ? 'unit_mismatch' : null),
  eligibility({ resident }, { eligibility }) {
    if (!eligibility) return null
    const verdict = evaluate(eligibility, resident.facts)
    if (verdict === 'fail') return 'no_eligible_offering'
    return verdict === 'unknown' ? 'data_incomplete' : null
  },
  refusals: ({ need, refusing }, offering) =>
    refusing.some((list) => isRefused(need, offering, list)) ? 'preference_conflict' : null,
  coolOff: ({ resident: { coolingOff } }, { id, organizationId }) =>
    coolingOff?.offeringIds.includes(id) || coolingOff?.organizationIds.includes(organizationId)
      ? 'cooling_off'
      : null,
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
  { need, resident, programs, capsLeft }: Asking,
  offering: SnapshotOffering,
): Plan[] | 'over_wallet' | 'fund_exhausted' {
  const price = offering.price * need.quantity
  const wallet = resident.wallet?.available ?? 0
  const plans: Plan[] = []
  let fundIsShort = false
  if (price <= wallet) plans.push({ program: null, price, subsidy: 0, copayment: price })
  for (let at = 0; price > 0 && at < programs.length; at++) {
    const program = programs[at]!
    const { subsidy, copayment } = splitPrice(program, offering.price, need.quantity, capsLeft[at])
    if (subsidy === 0 || copayment > wallet) continue
    if (subsidy <= program.fund.available) plans.push({ program, price, subsidy, copayment })
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
