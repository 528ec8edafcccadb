/** A wallet's month as a statement: each line with what is left after it, and sums that add up. */
import type { Account } from '../../platform/ledger/accounts.ts'
import type { WalletLineKind } from './wallet-schemas.ts'

/** One thing that happened to a wallet. */
export interface Happened {
  id: string
  at: Date
  kind: WalletLineKind
  /** Minor units, without sign. */
  amount: number
  /** The match or booking that it is for; null for what is put in or taken out beside services. */
  bundleId: string | null
}

export interface WalletStatement {
  wallet: Account
  lines: (Happened & { change: number; available: number })[]
  sums: WalletSums
}

export type WalletSums = Record<(typeof SUMS)[number] | 'available', number>

const SUMS = ['putIn', 'carriedIn', 'carriedOut', 'erased', 'held', 'spent'] as const

/** What one unit of each kind does to what is available, and to the sums. */
const EFFECTS: Record<
  WalletLineKind,
  { change: -1 | 0 | 1; sums: Partial<Record<(typeof SUMS)[number], 1 | -1>> }
> = {
  top_up: { change: 1, sums: { putIn: 1 } },
  carried_in: { change: 1, sums: { carriedIn: 1 } },
  carried_out: { change: -1, sums: { carriedOut: 1 } },
  erased: { change: -1, sums: { erased: 1 } },
  hold: { change: -1, sums: { held: 1 } },
  release: { change: 1, sums: { held: -1 } },
  commit: { change: 0, sums: { held: -1, spent: 1 } },
  revert: { change: 0, sums: { held: 1, spent: -1 } },
}

/** The lines in the order they happened; ids tell what happened in one millisecond apart. */
export function statementOf(wallet: Account, happened: readonly Happened[]): WalletStatement {
  const sums: WalletSums = {
    putIn: 0,
    carriedIn: 0,
    carriedOut: 0,
    erased: 0,
    held: 0,
    spent: 0,
    available: 0,
  }
  const inOrder = [...happened].sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1))
  const lines = inOrder.map((line) => {
    const effect = EFFECTS[line.kind]
    for (const name of SUMS) sums[name] += (effect.sums[name] ?? 0) * line.amount
    // Adding zero keeps a change of nothing from being written as minus zero.
    const change = effect.change * line.amount + 0
    sums.available += change
    return { ...line, change, available: sums.available }
  })
  return { wallet, lines, sums }
}
