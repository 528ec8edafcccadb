import { and, eq, notInArray } from 'drizzle-orm'
import type { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { findResident } from './find-resident.ts'
import { refuseImpossibleNeed } from './impossible-need.ts'
import { RegisterNeed } from './schemas.ts'
import { needs } from './tables.ts'

export type NeedRow = typeof needs.$inferSelect

type Wanted = z.output<typeof RegisterNeed>

/**
 * Says that a resident needs a service in a month. One need per term and month, wanted once or all through it: a second
 * one would be served twice.
 * @throws Refusal `not_found` for another partner's resident, `duplicate` naming the first need, `invalid_input` for a
 *   month that is over, a day outside it, hours that overlap, and a preference that is refused as well.
 */
export async function registerNeed(ctx: Context, { residentId, ...input }: RegisterNeed): Promise<NeedRow> {
  permit(ctx, 'need.register')
  const wanted = parseInput(RegisterNeed, input)
  refusePast(wanted.period, ctx.clock())
  refuseImpossibleNeed(wanted, ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    const { organizationId } = await findResident(ctx, residentId)
    const row = await insertNeed(ctx, residentId, wanted)
    const { period, state } = row
    await record(ctx, 'need.register', row.id, { residentId, period, state })
    await emit(ctx, 'need.registered', row.id, organizationId, { residentId, period, state })
    return row
  })
}

async function insertNeed(ctx: TransactionContext, residentId: string, wanted: Wanted): Promise<NeedRow> {
  const now = ctx.clock()
  const values = {
    id: ctx.newId(),
    residentId,
    ...wanted,
    waitingSince: now,
    state: 'registered' as const,
    createdAt: now,
  }
  const [row] = await ctx.tx.insert(needs).values(values).onConflictDoNothing().returning()
  if (row) return row
  const first = await twinOf(ctx, residentId, wanted)
  // The one that stood in the way has just been withdrawn.
  if (!first) return insertNeed(ctx, residentId, wanted)
  const facts = { existingId: first.id }
  const sentence = `Need ${first.id} asks for the same in ${wanted.period} and is ${first.state}.`
  throw new Refusal('duplicate', sentence, { facts })
}

async function twinOf(
  ctx: TransactionContext,
  residentId: string,
  { period, category, term }: Wanted,
): Promise<Pick<NeedRow, 'id' | 'state'> | undefined> {
  const [first] = await ctx.tx
    .select({ id: needs.id, state: needs.state })
    .from(needs)
    .where(
      and(
        eq(needs.residentId, residentId),
        eq(needs.period, period),
        eq(needs.category, category),
        eq(needs.term, term),
        notInArray(needs.state, ['withdrawn', 'expired']),
      ),
    )
  return first
}
