import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { openAccount } from '../../platform/ledger/accounts.ts'
import { permit } from '../identity/permissions.ts'
import type { ProgramRow } from './create-program.ts'
import { reachProgram } from './get-program.ts'
import { nextProgramState } from './program-lifecycle.ts'
import { programs } from './tables.ts'

/**
 * Opens an approved program: its budget becomes a fund account, and runs may draw on it.
 * @throws Refusal `state_conflict` when it is not approved.
 */
export async function openProgram(
  ctx: Context,
  { id, expectedVersion }: { id: string; expectedVersion: number },
): Promise<ProgramRow> {
  permit(ctx, 'program.open')
  return inTransaction(ctx, async (ctx) => {
    const program = await reachProgram(ctx, id)
    requireVersion(program, expectedVersion)
    const state = nextProgramState('open', program.state)
    const { period, currency, budget } = program
    const fund = await openAccount(ctx, { kind: 'fund', ownerId: id, period, unit: currency }, budget)
    const [row] = await ctx.tx
      .update(programs)
      .set({ state, fundAccountId: fund.id, version: sql`${programs.version} + 1` })
      .where(eq(programs.id, id))
      .returning()
    await record(ctx, 'program.open', id, { fundAccountId: fund.id, budget, currency })
    await emit(ctx, 'program.opened', id, program.organizationId)
    return row!
  })
}
