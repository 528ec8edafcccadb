import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { reviewDecisions } from './tables.ts'

type Decision = Pick<
  typeof reviewDecisions.$inferInsert,
  'runId' | 'matchId' | 'decision' | 'reason' | 'comment'
>

/** Puts decisions of the actor on record. */
export async function noteDecisions(ctx: TransactionContext, decisions: readonly Decision[]): Promise<void> {
  const { principalId } = ctx.actor
  for (const chunk of chunks(decisions)) {
    const rows = chunk.map((decision) => ({ id: ctx.newId(), principalId, at: ctx.clock(), ...decision }))
    await ctx.tx.insert(reviewDecisions).values(rows)
  }
}
