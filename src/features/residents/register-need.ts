import { and, eq, notInArray } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { findResident } from './find-resident.ts'
import { RegisterNeed } from './schemas.ts'
import { needs } from './tables.ts'

export type NeedRow = typeof needs.$inferSelect

/**
 * Says that a resident needs a service in a month. One need per term and month: a second one would be served twice.
 * @throws Refusal `not_found` for another partner's resident, `duplicate` naming the first need, `invalid_input` for a
 *   month that is over.
 */
export async function registerNeed(ctx: Context, { residentId, ...input }: RegisterNeed): Promise<NeedRow> {
  permit(ctx, 'need.register')
  const wanted = parseInput(RegisterNeed, input)
  refusePast(wanted.period, ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    const { organizationId } = await findResident(ctx, residentId)
    const now = ctx.clock()
    const [row] = await ctx.tx
      .insert(needs)
      .values({
        id: ctx.newId(),
        residentId,
        ...wanted,
        waitingSince: now,
        state: 'registered',
        createdAt: now,
      })
      .onConflictDoNothing()
      .returning()
    if (!row) throw await twin(ctx, residentId, wanted)
    const { category, term, period } = row
    await record(ctx, 'need.register', row.id, { residentId, category, term, period })
    await emit(ctx, 'need.registered', row.id, organizationId, { residentId, category, term, period })
    return row
  })
}

async function twin(
  ctx: TransactionContext,
  residentId: string,
  { period, category, term }: Pick<NeedRow, 'period' | 'category' | 'term'>,
): Promise<Refusal> {
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
  return new Refusal(
    'duplicate',
    `Need ${first?.id} asks for the same in ${period} and is ${first?.state}.`,
    {
      facts: { existingId: first?.id },
    },
  )
}
