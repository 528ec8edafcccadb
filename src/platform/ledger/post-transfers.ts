/**
 * Two-phase transfers after TigerBeetle's idea: `hold` → `commit` → `settle`, or `release`. Every posting takes a
 * whole bundle (all accounts of one match) or nothing; a bulk call takes many bundles. Accounts are always locked
 * in id order, so that two calls can wait for each other but never in a circle.
 */
import { asc, eq, inArray, sql } from 'drizzle-orm'
import type { TransactionContext } from '../context.ts'
import { Refusal } from '../errors.ts'
import type { Account } from './accounts.ts'
import { accounts, holds, transfers } from './tables.ts'

/** One use of a scarce account by a bundle, and the account that gets it. */
export interface Use {
  debitId: string
  creditId: string
  /** Positive integer in the accounts' unit. */
  amount: number
}

/** Everything one match takes. `id` names it: holding the same bundle again changes nothing. */
export interface Bundle {
  id: string
  uses: readonly Use[]
}

type Phase = (typeof transfers.$inferInsert)['phase']
type Hold = typeof holds.$inferSelect

const CHUNK = 1000

/**
 * Holds as many whole bundles as fit, in the order given, against the balances of this moment.
 * @returns the ids of the bundles that did not fit (nothing of them is held).
 */
export async function holdBundles(
  ctx: TransactionContext,
  bundles: readonly Bundle[],
): Promise<{ refused: string[] }> {
  const fresh = await withoutKnown(ctx, bundles)
  const room = await lockRoom(ctx, fresh)
  const fitting: Bundle[] = []
  const refused: string[] = []
  for (const bundle of fresh) {
    if (takeRoom(room, bundle)) fitting.push(bundle)
    else refused.push(bundle.id)
  }
  await insertHolds(ctx, fitting)
  return { refused }
}

/**
 * Holds one bundle.
 * @throws Refusal `insufficient` naming the accounts that have too little left.
 */
export async function holdBundle(ctx: TransactionContext, bundle: Bundle): Promise<void> {
  const { refused } = await holdBundles(ctx, [bundle])
  if (refused.length > 0) throw new Refusal('insufficient', 'Not enough is left of what this takes.')
}

/** Gives back what is still held of these bundles; a bundle without open holds is left alone. */
export async function releaseBundles(ctx: TransactionContext, bundleIds: readonly string[]): Promise<void> {
  const open = (await lockHolds(ctx, bundleIds)).filter((hold) => hold.open > 0)
  await post(
    ctx,
    'release',
    open.map((hold) => ({ hold, amount: hold.open })),
  )
}

/**
 * Turns held amounts into spent ones: a delivery. After `delivered` of `of` units, every account of the bundle has
 * committed exactly its rounded share of the whole, so nothing is left over after the last unit.
 *
 * @param key names the posting, such as the delivery's id; the same key again changes nothing.
 */
export async function commitBundle(
  ctx: TransactionContext,
  bundleId: string,
  { delivered, of, key }: { delivered: number; of: number; key: string },
): Promise<void> {
  const held = await lockHolds(ctx, [bundleId])
  if (held.length === 0) throw new Refusal('not_found', 'There is no such bundle.')
  if (await isPosted(ctx, key)) return
  await post(
    ctx,
    'commit',
    held.map((hold) => ({ hold, amount: dueBy(hold, delivered, of) })),
    key,
  )
}

/** Marks everything committed of a bundle as paid out to its receivers. */
export async function settleBundle(ctx: TransactionContext, bundleId: string, key: string): Promise<void> {
  const held = await lockHolds(ctx, [bundleId])
  if (await isPosted(ctx, key)) return
  await post(
    ctx,
    'settle',
    held.map((hold) => ({ hold, amount: hold.committed - hold.settled })),
    key,
  )
}

/** The share of the whole that is due after `delivered` units, less what is committed already. */
function dueBy(hold: Hold, delivered: number, of: number): number {
  const whole = BigInt(hold.open + hold.committed)
  const share = (whole * BigInt(delivered) + BigInt(of) / 2n) / BigInt(of)
  return Number(share) - hold.committed
}

async function withoutKnown(ctx: TransactionContext, bundles: readonly Bundle[]): Promise<Bundle[]> {
  const known = new Set<string>()
  for (const ids of chunks(bundles.map((bundle) => bundle.id))) {
    const rows = await ctx.tx.select({ id: holds.bundleId }).from(holds).where(inArray(holds.bundleId, ids))
    for (const row of rows) known.add(row.id)
  }
  return bundles.filter((bundle) => !known.has(bundle.id))
}

/** What each debited account has left, with its row locked until the transaction ends. */
async function lockRoom(ctx: TransactionContext, bundles: readonly Bundle[]): Promise<Map<string, number>> {
  const ids = [
    ...new Set(bundles.flatMap((bundle) => bundle.uses.flatMap((use) => [use.debitId, use.creditId]))),
  ]
  const locked = await lockAccounts(ctx, ids)
  return new Map(locked.map((account) => [account.id, account.limit - account.held - account.spent]))
}

async function lockAccounts(ctx: TransactionContext, ids: readonly string[]): Promise<Account[]> {
  const locked: Account[] = []
  for (const chunk of chunks([...ids].sort())) {
    locked.push(
      ...(await ctx.tx
        .select()
        .from(accounts)
        .where(inArray(accounts.id, chunk))
        .orderBy(asc(accounts.id))
        .for('update')),
    )
  }
  return locked
}

function takeRoom(room: Map<string, number>, bundle: Bundle): boolean {
  const wanted = new Map<string, number>()
  for (const { debitId, amount } of bundle.uses) wanted.set(debitId, (wanted.get(debitId) ?? 0) + amount)
  for (const [id, amount] of wanted) if ((room.get(id) ?? 0) < amount) return false
  for (const [id, amount] of wanted) room.set(id, room.get(id)! - amount)
  return true
}

async function insertHolds(ctx: TransactionContext, bundles: readonly Bundle[]): Promise<void> {
  const rows = bundles.flatMap(({ id: bundleId, uses }) =>
    uses.map(({ debitId, creditId, amount }) => ({
      id: ctx.newId(),
      bundleId,
      debitId,
      creditId,
      open: amount,
    })),
  )
  for (const chunk of chunks(rows)) await ctx.tx.insert(holds).values(chunk)
  await append(
    ctx,
    'hold',
    rows.map((row) => ({ ...row, amount: row.open })),
    (row) => `hold:${row.id}`,
  )
  await moveBalances(
    ctx,
    'hold',
    rows.map((row) => ({ ...row, amount: row.open })),
  )
}

/** Locks the bundle's accounts before its holds: the one order that every posting keeps. */
async function lockHolds(ctx: TransactionContext, bundleIds: readonly string[]): Promise<Hold[]> {
  const found: Hold[] = []
  for (const ids of chunks([...bundleIds])) {
    found.push(...(await ctx.tx.select().from(holds).where(inArray(holds.bundleId, ids))))
  }
  await lockAccounts(ctx, [...new Set(found.flatMap((hold) => [hold.debitId, hold.creditId]))])
  const locked: Hold[] = []
  for (const ids of chunks([...bundleIds])) {
    locked.push(
      ...(await ctx.tx
        .select()
        .from(holds)
        .where(inArray(holds.bundleId, ids))
        .orderBy(asc(holds.id))
        .for('update')),
    )
  }
  return locked
}

async function post(
  ctx: TransactionContext,
  phase: Exclude<Phase, 'hold'>,
  postings: readonly { hold: Hold; amount: number }[],
  key?: string,
): Promise<void> {
  const moving = postings.filter((posting) => posting.amount > 0)
  const rows = moving.map(({ hold, amount }) => ({ ...hold, amount }))
  await append(ctx, phase, rows, (row) => `${key ?? phase}:${row.id}`)
  for (const { hold, amount } of moving) {
    await ctx.tx.update(holds).set(holdAfter(phase, amount)).where(eq(holds.id, hold.id))
  }
  await moveBalances(ctx, phase, rows)
}

function holdAfter(phase: Exclude<Phase, 'hold'>, amount: number) {
  if (phase === 'settle') return { settled: sql`${holds.settled} + ${amount}` }
  const open = sql`${holds.open} - ${amount}`
  return phase === 'commit' ? { open, committed: sql`${holds.committed} + ${amount}` } : { open }
}

async function isPosted(ctx: TransactionContext, key: string): Promise<boolean> {
  const [row] = await ctx.tx
    .select({ id: transfers.id })
    .from(transfers)
    .where(sql`${transfers.key} >= ${`${key}:`} and ${transfers.key} < ${`${key};`}`)
    .limit(1)
  return row !== undefined
}

interface Row extends Use {
  id: string
  bundleId: string
}

async function append(
  ctx: TransactionContext,
  phase: Phase,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Promise<void> {
  const at = ctx.clock()
  for (const chunk of chunks(rows)) {
    await ctx.tx.insert(transfers).values(
      chunk.map((row) => ({
        id: ctx.newId(),
        key: keyOf(row),
        phase,
        bundleId: row.bundleId,
        debitId: row.debitId,
        creditId: row.creditId,
        amount: row.amount,
        at,
      })),
    )
  }
}

/** How one unit of each phase moves the balances of the two accounts. `reconcile` reads the same table. */
export const EFFECTS: Record<Phase, { debit: Partial<Balances>; credit: Partial<Balances> }> = {
  hold: { debit: { held: 1 }, credit: { incoming: 1 } },
  release: { debit: { held: -1 }, credit: { incoming: -1 } },
  commit: { debit: { held: -1, spent: 1 }, credit: { incoming: -1, received: 1 } },
  settle: { debit: {}, credit: { settled: 1 } },
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
  await moveSide(
    ctx,
    debit,
    sum(uses, (use) => use.debitId),
  )
  await moveSide(
    ctx,
    credit,
    sum(uses, (use) => use.creditId),
  )
}

function sum(uses: readonly Use[], accountOf: (use: Use) => string): [string, number][] {
  const sums = new Map<string, number>()
  for (const use of uses) sums.set(accountOf(use), (sums.get(accountOf(use)) ?? 0) + use.amount)
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** One statement moves many accounts: `unnest` carries any number of rows in two parameters. */
async function moveSide(
  ctx: TransactionContext,
  effect: Partial<Balances>,
  sums: [string, number][],
): Promise<void> {
  const columns = Object.entries(effect)
  if (columns.length === 0) return
  const sets = columns.map(
    ([name, sign]) =>
      sql`${sql.identifier(name)} = a.${sql.identifier(name)} + ${sql.raw(String(sign))} * moved.amount`,
  )
  for (const chunk of chunks(sums)) {
    const ids = sql.param(`{${chunk.map(([id]) => id).join(',')}}`)
    const amounts = sql.param(`{${chunk.map(([, amount]) => amount).join(',')}}`)
    await ctx.tx.execute(sql`
      update ${accounts} as a set ${sql.join(sets, sql`, `)}
      from unnest(${ids}::uuid[], ${amounts}::bigint[]) as moved(id, amount)
      where a.id = moved.id`)
  }
}

function chunks<T>(rows: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let from = 0; from < rows.length; from += CHUNK) parts.push(rows.slice(from, from + CHUNK))
  return parts
}
