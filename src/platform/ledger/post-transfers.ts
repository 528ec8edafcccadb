/**
 * Two-phase transfers after TigerBeetle's idea: `hold` → `commit` → `settle`, or `release`. Every posting takes a
 * whole bundle (all accounts of one match) or nothing; a bulk call takes many bundles. Accounts are always locked
 * in id order, so that two calls can wait for each other but never in a circle.
 */
import { asc, inArray, sql } from 'drizzle-orm'
import type { TransactionContext } from '../context.ts'
import { chunks } from '../db/chunks.ts'
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

/**
 * Holds as many whole bundles as fit, in the order given, against the balances of this moment.
 * @returns the ids of the bundles that did not fit, or were given back before (nothing of them is held).
 */
export async function holdBundles(
  ctx: TransactionContext,
  bundles: readonly Bundle[],
): Promise<{ refused: string[] }> {
  const room = await lockRoom(ctx, bundles)
  // Read after the locks, so that a concurrent call with the same bundle is seen.
  const known = await knownBundles(ctx, bundles)
  const fitting: Bundle[] = []
  const refused: string[] = []
  for (const bundle of bundles) {
    const held = known.get(bundle.id)
    if (held === undefined && takeRoom(room, bundle)) {
      known.set(bundle.id, true)
      fitting.push(bundle)
    } else if (!held) refused.push(bundle.id)
  }
  await insertHolds(ctx, fitting)
  return { refused }
}

/**
 * Holds one bundle.
 * @throws Refusal `insufficient` when it does not fit, or was given back before.
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
  if (await isPosted(ctx, 'commit', held, key)) return
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
  if (await isPosted(ctx, 'settle', held, key)) return
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

/** The bundles that were held before; false = given back whole, which is for good. */
async function knownBundles(
  ctx: TransactionContext,
  bundles: readonly Bundle[],
): Promise<Map<string, boolean>> {
  const known = new Map<string, boolean>()
  for (const ids of chunks(bundles.map((bundle) => bundle.id))) {
    const rows = await ctx.tx
      .select({ id: holds.bundleId, taken: sql<boolean>`bool_or(${holds.open} + ${holds.committed} > 0)` })
      .from(holds)
      .where(inArray(holds.bundleId, ids))
      .groupBy(holds.bundleId)
    for (const row of rows) known.set(row.id, row.taken)
  }
  return known
}

/** What each debited account has left, with its row locked until the transaction ends. */
async function lockRoom(ctx: TransactionContext, bundles: readonly Bundle[]): Promise<Map<string, number>> {
  const ids = [
    ...new Set(bundles.flatMap((bundle) => bundle.uses.flatMap((use) => [use.debitId, use.creditId]))),
  ]
  const locked = await lockAccounts(ctx, ids)
  requireSameUnits(locked, bundles)
  return new Map(locked.map((account) => [account.id, account.limit - account.held - account.spent]))
}

/** A bug of the caller, not a refusal: money that becomes visits would unbalance the books for good. */
function requireSameUnits(locked: readonly Account[], bundles: readonly Bundle[]): void {
  const units = new Map(locked.map((account) => [account.id, account.unit]))
  for (const { debitId, creditId } of bundles.flatMap((bundle) => bundle.uses)) {
    if (units.get(debitId) !== units.get(creditId)) {
      throw new Error(`A transfer from ${debitId} to ${creditId} would change its unit, or lacks an account.`)
    }
  }
}

/** Locks accounts until the transaction ends, in the one order that everybody keeps. */
export async function lockAccounts(ctx: TransactionContext, ids: readonly string[]): Promise<Account[]> {
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
  const moved = rows.map((row) => ({ ...row, amount: row.open }))
  await append(ctx, 'hold', moved)
  await moveBalances(ctx, 'hold', moved)
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
  const amounts = rows.map((row): [string, number] => [row.id, row.amount])
  await append(ctx, phase, rows, key)
  await addToRows(ctx, holds, HOLD_EFFECTS[phase], amounts)
  await moveBalances(ctx, phase, rows)
}

/** How one unit of each phase moves the hold. */
const HOLD_EFFECTS = {
  release: { open: -1 },
  commit: { open: -1, committed: 1 },
  settle: { settled: 1 },
} as const

/** @throws Refusal `not_found` for a bundle that was never held. */
async function isPosted(ctx: TransactionContext, phase: Phase, held: Hold[], key: string): Promise<boolean> {
  if (held.length === 0) throw new Refusal('not_found', 'There is no such bundle.')
  const keys = held.map((hold) => keyOf(phase, hold.id, key))
  const [row] = await ctx.tx
    .select({ id: transfers.id })
    .from(transfers)
    .where(inArray(transfers.key, keys))
    .limit(1)
  return row !== undefined
}

/** A hold is made once and given back once; commits and settlements are told apart by the caller's key. */
function keyOf(phase: Phase, holdId: string, key = ''): string {
  return `${phase}:${key}:${holdId}`
}

interface Row extends Use {
  id: string
  bundleId: string
}

async function append(
  ctx: TransactionContext,
  phase: Phase,
  rows: readonly Row[],
  key?: string,
): Promise<void> {
  const at = ctx.clock()
  for (const chunk of chunks(rows)) {
    await ctx.tx.insert(transfers).values(
      chunk.map((row) => ({
        id: ctx.newId(),
        key: keyOf(phase, row.id, key),
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
  const debited = sum(uses, (use) => use.debitId)
  const credited = sum(uses, (use) => use.creditId)
  await addToRows(ctx, accounts, debit, debited)
  await addToRows(ctx, accounts, credit, credited)
}

function sum(uses: readonly Use[], accountOf: (use: Use) => string): [string, number][] {
  const sums = new Map<string, number>()
  for (const use of uses) sums.set(accountOf(use), (sums.get(accountOf(use)) ?? 0) + use.amount)
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1))
}

/**
 * Changes the limits of accounts by amounts with a sign, in one statement.
 * @throws Refusal `insufficient` below what is held and spent (the database's check).
 */
export function addToLimits(
  ctx: TransactionContext,
  amounts: readonly (readonly [accountId: string, amount: number])[],
): Promise<void> {
  return addToRows(ctx, accounts, { limit: 1 }, amounts)
}

/** One statement moves many rows: `unnest` carries any number of them in two parameters. */
async function addToRows(
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
