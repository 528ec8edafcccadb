import { and, eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import type { RunRow } from './start-run.ts'
import { matches, matchRuns } from './tables.ts'

/**
 * Makes a proposed run's remaining matches final; their holds stay until the service is delivered.
 * @returns how many matches were approved.
 * @throws Refusal `state_conflict` for a run that is not proposed.
 */
export async function approveMatches(ctx: TransactionContext, run: RunRow): Promise<number> {
  const [approved] = await ctx.tx
    .update(matchRuns)
    .set({ state: 'approved', version: run.version + 1 })
    .where(and(eq(matchRuns.id, run.id), eq(matchRuns.state, 'proposed'), eq(matchRuns.version, run.version)))
    .returning({ id: matchRuns.id })
  if (!approved) throw new Refusal('state_conflict', 'Only a proposed run can be approved.')
  const rows = await ctx.tx
    .update(matches)
    .set({ state: 'approved' })
    .where(and(eq(matches.runId, run.id), eq(matches.state, 'proposed')))
    .returning({ id: matches.id })
  return rows.length
}
