import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { needs, residents } from '../residents/tables.ts'
import { eraseSnapshotParts, eraseSnapshotPartsOfRun } from './erase-snapshot-parts.ts'
import { matches, runNeeds } from './tables.ts'

/** What an explanation loses: what spoke for and against each option. */
const DETAILS = JSON.stringify({ considered: 0, ruledOut: {}, runnerUp: null, change: null })

/**
 * Takes out of matches and explanations what tells of the resident: the way from home, and what spoke for and
 * against each option; and the resident out of the snapshots that are kept. Amounts and the utility stay, for the books
 * and the run's value are made of them.
 * @returns how many rows of which kind.
 */
export async function eraseEvidence(
  ctx: TransactionContext,
  residentId: string,
): Promise<{ matches: number; explanations: number; snapshotParts: number }> {
  const rows = await ctx.tx.select().from(matches).where(eq(matches.residentId, residentId))
  for (const { id, utility, parts } of rows) {
    const none = Object.fromEntries(Object.keys(parts).map((part) => [part, 0]))
    await ctx.tx
      .update(matches)
      // The parts still add up.
      .set({ walkingMinutes: null, parts: { ...none, base: utility } as typeof parts })
      .where(eq(matches.id, id))
  }
  const asked = await ctx.tx.select({ id: needs.id }).from(needs).where(eq(needs.residentId, residentId))
  const explanations = await reduceExplanations(
    ctx,
    asked.map(({ id }) => id),
  )
  return { matches: rows.length, explanations, snapshotParts: await eraseSnapshotParts(ctx, residentId) }
}

/** The same for a run that was under way while residents were erased. @returns how many explanations. */
export async function eraseEvidenceOfRun(ctx: TransactionContext, runId: string): Promise<number> {
  const late = await ctx.tx
    .select({ id: runNeeds.needId })
    .from(runNeeds)
    .innerJoin(needs, eq(needs.id, runNeeds.needId))
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(and(eq(runNeeds.runId, runId), isNotNull(residents.erasedAt)))
  await eraseSnapshotPartsOfRun(ctx, runId)
  return reduceExplanations(
    ctx,
    late.map(({ id }) => id),
  )
}

async function reduceExplanations(ctx: TransactionContext, needIds: readonly string[]): Promise<number> {
  let reduced = 0
  for (const ids of chunks(needIds)) {
    const { explanation } = runNeeds
    // A run's result counts outcomes and reasons; what was chosen stands in the match too.
    const kept = sql`jsonb_build_object('outcome', ${explanation} -> 'outcome',
      'reason', ${explanation} -> 'reason', 'option', case ${explanation} ->> 'outcome'
        when 'matched' then ${explanation} -> 'option' else 'null'::jsonb end) || ${DETAILS}::jsonb`
    const rows = await ctx.tx
      .update(runNeeds)
      .set({ explanation: kept })
      .where(inArray(runNeeds.needId, ids))
      .returning({ id: runNeeds.needId })
    reduced += rows.length
  }
  return reduced
}
