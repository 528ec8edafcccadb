import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import type { ProgramRow } from './create-program.ts'
import { reachProgram } from './get-program.ts'
import { nextProgramState } from './program-lifecycle.ts'
import { programs } from './tables.ts'

/**
 * The second person's yes to a program.
 * @throws Refusal `duty_conflict` for the person who drafted it, `state_conflict` when it was approved before.
 */
export async function approveProgram(
  ctx: Context,
  { id, expectedVersion }: { id: string; expectedVersion: number },
): Promise<ProgramRow> {
  permit(ctx, 'program.approve')
  return inTransaction(ctx, async (ctx) => {
    const program = await reachProgram(ctx, id)
    requireVersion(program, expectedVersion)
    const state = nextProgramState('approve', program.state)
    await assumeDuty(ctx, id, 'approve')
    const [row] = await ctx.tx
      .update(programs)
      .set({ state, version: sql`${programs.version} + 1` })
      .where(eq(programs.id, id))
      .returning()
    await record(ctx, 'program.approve', id, { budget: program.budget, currency: program.currency })
    await emit(ctx, 'program.approved', id, program.organizationId)
    return row!
  })
}
