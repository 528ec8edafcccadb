/** Recomputes every balance from the transfers and compares: the books' own proof. */
import { eq, sql } from 'drizzle-orm'
import { type Context, inTransaction, type TransactionContext } from '../context.ts'
import { accounts, holds, transfers } from './tables.ts'
import { type Balances, EFFECTS } from './write-postings.ts'

export interface Difference {
  accountId: string
  /** `open` = what the holds say is held. */
  balance: keyof Balances | 'limit' | 'open'
  stored: number
  computed: number
}

export interface Reconciliation {
  accounts: number
  transfers: number
  /** Accounts whose stored balance is not that of their transfers or holds, or lies beyond the limit. */
  differences: Difference[]
  /** Units whose given and received amounts do not cancel out. */
  unbalancedUnits: string[]
}

const BALANCES = ['held', 'spent', 'incoming', 'received', 'settled'] as const

/** Reads all accounts and transfers; a clean book has neither differences nor unbalanced units. */
export function reconcile(ctx: Context): Promise<Reconciliation> {
  return inTransaction(ctx, async (inside) => {
    // One snapshot for all that is read: what others post meanwhile is no difference. Inside the caller's
    // transaction it is too late to ask for one.
    if (!ctx.tx) await inside.tx.execute(sql`set transaction isolation level repeatable read, read only`)
    return compareBooks(inside)
  })
}

async function compareBooks(ctx: TransactionContext): Promise<Reconciliation> {
  const stored = await ctx.tx.select().from(accounts).orderBy(accounts.id)
  const computed = new Map(stored.map((account) => [account.id, emptyBalances()]))
  const units = new Map<string, number>()
  let count = 0
  for (const row of await sumsByAccount(ctx)) {
    count += row.debits
    add(computed.get(row.accountId)!, EFFECTS[row.phase][row.side], row.amount)
  }
  for (const account of stored) {
    units.set(account.unit, (units.get(account.unit) ?? 0) + imbalance(account))
  }
  const open = await openByAccount(ctx)
  return {
    accounts: stored.length,
    transfers: count,
    differences: stored.flatMap((account) => [
      ...differencesOf(account, computed.get(account.id)!),
      ...danglingHolds(account, open.get(account.id) ?? 0),
    ]),
    unbalancedUnits: [...units].filter(([, total]) => total !== 0).map(([unit]) => unit),
  }
}

function emptyBalances(): Balances {
  return { held: 0, spent: 0, incoming: 0, received: 0, settled: 0 }
}

function add(balances: Balances, effect: Partial<Balances>, amount: number): void {
  for (const name of BALANCES) balances[name] += (effect[name] ?? 0) * amount
}

/** What was given but not received, pending or final; zero over all accounts of a unit. */
function imbalance(account: Balances): number {
  return account.held + account.spent - account.incoming - account.received
}

function differencesOf(account: Balances & { id: string; limit: number }, computed: Balances): Difference[] {
  const differences = BALANCES.filter((name) => account[name] !== computed[name]).map(
    (name): Difference => ({
      accountId: account.id,
      balance: name,
      stored: account[name],
      computed: computed[name],
    }),
  )
  const used = account.held + account.spent
  if (used > account.limit) {
    differences.push({ accountId: account.id, balance: 'limit', stored: account.limit, computed: used })
  }
  return differences
}

/** Holds and balances are written together; a hold that no balance knows would never be given back. */
function danglingHolds(account: { id: string; held: number }, open: number): Difference[] {
  if (open === account.held) return []
  return [{ accountId: account.id, balance: 'open', stored: open, computed: account.held }]
}

async function openByAccount(ctx: TransactionContext): Promise<Map<string, number>> {
  const rows = await ctx.tx
    .select({ id: holds.debitId, open: sql<number>`sum(${holds.open})`.mapWith(Number) })
    .from(holds)
    .groupBy(holds.debitId)
  return new Map(rows.map(({ id, open }) => [id, open]))
}

async function sumsByAccount(ctx: TransactionContext) {
  const total = sql<number>`sum(${transfers.amount})`.mapWith(Number)
  const rows = (count: ReturnType<typeof sql<number>>) => ({
    phase: transfers.phase,
    amount: total,
    debits: count,
  })
  const debits = await ctx.tx
    .select({ accountId: transfers.debitId, ...rows(sql<number>`count(*)`.mapWith(Number)) })
    .from(transfers)
    .innerJoin(accounts, eq(accounts.id, transfers.debitId))
    .groupBy(transfers.debitId, transfers.phase)
  const credits = await ctx.tx
    .select({ accountId: transfers.creditId, ...rows(sql<number>`0`.mapWith(Number)) })
    .from(transfers)
    .groupBy(transfers.creditId, transfers.phase)
  return [
    ...debits.map((row) => ({ ...row, side: 'debit' as const })),
    ...credits.map((row) => ({ ...row, side: 'credit' as const })),
  ]
}
