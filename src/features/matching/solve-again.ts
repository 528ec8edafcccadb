import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { canonicalJson } from '../../platform/audit/canonical-json.ts'
import { type Context, query } from '../../platform/context.ts'
import { bulkLaneFor } from '../../platform/db/bulk-lane.ts'
import { found } from '../../platform/errors.ts'
import { runInThread } from '../../platform/jobs/thread.ts'
import { policies } from '../policies/tables.ts'
import { needs, residents } from '../residents/tables.ts'
import { ENGINE } from './engine-name.ts'
import type { ReplayReply, ReplayRequest } from './replay-protocol.ts'
import type { ReplayReport } from './replay-schemas.ts'
import { requireSnapshot } from './require-snapshot.ts'
import type { RunResult } from './schemas.ts'
import type { RunRow } from './start-run.ts'
import { matchRuns, runNeeds } from './tables.ts'

/**
 * Solves a run once more, from the snapshot that was kept and from the policy, seed and rounds that its rows name today,
 * and says what of it is as it was. Writes nothing.
 * @throws Refusal `not_found`, `state_conflict` for a run that was not solved, `config_invalid` where the snapshot was
 *   sealed with another key.
 */
export async function solveAgain(ctx: Context, runId: string, signal?: AbortSignal): Promise<ReplayReport> {
  const run = await readRun(ctx, runId)
  requireSnapshot(run)
  const reply = await replayInThread(ctx, run, signal)
  const erasedResidents = await countErased(ctx, runId)
  // Reviewers may have had it solved around their decisions meanwhile: then this was half of one and half of the other.
  if ((await readRun(ctx, runId)).revision !== run.revision) throw new Error('The run was solved anew.')
  return {
    snapshotEqual: reply?.snapshotHash === run.snapshotHash,
    engineEqual: run.engineVersion === ENGINE,
    assignmentEqual: reply?.assignmentHash === run.assignmentHash,
    resultEqual: reply?.resultHash === run.resultHash && isSame(reply?.result, run.result),
    erasedResidents,
  }
}

async function readRun(ctx: Context, id: string): Promise<RunRow> {
  const [run] = await query(ctx).select().from(matchRuns).where(eq(matchRuns.id, id))
  return found(run, 'run')
}

async function replayInThread(ctx: Context, run: RunRow, signal?: AbortSignal): Promise<ReplayReply> {
  const [policy] = await query(ctx).select().from(policies).where(eq(policies.id, run.policyId))
  const { id: runId, period, seed, rounds } = run
  const lane = bulkLaneFor(ctx.db)
  const request: ReplayRequest = {
    runId,
    period,
    policy: policy!.document,
    seed,
    rounds,
    lane: lane.descriptor,
    encryptionKey: ctx.encryptionKey,
  }
  return runInThread<ReplayRequest, ReplayReply>(new URL('./replay-thread.ts', import.meta.url), request, {
    ...(signal && { signal }),
    transfer: lane.transfer,
    serve: [lane],
  })
}

/** Figures as they stand in the row may have been changed where the hash was not; some are added when it is written. */
function isSame(again: RunResult | undefined, stored: RunResult | null): boolean {
  if (!again || !stored) return false
  const { displaced: _displaced, ...figures } = again
  const names = Object.keys(figures) as (keyof typeof figures)[]
  return names.every((name) => canonicalJson(figures[name]) === canonicalJson(stored[name]))
}

/** Residents of the run who have been erased since. */
async function countErased(ctx: Context, runId: string): Promise<number> {
  const [row] = await query(ctx)
    .select({ erased: sql<number>`count(distinct ${residents.id})::int` })
    .from(runNeeds)
    .innerJoin(needs, eq(needs.id, runNeeds.needId))
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(and(eq(runNeeds.runId, runId), isNotNull(residents.erasedAt)))
  return row!.erased
}
