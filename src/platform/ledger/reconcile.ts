/** Recomputes every balance from the transfers and compares: the books' own proof. */
import { eq, sql } from 'drizzle-orm'
import { type Context, query } from '../context.ts'
import { type Balances, EFFECTS } from './post-transfers.ts'
import { accounts, transfers } from './tables.ts'

export interface Difference {
  accountId: string
  balance: keyof Balances | 'limit'
  stored: number
  computed: number
}

export interface Reconciliation {
  accounts: number
  transfers: number
  /** Accounts whose stored balance is not that of their transfers, or lies beyond the limit. */
  differences: Difference[]
  /** Units whose given and received amounts do not cancel out. */
  unbalancedUnits: string[]
}

const BALANCES = ['held', 'spent', 'incoming', 'received', 'settled'] as const

/** Reads all accounts and transfers; a clean book has neither differences nor unbalanced units. */
export async function reconcile(ctx: Context): Promise<Reconciliation> {
  const stored = await query(ctx).select().from(accounts).orderBy(accounts.id)
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
  return {
    accounts: stored.length,
    transfers: count,
    differences: stored.flatMap((account) => differencesOf(account, computed.get(account.id)!)),
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

async function sumsByAccount(ctx: Context) {
  const total = sql<number>`sum(${transfers.amount})`.mapWith(Number)
  const rows = (count: ReturnType<typeof sql<number>>) => ({
    phase: transfers.phase,
    amount: total,
    debits: count,
  })
  const debits = await query(ctx)
    .select({ accountId: transfers.debitId, ...rows(sql<number>`count(*)`.mapWith(Number)) })
    .from(transfers)
    .innerJoin(accounts, eq(accounts.id, transfers.debitId))
    .groupBy(transfers.debitId, transfers.phase)
  const credits = await query(ctx)
    .select({ accountId: transfers.creditId, ...rows(sql<number>`0`.mapWith(Number)) })
    .from(transfers)
    .groupBy(transfers.creditId, transfers.phase)
  return [
    ...debits.map((row) => ({ ...row, side: 'debit' as const })),
    ...credits.map((row) => ({ ...row, side: 'credit' as const })),
  ]
}
