/** Opening accounts, changing their limits, reading them. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { type Context, query, type TransactionContext } from '../context.ts'
import { chunks } from '../db/chunks.ts'
import { Refusal } from '../errors.ts'
import { accounts } from './tables.ts'

export type Account = typeof accounts.$inferSelect
export type AccountKind = Account['kind']

/** What names an account. `period` '' means that it outlives months. */
export interface AccountName {
  kind: AccountKind
  ownerId: string
  period: string
  unit: string
}

/** Opens an account with a limit in its unit; an account that is there already keeps its balances. */
export async function openAccount(
  ctx: TransactionContext,
  name: AccountName,
  limit: number,
): Promise<Account> {
  const [opened] = await openAccounts(ctx, [{ ...name, limit }])
  return opened!
}

/**
 * Opens many accounts at once, in the order given; those that exist are given back as they are.
 * @returns one account per name.
 */
export async function openAccounts(
  ctx: TransactionContext,
  wanted: readonly (AccountName & { limit: number })[],
): Promise<Account[]> {
  const byName = new Map<string, Account>()
  for (const chunk of chunks(wanted)) {
    const rows = await ctx.tx
      .insert(accounts)
      .values(chunk.map((account) => ({ id: ctx.newId(), ...account })))
      // Touching the row makes RETURNING give the existing one back.
      .onConflictDoUpdate({
        target: [accounts.kind, accounts.ownerId, accounts.period, accounts.unit],
        set: { unit: sql`excluded.unit` },
      })
      .returning()
    for (const row of rows) byName.set(nameOf(row), row)
  }
  return wanted.map((name) => byName.get(nameOf(name))!)
}

/**
 * The same without locking those that are there: for postings, whose accounts the ledger locks afterwards, all of them
 * in order of their ids.
 * @returns one id per name.
 */
export async function ensureAccounts(
  ctx: TransactionContext,
  wanted: readonly (AccountName & { limit: number })[],
): Promise<string[]> {
  const found = new Map<string, string>()
  // In one order: of two who open the same ones, the later waits for the earlier, and never both for each other.
  const missing = () =>
    wanted
      .filter((name) => !found.has(nameOf(name)))
      .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
  await findByName(ctx, wanted, found)
  for (const chunk of chunks(missing())) {
    await ctx.tx
      .insert(accounts)
      .values(chunk.map((account) => ({ id: ctx.newId(), ...account })))
      .onConflictDoNothing({ target: [accounts.kind, accounts.ownerId, accounts.period, accounts.unit] })
  }
  // Also those that somebody else has opened a moment ago.
  await findByName(ctx, missing(), found)
  return wanted.map((name) => found.get(nameOf(name))!)
}

async function findByName(
  ctx: TransactionContext,
  wanted: readonly AccountName[],
  found: Map<string, string>,
): Promise<void> {
  // Kinds as well, or no index helps to find them.
  const kinds = [...new Set(wanted.map(({ kind }) => kind))]
  const owners = [...new Set(wanted.map(({ ownerId }) => ownerId))]
  const periods = [...new Set(wanted.map(({ period }) => period))]
  for (const ids of chunks(owners)) {
    const rows = await ctx.tx
      .select()
      .from(accounts)
      .where(
        and(inArray(accounts.kind, kinds), inArray(accounts.ownerId, ids), inArray(accounts.period, periods)),
      )
    for (const row of rows) found.set(nameOf(row), row.id)
  }
}

function nameOf(name: AccountName): string {
  return `${name.kind} ${name.ownerId} ${name.period} ${name.unit}`
}

/** The account, locked until the transaction ends. @throws Refusal `not_found`. */
export async function lockAccount(ctx: TransactionContext, accountId: string): Promise<Account> {
  const [account] = await ctx.tx.select().from(accounts).where(eq(accounts.id, accountId)).for('update')
  if (!account) throw new Refusal('not_found', 'There is no such account.')
  return account
}

/**
 * Sets the limit to a new value.
 * @throws Refusal `insufficient` below what is held and spent (the database's check).
 */
export async function setLimit(ctx: TransactionContext, accountId: string, limit: number): Promise<Account> {
  const [account] = await ctx.tx.update(accounts).set({ limit }).where(eq(accounts.id, accountId)).returning()
  if (!account) throw new Refusal('not_found', 'There is no such account.')
  return account
}

/** An owner's accounts of one kind and unit over all its periods, the earliest first. */
export function accountsThroughTime(
  ctx: Context,
  { kind, ownerId, unit }: Omit<AccountName, 'period'>,
): Promise<Account[]> {
  return query(ctx)
    .select()
    .from(accounts)
    .where(and(eq(accounts.kind, kind), eq(accounts.ownerId, ownerId), eq(accounts.unit, unit)))
    .orderBy(accounts.period)
}

/** The accounts of these owners in a period. */
export function accountsOf(ctx: Context, ownerIds: string[], period: string): Promise<Account[]> {
  return query(ctx)
    .select()
    .from(accounts)
    .where(and(inArray(accounts.ownerId, ownerIds), eq(accounts.period, period)))
    .orderBy(accounts.id)
}
