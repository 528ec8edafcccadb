/** One certain option of a need: the offering that somebody wants, paid for as they want it; or why it is none. */
import { type Barrier, excludedAmong } from './barriers.ts'
import { kindOf, type Market, type Option, optionsAmong } from './options.ts'
import type { UnmetReason } from './schemas.ts'
import type { SnapshotNeed, SnapshotOffering, SnapshotResident } from './snapshot.ts'

/** What is used up: another day, or a moment earlier, it would have been an option. */
export const SHORTAGES = ['no_capacity', 'fund_exhausted', 'over_wallet'] as const
export type Shortage = (typeof SHORTAGES)[number]

/**
 * Why it is no option whatever is left: `other_kind` the offering is of another kind than the need, `not_offered` it is
 * not published, `program_unfit` the program does not pay for this need there.
 */
export type Unfit = Exclude<UnmetReason, Shortage> | 'other_kind' | 'not_offered' | 'program_unfit'

export type Sought =
  | { outcome: 'option'; option: Option }
  | { outcome: 'short'; reason: Shortage }
  | { outcome: 'unfit'; reason: Unfit; barriers: Barrier[] }

/**
 * Looks at one offering with the eyes of the batch.
 * @param programId who pays a part; null = the resident pays alone.
 */
export function seekOption(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  offering: SnapshotOffering,
  programId: string | null,
): Sought {
  if (kindOf(offering) !== kindOf(need)) return unfit('other_kind')
  const asked = { ...market, policy: { ...market.policy, optionsPerNeed: Number.MAX_SAFE_INTEGER } }
  const { options, ruledOut } = optionsAmong(asked, need, resident, [offering], 0)
  const option = options.find(({ program }) => (program?.id ?? null) === programId)
  if (option) return { outcome: 'option', option }
  // Of another plan for the same offering, the reason is not what stands against the one wanted.
  const [reason] = Object.keys(ruledOut) as UnmetReason[]
  if (reason === 'no_capacity') return { outcome: 'short', reason }
  if (reason && !isShortage(reason)) {
    const [excluded] = excludedAmong(market, need, resident, [offering])
    return { outcome: 'unfit', reason, barriers: excluded?.barriers ?? [] }
  }
  return shortOfMoney(asked, need, resident, offering, programId)
}

/** The offering would do; so it is the wanted way to pay: what is short if money were no object, or that it never pays. */
function shortOfMoney(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  offering: SnapshotOffering,
  programId: string | null,
): Sought {
  const program = market.programs.find(({ id }) => id === programId)
  const unlimited = <Account extends { available: number }>(account: Account) => ({
    ...account,
    available: Number.MAX_SAFE_INTEGER,
  })
  const rich = { ...resident, wallet: unlimited(resident.wallet ?? { accountId: '', available: 0 }) }
  const programs = program ? [{ ...program, fund: unlimited(program.fund) }] : []
  const seek = (drawn: Market['drawn']) =>
    optionsAmong({ ...market, programs, drawn }, need, rich, [offering], 0).options.find(
      (one) => (one.program?.id ?? null) === programId,
    )
  const option = seek(market.drawn)
  // What the program pays for one resident is used up like the fund itself.
  if (!option) return seek({}) ? { outcome: 'short', reason: 'fund_exhausted' } : unfit('program_unfit')
  const isFundShort = program !== undefined && option.subsidy > program.fund.available
  return { outcome: 'short', reason: isFundShort ? 'fund_exhausted' : 'over_wallet' }
}

function unfit(reason: Unfit): Sought {
  return { outcome: 'unfit', reason, barriers: [] }
}

function isShortage(reason: string): reason is Shortage {
  return (SHORTAGES as readonly string[]).includes(reason)
}
