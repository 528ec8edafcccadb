import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { getRun, type MatchRow } from '../matching/get-run.ts'
import { releaseMatch } from '../matching/release-match.ts'
import type { RunRow } from '../matching/start-run.ts'
import { matches, matchRuns } from '../matching/tables.ts'
import { ExcludeMatch } from './schemas.ts'
import { reviewDecisions } from './tables.ts'

/**
 * Takes one match out of a proposed run: what it held is free again, its need open again. Part of approving, so
 * that the person who started the run cannot pick its matches.
 * @throws Refusal `duty_conflict` for that person, `state_conflict` once the run is approved.
 */
export async function excludeMatch(
  ctx: Context,
  { matchId, expectedVersion, ...input }: ExcludeMatch,
): Promise<MatchRow> {
  permit(ctx, 'match.exclude')
  const { reason, comment } = parseInput(ExcludeMatch, input)
  return inTransaction(ctx, async (ctx) => {
    const { match, run } = await reachMatch(ctx, matchId)
    requireVersion(match, expectedVersion)
    if (run.state !== 'proposed') {
      throw new Refusal('state_conflict', `The run is ${run.state}; only a proposed one is reviewed.`)
    }
    await assumeDuty(ctx, run.id, 'approve')
    const excluded = await releaseMatch(ctx, matchId, reason)
    const { principalId } = ctx.actor
    await ctx.tx.insert(reviewDecisions).values({
      id: ctx.newId(),
      runId: run.id,
      matchId,
      principalId,
      decision: 'exclude',
      reason,
      comment,
      at: ctx.clock(),
    })
    await record(ctx, 'match.exclude', matchId, { runId: run.id, reason })
    await emit(ctx, 'match.excluded', matchId, run.organizationId, { runId: run.id, reason })
    return excluded
  })
}

/**
 * The match with its run, if the actor may see the run. The run is locked, so that it is not approved meanwhile.
 */
async function reachMatch(ctx: TransactionContext, id: string): Promise<{ match: MatchRow; run: RunRow }> {
  const [row] = await ctx.tx
    .select({ id: matchRuns.id })
    .from(matchRuns)
    .innerJoin(matches, eq(matches.runId, matchRuns.id))
    .where(eq(matches.id, id))
    .for('update', { of: matchRuns })
  const run = await getRun(ctx, found(row, 'match').id).catch(refuseAsMatch)
  const [match] = await ctx.tx.select().from(matches).where(eq(matches.id, id))
  return { match: match!, run }
}

/** Who may not see a run learns nothing of its matches either. */
function refuseAsMatch(error: unknown): never {
  if (error instanceof Refusal && error.code === 'not_found') found(null, 'match')
  throw error
}
