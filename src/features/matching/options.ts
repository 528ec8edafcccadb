/** Who may be served by what, paid by whom: the options of one need, and why the rest is none. */
import { walkingMinutes } from '../communities/reach.ts'
import { evaluate } from '../policies/eligibility.ts'
import type { PolicyDocument } from '../policies/schemas.ts'
import { splitPrice } from '../programs/subsidy.ts'
import { createReachable, type Located, type ReachableOfferings, walkFor } from './reachable-offerings.ts'
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
export type Market = Pick<Snapshot, 'policy' | 'parents' | 'programs' | 'drawn'>

/** Answers "what could serve this need?" over one snapshot. */
export interface OptionFinder {
  optionsOf(need: SnapshotNeed, resident: SnapshotResident): NeedOptions
}

/** Indexes the snapshot's offerings by the kind of need they serve. */
export function createOptionFinder(snapshot: Snapshot): OptionFinder {
  const reachable = reachableByKind(snapshot.policy, snapshot.offerings)
  return {
    optionsOf(need, resident) {
      const kind = reachable.get(kindOf(need))
      if (!kind) return { options: [], ruledOut: { no_offering: 1 } }
      const candidates = kind.for(need, resident, withAncestors(snapshot.parents, resident.areaId))
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
  const areas = withAncestors(market.parents, resident.areaId)
  const programs = market.programs.filter((program) => pays(program, need, resident, areas))
  for (const offering of candidates) consider(market, need, resident, offering, programs, areas, found)
  if (outOfSight > 0) found.ruledOut.out_of_reach = (found.ruledOut.out_of_reach ?? 0) + outOfSight
  found.options = best(found.options, market.policy.optionsPerNeed)
  return found
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
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  offering: SnapshotOffering,
  programs: SnapshotProgram[],
  areas: Set<string>,
  found: NeedOptions,
): void {
  const walk = reach(market.policy, need, resident, offering, areas)
  const reason = typeof walk === 'string' ? walk : whyNot(need, resident, offering)
  const plans = reason ?? payerPlans(market, need, resident, offering, programs)
  if (typeof plans === 'string') {
    found.ruledOut[plans] = (found.ruledOut[plans] ?? 0) + 1
    return
  }
  const { minutes, share } = walk as Walk
  const input = {
    needTier: need.tier,
    offeringTier: offering.tier,
    waitingDays: need.waitingDays,
    careLevel: resident.facts.careLevel,
    walkedShare: share,
    speaksLanguage: offering.languages.some((language) => resident.languages.includes(language)),
  }
  for (const plan of plans) {
    const ownShare = plan.price === 0 ? 0 : plan.copayment / plan.price
    const parts = utilityParts(market.policy, { ...input, ownShare })
    found.options.push({ offering, ...plan, walkingMinutes: minutes, utility: totalOf(parts), parts })
  }
}

interface Walk {
  minutes: number | null
  share: number | null
}

/** How far it is, or why distance rules it out. */
function reach(
  policy: PolicyDocument,
  need: SnapshotNeed,
  resident: SnapshotResident,
  offering: SnapshotOffering,
  areas: Set<string>,
): Walk | 'consent_missing' | 'data_incomplete' | 'out_of_reach' {
  // A provider that names its areas fetches people, or is worth the way: nobody walks to a care home.
  if (offering.serviceAreaIds.length > 0) {
    return offering.serviceAreaIds.some((id) => areas.has(id))
      ? { minutes: null, share: null }
      : 'out_of_reach'
  }
  if (offering.mode === 'remote') return { minutes: null, share: null }
  if (!resident.point) return 'consent_missing'
  if (!offering.point) return 'data_incomplete'
  const { metersPerSecond, most } = walkFor(policy, need, resident, offering.mode)
  const { detourFactor } = policy.reach
  const minutes = walkingMinutes(resident.point, offering.point, { metersPerSecond, detourFactor })
  return minutes > most ? 'out_of_reach' : { minutes, share: minutes / most }
}

function whyNot(
  need: SnapshotNeed,
  resident: SnapshotResident,
  offering: SnapshotOffering,
): UnmetReason | null {
  if (offering.eligibility) {
    const verdict = evaluate(offering.eligibility, resident.facts)
    if (verdict === 'fail') return 'no_eligible_offering'
    if (verdict === 'unknown') return 'data_incomplete'
  }
  if (offering.capacity.available < need.quantity) return 'no_capacity'
  const minutes = need.quantity * offering.staffMinutesPerUnit
  return offering.staffTime && offering.staffTime.available < minutes ? 'no_capacity' : null
}

type Plan = Pick<Option, 'program' | 'price' | 'subsidy' | 'copayment'>

/** Every way to pay that the resident's wallet bears, alone or with one program; or why there is none. */
function payerPlans(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  offering: SnapshotOffering,
  programs: SnapshotProgram[],
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
  areas: Set<string>,
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
