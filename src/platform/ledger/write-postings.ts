/** How postings reach the tables: transfers are appended, holds and balances moved by what one unit of a phase does. */
import { sql } from 'drizzle-orm'
import type { TransactionContext } from '../context.ts'
import { chunks } from '../db/chunks.ts'
import { rowsFrom } from '../db/rows-from.ts'
import { accounts, holds, transfers } from './tables.ts'

export type Phase = (typeof transfers.$inferInsert)['phase']
export type Hold = typeof holds.$inferSelect

/** One use of a scarce account by a bundle, and the account that gets it. */
export interface Use {
  debitId: string
  creditId: string
  /** Positive integer in the accounts' unit. */
  amount: number
}

/** What a phase moves of one hold; `key` tells it from other postings of the phase. */
export interface Posting {
  hold: Hold
  amount: number
  key?: string
}

/** Writes a phase of holds that are there, their accounts locked; what moves nothing is left out. */
export async function post(
  ctx: TransactionContext,
  phase: Exclude<Phase, 'hold'>,
  postings: readonly Posting[],
): Promise<void> {
  const rows = postings
    .filter(({ amount }) => amount > 0)
    .map(({ hold, amount, key }) => ({ ...hold, amount, key }))
  await append(ctx, phase, rows)
  await addToRows(
    ctx,
    holds,
    HOLD_EFFECTS[phase],
    sum(rows, (row) => row.id),
  )
  await moveBalances(ctx, phase, rows)
}

/** Writes the holds of bundles that were not held before, their accounts locked. */
export async function postHolds(
  ctx: TransactionContext,
  bundles: readonly { id: string; uses: readonly Use[] }[],
): Promise<void> {
  const rows = bundles.flatMap(({ id: bundleId, uses }) =>
    uses.map((use) => ({ ...use, id: ctx.newId(), bundleId, open: use.amount, committed: 0, settled: 0 })),
  )
  for (const chunk of chunks(rows)) await ctx.tx.insert(holds).select(rowsFrom(holds, chunk))
  await append(ctx, 'hold', rows)
  await moveBalances(ctx, 'hold', rows)
}

/** How one unit of each phase moves the hold. */
const HOLD_EFFECTS = {
  release: { open: -1 },
  commit: { open: -1, committed: 1 },
  settle: { settled: 1 },
  revert: { open: 1, committed: -1 },
  unsettle: { settled: -1 },
} as const

/** A hold is made once; commits, and what follows from them, are told apart by the caller's key. */
export function keyOf(phase: Phase, holdId: string, key = ''): string {
  return `${phase}:${key}:${holdId}`
}

interface Row extends Use {
  id: string
  bundleId: string
  key?: string | undefined
}

async function append(ctx: TransactionContext, phase: Phase, rows: readonly Row[]): Promise<void> {
  const at = ctx.clock()
  for (const chunk of chunks(rows)) {
    const written = chunk.map((row) => ({
      id: ctx.newId(),
      key: keyOf(phase, row.id, row.key),
      phase,
      bundleId: row.bundleId,
      debitId: row.debitId,
      creditId: row.creditId,
      amount: row.amount,
      at,
    }))
    await ctx.tx.insert(transfers).select(rowsFrom(transfers, written))
  }
}

/** How one unit of each phase moves the balances of the two accounts. `reconcile` reads the same table. */
export const EFFECTS: Record<Phase, { debit: Partial<Balances>; credit: Partial<Balances> }> = {
  hold: { debit: { held: 1 }, credit: { incoming: 1 } },
  release: { debit: { held: -1 }, credit: { incoming: -1 } },
  commit: { debit: { held: -1, spent: 1 }, credit: { incoming: -1, received: 1 } },
  settle: { debit: {}, credit: { settled: 1 } },
  revert: { debit: { held: 1, spent: -1 }, credit: { incoming: 1, received: -1 } },
  unsettle: { debit: {}, credit: { settled: -1 } },
}

export interface Balances {
  held: number
  spent: number
  incoming: number
  received: number
  settled: number
}

async function moveBalances(ctx: TransactionContext, phase: Phase, uses: readonly Use[]): Promise<void> {
  const { debit, credit } = EFFECTS[phase]
  const debited = sum(uses, (use) => use.debitId)
  const credited = sum(uses, (use) => use.creditId)
  await addToRows(ctx, accounts, debit, debited)
  await addToRows(ctx, accounts, credit, credited)
}

function sum<T extends { amount: number }>(
  uses: readonly T[],
  rowOf: (use: T) => string,
): [string, number][] {
  const sums = new Map<string, number>()
  for (const use of uses) sums.set(rowOf(use), (sums.get(rowOf(use)) ?? 0) + use.amount)
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** One statement moves many rows: `unnest` carries any number of them in two parameters. */
export async function addToRows(
  ctx: TransactionContext,
  table: typeof accounts | typeof holds,
  effect: Readonly<Record<string, number>>,
  amounts: readonly (readonly [string, number])[],
): Promise<void> {
  const columns = Object.entries(effect)
  if (columns.length === 0) return
  const sets = columns.map(
    ([name, sign]) =>
      sql`${sql.identifier(name)} = a.${sql.identifier(name)} + ${sql.raw(String(sign))} * moved.amount`,
  )
  for (const chunk of chunks(amounts)) {
    const ids = sql.param(`{${chunk.map(([id]) => id).join(',')}}`)
    const deltas = sql.param(`{${chunk.map(([, amount]) => amount).join(',')}}`)
    await ctx.tx.execute(sql`
      update ${table} as a set ${sql.join(sets, sql`, `)}
      from unnest(${ids}::uuid[], ${deltas}::bigint[]) as moved(id, amount)
      where a.id = moved.id`)
  }
}
