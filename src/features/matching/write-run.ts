/** The last step of a run: matches and their holds, against the balances of this moment, in one transaction. */
import { and, eq, inArray, isNotNull, notInArray, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { emit } from '../../platform/events/emit.ts'
import { holdBundles } from '../../platform/ledger/post-transfers.ts'
import { offerings } from '../catalog/tables.ts'
import { keepOpenPrograms } from '../programs/keep-open.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import { bundlesOf, type Wanted } from './bundles.ts'
import { ENGINE } from './engine-name.ts'
import { needsOfRun } from './needs-of-run.ts'
import { orderedAt } from './ordered-at.ts'
import type { Choice, RunReply } from './run-protocol.ts'
import type { UnmetReason } from './schemas.ts'
import { matches, matchRuns, runNeeds, runPrices, runSnapshotParts } from './tables.ts'
import { withdrawnResidents } from './withdrawn-residents.ts'

/**
 * Writes what the run chose. Balances may have moved since the snapshot: what no longer fits is left out and
 * counted as displaced, never overbooked. A run that was cancelled meanwhile writes nothing.
 */
export async function writeRun(ctx: TransactionContext, runId: string, reply: RunReply): Promise<void> {
  const [run] = await ctx.tx.select().from(matchRuns).where(eq(matchRuns.id, runId)).for('update')
  if (run?.state === 'cancelled' || run?.state === 'failed') return dropEvidence(ctx, runId)
  if (run?.state !== 'running') return
  const taken = await needsOfRun(ctx, run, ['in_run'])
  await requireEvidence(ctx, runId, taken)
  const units = await unitsOf(ctx, reply.choices)
  const isOpen = new Set(taken)
  const chosen = reply.choices.map(({ residentId }) => residentId)
  const given = { since: orderedAt(run), organizationId: run.organizationId }
  const withdrawn = await withdrawnResidents(ctx, given, chosen)
  const paying = await keepOpenPrograms(
    ctx,
    reply.choices.map(({ programId }) => programId),
  )
  // A need or a consent may have been withdrawn, an offering or a program taken out, while the engine worked.
  const open = reply.choices.filter(
    ({ needId, offeringId, residentId, programId }) =>
      isOpen.has(needId) &&
      units.has(offeringId) &&
      !withdrawn.has(residentId) &&
      (programId === null || paying.has(programId)),
  )
  // Earlier stages first, then the most useful: if room has shrunk, the least useful of the last give way.
  const wanted = open
    .map((choice) => ({ id: ctx.newId(), choice }))
    .sort((a, b) => a.choice.stage - b.choice.stage || b.choice.utility - a.choice.utility)
  const { refused } = await holdBundles(ctx, await bundlesOf(ctx, run.period, units, wanted))
  const without = new Set(refused)
  const kept = wanted.filter(({ id }) => !without.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1))
  await insertMatches(ctx, runId, kept)
  const displaced = await markDisplaced(ctx, runId, reply.choices, kept)
  const met = kept.map(({ choice }) => choice.needId)
  await moveNeeds(ctx, met, 'matched')
  const isMet = new Set(met)
  await moveNeeds(
    ctx,
    taken.filter((id) => !isMet.has(id)),
    'unmet',
  )
  await ctx.tx
    .update(matchRuns)
    .set({
      state: 'proposed',
      progress: {
        phase: 'finished',
        round: reply.result.rounds,
        value: reply.result.value,
        bound: reply.result.bound,
      },
      result: { ...reply.result, displaced },
      snapshotHash: reply.snapshotHash,
      assignmentHash: reply.assignmentHash,
      resultHash: reply.resultHash,
      engineVersion: ENGINE,
      finishedAt: ctx.clock(),
      version: run.version + 1,
    })
    .where(eq(matchRuns.id, runId))
  const matched = kept.length + (reply.result.pinned ?? 0)
  await record(ctx, 'run.propose', runId, {
    matched,
    displaced,
    value: reply.result.value,
    bound: reply.result.bound,
    snapshotHash: reply.snapshotHash,
    assignmentHash: reply.assignmentHash,
    resultHash: reply.resultHash,
  })
  await emit(ctx, 'run.proposed', runId, run.organizationId, { matched })
}

/**
 * Takes back what the run's thread wrote: what it read, and what it found about each need and each account. Why a pinned
 * match was proposed stays: no later solution finds anything about its need.
 */
export async function dropEvidence(ctx: TransactionContext, runId: string): Promise<void> {
  await ctx.tx
    .delete(runNeeds)
    .where(and(eq(runNeeds.runId, runId), notInArray(runNeeds.needId, pinned(ctx, runId))))
  await ctx.tx.delete(runPrices).where(eq(runPrices.runId, runId))
  await ctx.tx.delete(runSnapshotParts).where(eq(runSnapshotParts.runId, runId))
}

/** Needs whose matches reviewers keep. */
function pinned(ctx: TransactionContext, runId: string) {
  return ctx.tx
    .select({ needId: matches.needId })
    .from(matches)
    .where(and(eq(matches.runId, runId), eq(matches.state, 'proposed'), isNotNull(matches.pinReason)))
}

/**
 * Queues may deliver a job again while it runs; the second delivery drops the evidence of the first and writes its own.
 * Until it has, the run has none, and the delivery that finds it so leaves the run to the other.
 */
async function requireEvidence(ctx: TransactionContext, runId: string, taken: string[]): Promise<void> {
  const ofTaken = and(eq(runNeeds.runId, runId), notInArray(runNeeds.needId, pinned(ctx, runId)))
  const evidence = await ctx.tx.$count(runNeeds, ofTaken)
  // All parts of the snapshot are written at once: where there is the first, there were the others.
  const first = and(eq(runSnapshotParts.runId, runId), eq(runSnapshotParts.number, 0))
  const snapshot = await ctx.tx.$count(runSnapshotParts, first)
  if (evidence < taken.length || snapshot === 0) {
    throw new Error('Another delivery of this run has begun it again.')
  }
}

/** What was chosen and could not be written is no match: its explanation says so. @returns how many. */
async function markDisplaced(
  ctx: TransactionContext,
  runId: string,
  choices: Choice[],
  kept: Wanted[],
): Promise<number> {
  const met = new Set(kept.map(({ choice }) => choice.needId))
  const displaced = choices.map(({ needId }) => needId).filter((id) => !met.has(id))
  const reason: UnmetReason = 'displaced'
  const verdict = JSON.stringify({ outcome: 'unmet', reason, change: null })
  for (const ids of chunks(displaced)) {
    await ctx.tx
      .update(runNeeds)
      .set({ reason, explanation: sql`${runNeeds.explanation} || ${verdict}::jsonb` })
      .where(and(eq(runNeeds.runId, runId), inArray(runNeeds.needId, ids)))
  }
  return displaced.length
}

/** The unit of every chosen offering that is still published. */
async function unitsOf(ctx: TransactionContext, choices: Choice[]): Promise<Map<string, string>> {
  const units = new Map<string, string>()
  for (const ids of chunks([...new Set(choices.map(({ offeringId }) => offeringId))])) {
    const rows = await ctx.tx
      .select({ id: offerings.id, unit: offerings.unit })
      .from(offerings)
      .where(and(inArray(offerings.id, ids), eq(offerings.state, 'published')))
    for (const row of rows) units.set(row.id, row.unit)
  }
  return units
}

async function insertMatches(ctx: TransactionContext, runId: string, kept: Wanted[]): Promise<void> {
  for (const chunk of chunks(kept)) {
    await ctx.tx.insert(matches).values(
      chunk.map(({ id, choice }) => ({
        id,
        runId,
        needId: choice.needId,
        residentId: choice.residentId,
        offeringId: choice.offeringId,
        programId: choice.programId,
        quantity: choice.quantity,
        price: choice.price,
        subsidy: choice.subsidy,
        copayment: choice.copayment,
        walkingMinutes: choice.walkingMinutes,
        utility: choice.utility,
        parts: choice.parts,
        state: 'proposed' as const,
      })),
    )
  }
}
