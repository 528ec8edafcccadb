import { and, asc, eq, inArray, isNull, lt } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { periodAt } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { moveNeeds } from './move-needs.ts'
import { WAITING } from './need-lifecycle.ts'
import { needs, residents } from './tables.ts'

/** Needs of one transaction. */
const BATCH = 500

/**
 * Ends the needs that still wait when their month is over, but for those that an appeal stays.
 * @returns how many.
 */
export async function expireNeeds(ctx: Context): Promise<number> {
  permit(ctx, 'need.expire')
  let expired = 0
  for (;;) {
    const batch = await inTransaction(ctx, expireBatch)
    expired += batch
    if (batch < BATCH) return expired
  }
}

async function expireBatch(ctx: TransactionContext): Promise<number> {
  // Locked, so that none of them is taken into a run before it is moved.
  const over = await ctx.tx
    .select({
      id: needs.id,
      residentId: needs.residentId,
      period: needs.period,
      organizationId: residents.organizationId,
    })
    .from(needs)
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(
      and(
        inArray(needs.state, [...WAITING]),
        lt(needs.period, periodAt(ctx.clock())),
        isNull(needs.stayedAt),
      ),
    )
    .orderBy(asc(needs.id))
    .limit(BATCH)
    .for('update', { of: needs })
  if (over.length === 0) return 0
  await moveNeeds(
    ctx,
    over.map(({ id }) => id),
    'expired',
  )
  await record(ctx, 'need.expire', ctx.newId(), { needs: over.length })
  await emitAll(
    ctx,
    'need.expired',
    over.map(({ id: objectId, residentId, period, organizationId: audience }) => ({
      objectId,
      audience,
      data: { residentId, period },
    })),
  )
  return over.length
}
