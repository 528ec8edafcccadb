/** What stands between a need and an offering: all of it, and the smallest change that takes each thing away. */
import { walkingMinutes } from '../communities/reach.ts'
import { decidingFacts, evaluate } from '../policies/eligibility.ts'
import { splitPrice } from '../programs/subsidy.ts'
import {
  type Asking,
  askingOf,
  CHECKS,
  capLeft,
  isRefused,
  type Market,
  type Option,
  optionsAmong,
  payerPlans,
  wayTo,
} from './options.ts'
import { walkFor } from './reachable-offerings.ts'
import type { UnmetReason } from './schemas.ts'
import type { SnapshotNeed, SnapshotOffering, SnapshotResident } from './snapshot.ts'

/**
 * What would have to change, in a barrier or in an explanation: an account; how far one goes (`reach`) or which areas an
 * offering serves (`reach` without a number); where it is, which nobody knows (`place`); what the resident accepts
 * (`hours`, `refusal`, `unit`), that time passes after a no (`cool_off`), what the resident lets be known (`consent`), or has not told (`fact`); or an eligibility rule.
 */
export type ChangeKind =
  | 'fund'
  | 'capacity'
  | 'staff_time'
  | 'wallet'
  | 'subsidy_cap'
  | 'reach'
  | 'hours'
  | 'refusal'
  | 'cool_off'
  | 'unit'
  | 'consent'
  | 'fact'
  | 'rule'
  | 'place'

/** No barrier is a cap's: more in the wallet always does it with as little. */
export type BarrierKind = Exclude<ChangeKind, 'subsidy_cap'>

export interface Barrier {
  /** The one under which the offering is counted as ruled out, if this barrier is the first. */
  reason: UnmetReason
  kind: BarrierKind
  /** Of an account that is too small; null for a wallet that is not opened yet, and for all other kinds. */
  accountId: string | null
  /** Of a fund: the program whose plan it would pay for. */
  programId: string | null
  /**
   * The smallest increase that suffices: of an account, in its unit; of the longest walk, in minutes, from the whole
   * minutes below what the need (for help at home: the policy) allows. Null where no number helps: also of an offering
   * that serves other areas.
   */
  by: number | null
  /**
   * The consent concerned (`location`); the fact from which a rule's verdict comes, null where it comes from several; or
   * the list of refusals (`organizationIds`, `sectors` …).
   */
  fact: string | null
}

export interface Excluded {
  offering: SnapshotOffering
  /** Null where no way is measured or one end of it is not known. */
  walkingMinutes: number | null
  /** In the order in which options are checked; at least one. */
  barriers: Barrier[]
  /**
   * With exactly one barrier: the most useful option that there would be without it, at its smallest change. Where the
   * way is not known, as useful as it can be at best: next door. Null with more than one barrier.
   */
  alone: Option | null
}

/** Every candidate that yields no option and might, in the order given, with all that stands in its way. */
export function excludedAmong(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  candidates: readonly SnapshotOffering[],
): Excluded[] {
  const asking = askingOf(market, need, resident)
  return candidates.flatMap((offering) => {
    // What reviewers have taken out, no change brings back.
    if (CHECKS.review(asking, offering)) return []
    const barriers = barriersOf(asking, offering)
    const [first, second] = barriers
    if (!first) return []
    const alone = second ? null : optionWithout(asking, offering, first)
    return [{ offering, walkingMinutes: walkOf(asking, offering), barriers, alone }]
  })
}

/** What an option depends on. */
export interface Situation {
  market: Market
  need: SnapshotNeed
  resident: SnapshotResident
  offering: SnapshotOffering
}

/**
 * The situation in which the barrier is gone and everything else is as it was; where a number is missing, exactly
 * that much more. What is not known is taken at its best: a missing place is next door, a rule passes.
 */
export function withoutBarrier(situation: Situation, barrier: Barrier): Situation {
  return LIFTS[barrier.kind](situation, barrier)
}

function barriersOf(asking: Asking, offering: SnapshotOffering): Barrier[] {
  const found = wayBarriers(asking, offering)
  for (const [name, check] of Object.entries(CHECKS) as [keyof typeof CHECKS, Check][]) {
    const reason = check(asking, offering)
    if (reason) found.push(...DETAILS[name](asking, offering).map((detail) => barrier(reason, detail)))
  }
  const plans = payerPlans(asking, offering)
  if (typeof plans === 'string') found.push(barrier(plans, cheapestIncrease(asking, offering)))
  return found
}

type Check = (typeof CHECKS)[keyof typeof CHECKS]
type Detail = Pick<Barrier, 'kind'> & Partial<Barrier>

function barrier(reason: UnmetReason, detail: Detail): Barrier {
  return { reason, accountId: null, programId: null, by: null, fact: null, ...detail }
}

function wayBarriers(asking: Asking, offering: SnapshotOffering): Barrier[] {
  const way = wayTo(asking, offering)
  if (typeof way !== 'string') return []
  const unplaced = offering.point ? [] : [barrier('data_incomplete', { kind: 'place' })]
  if (way === 'data_incomplete') return unplaced
  if (way === 'consent_missing') return [barrier(way, { kind: 'consent', fact: 'location' }), ...unplaced]
  const minutes = walkOf(asking, offering)
  if (minutes === null || offering.mode === 'remote') return [barrier(way, { kind: 'reach' })]
  const { most } = walkFor(asking.market.policy, asking.need, asking.resident, offering.mode)
  return [barrier(way, { kind: 'reach', by: Math.ceil(minutes) - Math.floor(most) })]
}

/** Minutes of the way, if one is walked and both its ends are known. */
function walkOf({ market, need, resident }: Asking, offering: SnapshotOffering): number | null {
  const { mode, point, serviceAreaIds } = offering
  if (mode === 'remote' || serviceAreaIds.length > 0 || !point || !resident.point) return null
  const { metersPerSecond } = walkFor(market.policy, need, resident, mode)
  return walkingMinutes(resident.point, point, {
    metersPerSecond,
    detourFactor: market.policy.reach.detourFactor,
  })
}

/** What exactly a failed check found. */
const DETAILS: Record<keyof typeof CHECKS, (asking: Asking, offering: SnapshotOffering) => Detail[]> = {
  // Never asked: `excludedAmong` leaves those out.
  review: () => [],
  unit: () => [{ kind: 'unit' }],
  eligibility({ resident }, { eligibility }) {
    const [fact, another] = decidingFacts(eligibility!, resident.facts)
    const kind = evaluate(eligibility!, resident.facts) === 'unknown' ? 'fact' : 'rule'
    return [{ kind, fact: another ? null : (fact ?? null) }]
  },
  refusals: ({ need, refusing }, offering) =>
    refusing
      .filter((list) => isRefused(need, offering, list))
      .map((list) => ({
        kind: 'refusal',
        fact: list,
      })),
  coolOff: () => [{ kind: 'cool_off' }],
  hours: () => [{ kind: 'hours' }],
  places: ({ need }, { capacity: { accountId, available } }) => [
    { kind: 'capacity', accountId, by: need.quantity - available },
  ],
  staff({ need }, { staffTime, staffMinutesPerUnit }) {
    const { accountId, available } = staffTime!
    return [{ kind: 'staff_time', accountId, by: need.quantity * staffMinutesPerUnit - available }]
  },
}

type Increase = Detail & { by: number }

/**
 * The least money that would pay: more in the wallet or in one fund. There is always one, since a full wallet pays for
 * everything; of equal ones, the wallet's. A program's cap per resident needs no look: raising it spares the wallet at
 * most that much.
 */
function cheapestIncrease(asking: Asking, offering: SnapshotOffering): Increase {
  const increases = [
    walletIncrease(asking, offering),
    ...asking.programs.flatMap((program) => fundIncrease(asking, offering, program)),
  ]
  return increases.reduce((least, one) => (one.by < least.by ? one : least))
}

type Program = Asking['programs'][number]

/** For the cheapest plan whose fund suffices. */
function walletIncrease(asking: Asking, offering: SnapshotOffering): Increase {
  const { need, resident, programs } = asking
  const copayments = programs
    .map((program) => ({ program, ...splitNow(asking, offering, program) }))
    .filter(({ program, subsidy }) => subsidy > 0 && subsidy <= program.fund.available)
    .map(({ copayment }) => copayment)
  const least = Math.min(offering.price * need.quantity, ...copayments)
  return {
    kind: 'wallet',
    accountId: resident.wallet?.accountId ?? null,
    by: least - (resident.wallet?.available ?? 0),
  }
}

function fundIncrease(asking: Asking, offering: SnapshotOffering, program: Program): Increase[] {
  const { subsidy, copayment } = splitNow(asking, offering, program)
  const { accountId, available } = program.fund
  const suffices = subsidy > 0 && copayment <= (asking.resident.wallet?.available ?? 0)
  if (!suffices || subsidy <= available) return []
  return [{ kind: 'fund', accountId, programId: program.id, by: subsidy - available }]
}

function splitNow({ market, need, resident }: Asking, offering: SnapshotOffering, program: Program) {
  return splitPrice(program, offering.price, need.quantity, capLeft(market, program, resident))
}

function optionWithout(asking: Asking, offering: SnapshotOffering, barrier: Barrier): Option | null {
  const { market, need, resident } = asking
  const lifted = withoutBarrier({ market, need, resident, offering }, barrier)
  const { options } = optionsAmong(lifted.market, lifted.need, lifted.resident, [lifted.offering], 0)
  const [best] = options
  if (!best) return null
  const program = best.program && (market.programs.find(({ id }) => id === best.program?.id) ?? null)
  const isWayKnown = barrier.kind !== 'consent' && barrier.kind !== 'place'
  return { ...best, offering, program, walkingMinutes: isWayKnown ? best.walkingMinutes : null }
}

const LIFTS: Record<BarrierKind, (situation: Situation, barrier: Barrier) => Situation> = {
  fund: (situation, { accountId, by }) =>
    withPrograms(situation, ({ fund }) =>
      fund.accountId === accountId ? { fund: { ...fund, available: fund.available + by! } } : {},
    ),
  capacity: (situation, { by }) => {
    const { capacity } = situation.offering
    return withOffering(situation, { capacity: { ...capacity, available: capacity.available + by! } })
  },
  staff_time: (situation, { by }) => {
    const staffTime = situation.offering.staffTime!
    return withOffering(situation, { staffTime: { ...staffTime, available: staffTime.available + by! } })
  },
  wallet: (situation, { accountId, by }) => {
    const available = (situation.resident.wallet?.available ?? 0) + by!
    return withResident(situation, { wallet: { accountId: accountId ?? '', available } })
  },
  reach: withReach,
  place: (situation) => withOffering(situation, { point: situation.resident.point }),
  consent: (situation) => withResident(situation, { point: situation.offering.point }),
  unit: (situation) => withNeed(situation, { unit: null }),
  hours: (situation) => withNeed(situation, { acceptableHours: null, neededBy: null }),
  refusal: (situation, { fact }) =>
    withNeed(situation, { refusals: { ...situation.need.refusals, [fact!]: [] } }),
  cool_off({ resident: { coolingOff: _coolingOff, ...resident }, ...situation }) {
    return { ...situation, resident }
  },
  rule: (situation) => withOffering(situation, { eligibility: null }),
  fact: (situation) => withOffering(situation, { eligibility: null }),
}

function withReach(situation: Situation, { by }: Barrier): Situation {
  const { market, need, resident, offering } = situation
  if (by === null || offering.mode === 'remote') {
    return withOffering(situation, { serviceAreaIds: [...offering.serviceAreaIds, resident.areaId] })
  }
  const minutes = Math.floor(walkFor(market.policy, need, resident, offering.mode).most) + by
  if (offering.mode === 'onsite') return withNeed(situation, { maxWalkingMinutes: minutes })
  const { policy } = market
  const reach = { ...policy.reach, homeMinutes: minutes }
  return { ...situation, market: { ...market, policy: { ...policy, reach } } }
}

function withPrograms(situation: Situation, change: (program: Program) => Partial<Program>): Situation {
  const programs = situation.market.programs.map((program) => ({ ...program, ...change(program) }))
  return { ...situation, market: { ...situation.market, programs } }
}

const withNeed = (situation: Situation, change: Partial<SnapshotNeed>): Situation => ({
  ...situation,
  need: { ...situation.need, ...change },
})

const withResident = (situation: Situation, change: Partial<SnapshotResident>): Situation => ({
  ...situation,
  resident: { ...situation.resident, ...change },
})

const withOffering = (situation: Situation, change: Partial<SnapshotOffering>): Situation => ({
  ...situation,
  offering: { ...situation.offering, ...change },
})
