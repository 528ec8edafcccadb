/** Options that are not there yet: those that more of an account would make, and those that one other change would. */
import { type ChangeKind, excludedAmong, withoutBarrier } from './barriers.ts'
import type { NearOption } from './build-problem.ts'
import { type Market, type Option, optionsAmong } from './options.ts'
import type { SnapshotNeed, SnapshotOffering, SnapshotProgram, SnapshotResident } from './snapshot.ts'

/** How much longer a walk than the accepted one is thought of, and how many offerings of one kind of change. */
export const WIDER_FACTOR = 2
const MOST_OF_A_KIND = 6

/** What more of these makes possible is said by the uses of the options themselves. */
const ACCOUNTS: ReadonlySet<ChangeKind> = new Set(['fund', 'capacity', 'staff_time', 'wallet', 'subsidy_cap'])

/**
 * Everything that one change other than of an account would make an option, offerings that ask for least of their kind
 * first; every way to pay for each. A few offerings of each kind of change.
 */
export function nearOptions(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  candidates: readonly SnapshotOffering[],
): NearOption[] {
  const near = excludedAmong(market, need, resident, candidates).flatMap(({ offering, barriers, alone }) =>
    alone && !ACCOUNTS.has(barriers[0]!.kind) ? [{ offering, barrier: barriers[0]!, alone }] : [],
  )
  near.sort((a, b) => (a.barrier.by ?? 1) - (b.barrier.by ?? 1) || b.alone.utility - a.alone.utility)
  const kept = new Map<ChangeKind, number>()
  const few = near.filter(({ barrier: { kind } }) => {
    const count = kept.get(kind) ?? 0
    kept.set(kind, count + 1)
    return count < MOST_OF_A_KIND
  })
  return few.flatMap(({ offering, barrier }) => {
    const lifted = withoutBarrier({ market, need, resident, offering }, barrier)
    const { options } = optionsAmong(lifted.market, lifted.need, lifted.resident, [lifted.offering], 0)
    return options.map((option) => ({ option: inMarket(market, option, offering), barrier }))
  })
}

/** Boundless, and yet a whole number that sums stay exact with. */
const BOUNDLESS = 2 ** 50

/**
 * What would be options if wallet, funds, places and staff time had no end, and are none now: whoever asks what more of an
 * account would do has to know all who could use it.
 */
export function optionsBeyondAccounts(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  candidates: readonly SnapshotOffering[],
): NearOption[] {
  const all = { ...market, policy: { ...market.policy, optionsPerNeed: Number.POSITIVE_INFINITY } }
  const programs = market.programs.map((one) => ({ ...one, fund: { ...one.fund, available: BOUNDLESS } }))
  const rich = { ...resident, wallet: { accountId: '', ...resident.wallet, available: BOUNDLESS } }
  const byId = new Map(candidates.map((offering) => [offering.id, offering]))
  const endless = optionsAmong({ ...all, programs }, need, rich, candidates.map(withoutEnd), 0)
  const there = new Set(optionsAmong(all, need, resident, candidates, 0).options.map(nameOf))
  return endless.options
    .filter((option) => !there.has(nameOf(option)))
    .map((option) => ({ option: inMarket(market, option, byId.get(option.offering.id)!), barrier: null }))
}

const nameOf = ({ offering, program }: Option) => `${offering.id} ${program?.id ?? 'self'}`

function withoutEnd(offering: SnapshotOffering): SnapshotOffering {
  const capacity = { ...offering.capacity, available: BOUNDLESS }
  const staffTime = offering.staffTime && { ...offering.staffTime, available: BOUNDLESS }
  return { ...offering, capacity, staffTime }
}

/** The option with the offering and program as they are: what was changed to find it is changed nowhere else. */
function inMarket({ programs }: Market, option: Option, offering: SnapshotOffering): Option {
  const named = option.program?.id
  const program: SnapshotProgram | null = programs.find(({ id }) => id === named) ?? null
  return { ...option, offering, program }
}
