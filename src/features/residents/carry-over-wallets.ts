import { and, asc, eq, gt, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, query, type TransactionContext } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { type Account, openAccounts } from '../../platform/ledger/accounts.ts'
import { lockAccounts } from '../../platform/ledger/post-transfers.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { periodAfter, periodAt } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { carriedOver } from './carry-over.ts'
import { residents, walletMovements, wallets } from './tables.ts'
import { moveWallets, walletName } from './wallet-movements.ts'

/** Wallets of one transaction: few enough that nobody who books waits long for it. */
const BATCH = 200

/** A wallet of a month that is over, with something left that its rule may let go over. */
interface Remainder {
  accountId: string
  residentId: string
  organizationId: string
  /** Null = all of it. */
  most: number | null
}

/**
 * Lets what is left of each wallet of a month that is over go over into the month right after, as far as the wallet's
 * rule allows; from the earliest month on, so that it comes as far as it may. Repeating it moves only what was freed
 * since.
 * @returns how many times something went over.
 */
export async function carryOverWallets(ctx: Context): Promise<number> {
  permit(ctx, 'wallet.carry_over')
  const current = periodAt(ctx.clock())
  let moved = 0
  let period = await earliestLeft(ctx, current)
  while (period !== null && period < current) {
    moved += await carryOverMonth(ctx, period)
    period = periodAfter(period)
  }
  return moved
}

async function earliestLeft(ctx: Context, before: string): Promise<string | null> {
  const [row] = await query(ctx)
    .select({ period: sql<string | null>`min(${accounts.period})` })
    .from(accounts)
    .innerJoin(wallets, ofWallet())
    .where(and(hasLeft(ctx), lt(accounts.period, before)))
  return row?.period ?? null
}

async function carryOverMonth(ctx: Context, period: string): Promise<number> {
  let moved = 0
  let after: string | null = null
  for (;;) {
    const batch = await readRemainders(ctx, period, after)
    if (batch.length > 0) moved += await inTransaction(ctx, (ctx) => carryOverBatch(ctx, period, batch))
    if (batch.length < BATCH) return moved
    after = batch.at(-1)!.accountId
  }
}

function readRemainders(ctx: Context, period: string, after: string | null): Promise<Remainder[]> {
  return query(ctx)
    .select({
      accountId: accounts.id,
      residentId: residents.id,
      organizationId: residents.organizationId,
      most: wallets.carryOverMost,
    })
    .from(accounts)
    .innerJoin(wallets, ofWallet())
    .innerJoin(residents, eq(residents.id, accounts.ownerId))
    .where(
      and(
        hasLeft(ctx),
        eq(accounts.period, period),
        isNull(residents.erasedAt),
        after === null ? undefined : gt(accounts.id, after),
      ),
    )
    .orderBy(asc(accounts.id))
    .limit(BATCH)
}

function ofWallet(): SQL | undefined {
  return and(
    eq(accounts.kind, 'wallet'),
    eq(wallets.residentId, accounts.ownerId),
    eq(wallets.period, accounts.period),
  )
}

function hasLeft(ctx: Context): SQL | undefined {
  return and(
    eq(accounts.unit, ctx.currency),
    sql`${accounts.limit} > ${accounts.held} + ${accounts.spent}`,
    or(isNull(wallets.carryOverMost), gt(wallets.carryOverMost, 0)),
  )
}

async function carryOverBatch(
  ctx: TransactionContext,
  period: string,
  batch: readonly Remainder[],
): Promise<number> {
  const residentIds = batch.map(({ residentId }) => residentId)
  const next = periodAfter(period)
  const ids = await openNext(ctx, residentIds, next)
  const locked = await lockAccounts(ctx, [...batch.map(({ accountId }) => accountId), ...ids])
  const known = new Map(locked.map((account) => [`${account.ownerId} ${account.period}`, account]))
  // Read under the locks: whoever carries over at the same time has written before us, or waits.
  const before = await carriedBefore(ctx, residentIds, period)
  const moves = batch.flatMap((remainder) => {
    const from = known.get(`${remainder.residentId} ${period}`)!
    const to = known.get(`${remainder.residentId} ${next}`)!
    const rule = { most: remainder.most, before: before.get(remainder.residentId) ?? 0, next: to }
    const amount = carriedOver(rule, from)
    return amount > 0 ? [{ ...remainder, from, to, amount }] : []
  })
  if (moves.length > 0) await writeMoves(ctx, period, moves)
  return moves.length
}

/** Opens the wallets of the next month that are not there; those that are, are locked with the others, in one order. */
async function openNext(
  ctx: TransactionContext,
  residentIds: readonly string[],
  period: string,
): Promise<string[]> {
  const there = await ctx.tx
    .select({ id: accounts.id, ownerId: accounts.ownerId })
    .from(accounts)
    .where(
      and(
        eq(accounts.kind, 'wallet'),
        eq(accounts.unit, ctx.currency),
        eq(accounts.period, period),
        inArray(accounts.ownerId, [...residentIds]),
      ),
    )
  const owners = new Set(there.map(({ ownerId }) => ownerId))
  const missing = residentIds.filter((id) => !owners.has(id))
  const opened = await openAccounts(
    ctx,
    missing.map((id) => ({ ...walletName(ctx, id, period), limit: 0 })),
  )
  return [...there, ...opened].map(({ id }) => id)
}

/** What went over from these wallets before, by resident. */
async function carriedBefore(
  ctx: TransactionContext,
  residentIds: readonly string[],
  period: string,
): Promise<Map<string, number>> {
  const { residentId, kind, amount } = walletMovements
  const rows = await ctx.tx
    .select({ residentId, carried: sql<number>`-sum(${amount})`.mapWith(Number) })
    .from(walletMovements)
    .where(
      and(inArray(residentId, [...residentIds]), eq(walletMovements.period, period), eq(kind, 'carried_out')),
    )
    .groupBy(residentId)
  return new Map(rows.map((row) => [row.residentId, row.carried]))
}

type Move = Remainder & { from: Account; to: Account; amount: number }

/** The next month's wallet takes over the rule where it has none of its own. */
async function writeMoves(ctx: TransactionContext, from: string, moves: readonly Move[]): Promise<void> {
  const to = periodAfter(from)
  await moveWallets(
    ctx,
    moves.flatMap((move) => [
      { account: move.from, kind: 'carried_out' as const, amount: -move.amount },
      { account: move.to, kind: 'carried_in' as const, amount: move.amount },
    ]),
  )
  const rules = moves.map(({ residentId, most }) => ({ residentId, period: to, carryOverMost: most }))
  await ctx.tx.insert(wallets).values(rules).onConflictDoNothing()
  const amount = moves.reduce((sum, move) => sum + move.amount, 0)
  await record(ctx, 'wallet.carry_over', ctx.newId(), { from, to, wallets: moves.length, amount })
  await emitAll(
    ctx,
    'wallet.carried_over',
    moves.map(({ residentId, organizationId, amount }) => ({
      objectId: residentId,
      audience: organizationId,
      data: { from, to, amount },
    })),
  )
}
