/**
 * Two-phase transfers after TigerBeetle's idea: `hold` → `commit` → `settle`, or `release`; a commit that was wrong is
 * reverted, a settlement of it taken back before. Every posting takes a whole bundle (all accounts of one match) or
 * nothing; a bulk call takes many bundles. Accounts are always locked in id order, before the holds, so that two calls
 * can wait for each other but never in a circle.
 */
import { and, asc, eq, inArray, ne, sql } from 'drizzle-orm'
import type { TransactionContext } from '../context.ts'
import { chunks } from '../db/chunks.ts'
import { isOneOf } from '../db/one-of.ts'
import { Refusal } from '../errors.ts'
import type { Account, AccountKind } from './accounts.ts'
import { amountsDue, type Following, groupBy, postingsAfter } from './due-postings.ts'
import { accounts, holds, transfers } from './tables.ts'
import { addToRows, type Hold, keyOf, post, postHolds, type Use } from './write-postings.ts'

/** Everything one match takes. `id` names it: holding the same bundle again changes nothing. */
export interface Bundle {
  id: string
  uses: readonly Use[]
}

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
  await postHolds(ctx, fitting)
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

/**
 * Gives back what is still held of these bundles; a bundle without open holds is left alone.
 * @param key names the posting where a bundle was given back before, and more is held again since a commit was reverted.
 */
export async function releaseBundles(
  ctx: TransactionContext,
  bundleIds: readonly string[],
  key?: string,
): Promise<void> {
  const { holds: held } = await lockHolds(ctx, bundleIds)
  await post(
    ctx,
    'release',
    held.map((hold) => ({ hold, amount: hold.open, ...(key === undefined ? {} : { key }) })),
  )
}

/** A commit by what it is named: its bundle, and a key such as the id of a delivery. */
export interface CommitName {
  bundleId: string
  key: string
}

/** A delivery of `units` of the `left` ones. */
export interface Commit extends CommitName {
  units: number
  left: number
}

/** What was committed, by the kind of the account that gave it. */
export type Committed = Partial<Record<AccountKind, number>>

/**
 * Turns held amounts into spent ones. The delivered units' share of what is open goes to each receiver as a whole
 * number, divided by largest remainder among the accounts that pay it: where a unit has a whole price, that price is
 * what every unit costs, and nothing is left over after the last. The same key again changes nothing.
 * @param commits at most one of each bundle.
 * @returns for each what was committed; nothing where its key had been posted.
 * @throws Refusal `not_found` for a bundle that was never held; then nothing is committed.
 */
export async function commitBundles(
  ctx: TransactionContext,
  commits: readonly Commit[],
): Promise<Committed[]> {
  const ids = commits.map(({ bundleId }) => bundleId)
  if (new Set(ids).size < ids.length) throw new Error('Two commits of a bundle come in two calls.')
  const { holds: held, kinds } = await lockHolds(ctx, ids)
  const holdsOf = groupBy(held, (hold) => hold.bundleId)
  const posted = await postedBefore(ctx, holdsOf, commits)
  const postings = commits.map(({ bundleId, units, left, key }) => {
    const own = holdsOf.get(bundleId)!
    if (own.some((hold) => posted.has(keyOf('commit', hold.id, key)))) return []
    return amountsDue(own, kinds, { units, left }).map((due) => ({ ...due, key }))
  })
  await post(ctx, 'commit', postings.flat())
  return postings.map((own) => {
    const byKind: Committed = {}
    for (const { hold, amount } of own) {
      const kind = kinds.get(hold.debitId)!
      byKind[kind] = (byKind[kind] ?? 0) + amount
    }
    return byKind
  })
}

/** Commits a part of one bundle: `commitBundles`. */
export async function commitBundle(
  ctx: TransactionContext,
  bundleId: string,
  commit: Omit<Commit, 'bundleId'>,
): Promise<Committed> {
  const [committed] = await commitBundles(ctx, [{ bundleId, ...commit }])
  return committed!
}

/** Which of these commits' keys are there already. */
async function postedBefore(
  ctx: TransactionContext,
  holdsOf: ReadonlyMap<string, readonly Hold[]>,
  commits: readonly CommitName[],
): Promise<Set<string>> {
  const posted = new Set<string>()
  const keys = commits.flatMap(({ bundleId, key }) => {
    const own = holdsOf.get(bundleId)
    if (!own) throw new Refusal('not_found', 'There is no such bundle.')
    return own.map((hold) => keyOf('commit', hold.id, key))
  })
  for (const chunk of chunks(keys)) {
    const rows = await ctx.tx
      .select({ key: transfers.key })
      .from(transfers)
      .where(inArray(transfers.key, chunk))
    for (const { key } of rows) posted.add(key)
  }
  return posted
}

/**
 * Takes commits back, each by exactly what it posted: what was spent is held again, until it is released. The same again
 * changes nothing.
 * @throws Refusal `not_found` for a commit that was never made, `state_conflict` while one of them is settled.
 */
export function revertCommits(ctx: TransactionContext, commits: readonly CommitName[]): Promise<void> {
  return followCommits(ctx, 'revert', commits)
}

/**
 * Marks the money of these commits as paid out to its receivers. The same again changes nothing.
 * @throws Refusal `not_found` for a commit that was never made, `state_conflict` for one that was reverted.
 */
export function settleCommits(ctx: TransactionContext, commits: readonly CommitName[]): Promise<void> {
  return followCommits(ctx, 'settle', commits)
}

/**
 * Marks what was paid out for these commits as to be paid back. The same again changes nothing.
 * @throws Refusal `not_found` for a commit that was never made, `state_conflict` for one that is not settled.
 */
export function unsettleCommits(ctx: TransactionContext, commits: readonly CommitName[]): Promise<void> {
  return followCommits(ctx, 'unsettle', commits)
}

/** Posts a phase by the amounts of earlier commits: all accounts locked first, then part by part. */
async function followCommits(
  ctx: TransactionContext,
  phase: Following,
  commits: readonly CommitName[],
): Promise<void> {
  const inOrder = commits.toSorted((one, other) => (one.bundleId < other.bundleId ? -1 : 1))
  const kinds = new Map<string, AccountKind>()
  for (const { id, kind } of await lockAccounts(ctx, await accountsFollowed(ctx, phase, inOrder))) {
    kinds.set(id, kind)
  }
  for (const part of chunks(inOrder)) {
    const bundleIds = [...new Set(part.map(({ bundleId }) => bundleId))]
    const held = await lockRows(ctx, bundleIds)
    const posted = await amountsByKey(ctx, bundleIds)
    await post(ctx, phase, postingsAfter(phase, part, { held, posted, kinds }))
  }
}

/** The accounts whose balances the phase moves: of a settlement, those that money goes to. */
async function accountsFollowed(
  ctx: TransactionContext,
  phase: Following,
  commits: readonly CommitName[],
): Promise<string[]> {
  const ids = new Set<string>()
  for (const part of chunks([...new Set(commits.map(({ bundleId }) => bundleId))])) {
    const ofBundles = isOneOf(holds.bundleId, part)
    const { debitId, creditId } = holds
    const rows =
      phase === 'revert'
        ? await ctx.tx.select({ debitId, creditId }).from(holds).where(ofBundles)
        : await ctx.tx
            .selectDistinct({ debitId: creditId, creditId })
            .from(holds)
            .innerJoin(accounts, eq(accounts.id, creditId))
            .where(and(ofBundles, eq(accounts.kind, 'receivable')))
    for (const row of rows) ids.add(row.debitId).add(row.creditId)
  }
  return [...ids]
}

/** What was posted on bundles since they were held, by the transfers' keys. */
async function amountsByKey(
  ctx: TransactionContext,
  bundleIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await ctx.tx
    .select({ key: transfers.key, amount: transfers.amount })
    .from(transfers)
    .where(and(isOneOf(transfers.bundleId, bundleIds), ne(transfers.phase, 'hold')))
  return new Map(rows.map(({ key, amount }) => [key, amount]))
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
      .where(isOneOf(holds.bundleId, ids))
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
        .where(isOneOf(accounts.id, chunk))
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

/** Locks the bundle's accounts before its holds: the one order that every posting keeps. */
async function lockHolds(
  ctx: TransactionContext,
  bundleIds: readonly string[],
): Promise<{ holds: Hold[]; kinds: Map<string, AccountKind> }> {
  const ids = new Set<string>()
  for (const part of chunks(bundleIds)) {
    const { debitId, creditId } = holds
    const rows = await ctx.tx.select({ debitId, creditId }).from(holds).where(isOneOf(holds.bundleId, part))
    for (const row of rows) ids.add(row.debitId).add(row.creditId)
  }
  const kinds = new Map((await lockAccounts(ctx, [...ids])).map(({ id, kind }) => [id, kind]))
  const locked: Hold[] = []
  for (const part of chunks(bundleIds)) locked.push(...(await lockRows(ctx, part)))
  return { holds: locked, kinds }
}

/** The holds of bundles in order of their ids, locked; their accounts are locked already. */
function lockRows(ctx: TransactionContext, bundleIds: readonly string[]): Promise<Hold[]> {
  return ctx.tx
    .select()
    .from(holds)
    .where(isOneOf(holds.bundleId, bundleIds))
    .orderBy(asc(holds.id))
    .for('update')
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
