import { eq, sql } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { requireOwnArea } from './create-program.ts'
import { type FlaggedProgram, flagProgram } from './flag-programs.ts'
import { reachProgram } from './get-program.ts'
import type { ProgramVersion } from './move-program.ts'
import { nextProgramState } from './program-lifecycle.ts'
import { ReviseProgram } from './schemas.ts'
import { programs } from './tables.ts'

/**
 * Writes a draft anew. Whoever does has drafted it too, and will not be the one to approve it.
 * @throws Refusal `state_conflict` when it is no draft any more, `duty_conflict` for who has another duty on it,
 *   `invalid_input` for an area beyond the actor's reach or a month that is over.
 */
export function reviseProgram(
  ctx: Context,
  { id, expectedVersion, ...input }: ProgramVersion & ReviseProgram,
): Promise<FlaggedProgram> {
  return attempted(ctx, { action: 'program.revise', objectId: id }, async (ctx) => {
    permit(ctx, 'program.revise')
    const wanted = parseInput(ReviseProgram, input)
    const program = await reachProgram(ctx, id)
    await assumeDuty(ctx, id, 'create')
    requireVersion(program, expectedVersion)
    nextProgramState('revise', program.state)
    refusePast(wanted.period, ctx.clock())
    await requireOwnArea(ctx, wanted.areaId)
    const [row] = await ctx.tx
      .update(programs)
      .set({ ...wanted, version: sql`${programs.version} + 1` })
      .where(eq(programs.id, id))
      .returning()
    const { budget, currency, organizationId } = row!
    await record(ctx, 'program.revise', id, { areaId: wanted.areaId, budget, currency })
    await emit(ctx, 'program.revised', id, organizationId)
    return flagProgram(ctx, row!)
  })
}
