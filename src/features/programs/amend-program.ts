import { eq, sql } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { lockAccount, setLimit } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import type { ProgramRow } from './create-program.ts'
import { reachProgram } from './get-program.ts'
import type { ProgramVersion } from './move-program.ts'
import { requireFund } from './program-lifecycle.ts'
import { AmendProgram } from './schemas.ts'
import { programAmendments, programs } from './tables.ts'

export type AmendmentRow = typeof programAmendments.$inferSelect

/**
 * Changes the budget of a program that is open or frozen, up or down, by somebody who approves it.
 * @returns the amendment; the program's version is one more than it was.
 * @throws Refusal `duty_conflict` for who may not approve it, `state_conflict` where it has no fund, `insufficient`
 *   below what is held and spent: both are in its facts.
 */
export function amendProgram(
  ctx: Context,
  { id, expectedVersion, ...input }: ProgramVersion & AmendProgram,
): Promise<AmendmentRow> {
  return attempted(ctx, { action: 'program.amend', objectId: id }, async (ctx) => {
    permit(ctx, 'program.amend')
    const { budget, reason } = parseInput(AmendProgram, input)
    const program = await reachProgram(ctx, id)
    await assumeDuty(ctx, id, 'approve')
    requireVersion(program, expectedVersion)
    requireFund(program.state)
    await limitFund(ctx, program, budget)
    const amendment = await writeAmendment(ctx, program, { budget, reason })
    await record(ctx, 'program.amend', id, {
      before: program.budget,
      after: budget,
      currency: program.currency,
    })
    await emit(ctx, 'program.amended', id, program.organizationId, { before: program.budget, after: budget })
    return amendment
  })
}

async function limitFund(
  ctx: TransactionContext,
  { fundAccountId }: ProgramRow,
  budget: number,
): Promise<void> {
  const { id, held, spent } = await lockAccount(ctx, fundAccountId!)
  if (budget < held + spent) {
    const sentence = 'More of the budget is held and spent already.'
    throw new Refusal('insufficient', sentence, { facts: { held, spent } })
  }
  await setLimit(ctx, id, budget)
}

async function writeAmendment(
  ctx: TransactionContext,
  { id: programId, budget: before }: ProgramRow,
  { budget, reason }: AmendProgram,
): Promise<AmendmentRow> {
  await ctx.tx
    .update(programs)
    .set({ budget, version: sql`${programs.version} + 1` })
    .where(eq(programs.id, programId))
  const { principalId } = ctx.actor
  const [row] = await ctx.tx
    .insert(programAmendments)
    .values({ id: ctx.newId(), programId, principalId, before, after: budget, reason, at: ctx.clock() })
    .returning()
  return row!
}
