import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { type FlaggedProgram, flagProgram } from './flag-programs.ts'
import { CreateProgram } from './schemas.ts'
import { programs } from './tables.ts'

export type ProgramRow = typeof programs.$inferSelect

/**
 * Drafts a program of the actor's organization.
 * @throws Refusal `invalid_input` for an area beyond the actor's reach or a month that is over.
 */
export async function createProgram(ctx: Context, input: CreateProgram): Promise<FlaggedProgram> {
  permit(ctx, 'program.create')
  const wanted = parseInput(CreateProgram, input)
  refusePast(wanted.period, ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    await requireOwnArea(ctx, wanted.areaId)
    const { organizationId } = ctx.actor
    const { currency } = ctx
    const [row] = await ctx.tx
      .insert(programs)
      .values({
        id: ctx.newId(),
        organizationId,
        ...wanted,
        currency,
        state: 'draft',
        createdAt: ctx.clock(),
      })
      .returning()
    await assumeDuty(ctx, row!.id, 'create')
    await record(ctx, 'program.create', row!.id, { areaId: wanted.areaId, budget: wanted.budget, currency })
    await emit(ctx, 'program.created', row!.id, organizationId)
    return flagProgram(ctx, row!)
  })
}

/** @throws Refusal `invalid_input` for an area beyond the actor's reach. */
export async function requireOwnArea(ctx: TransactionContext, areaId: string): Promise<void> {
  const reachable = await areaSubtree(ctx, ctx.actor.areaId ?? areaId)
  if (reachable.includes(areaId)) return
  throw invalidInput([{ path: ['areaId'], message: 'there is no such area within your reach' }])
}
