/** Every run solved once more from what it read: byte-equal; with another seed or policy, found out. */
import { eq } from 'drizzle-orm'
import { getReplay } from '../../src/features/matching/get-replay.ts'
import { replayRun } from '../../src/features/matching/replay-run.ts'
import { matchRuns } from '../../src/features/matching/tables.ts'
import type { Stage } from './stage.ts'

export async function replayAll(
  stage: Stage,
  runIds: readonly string[],
  otherPolicyId: string,
): Promise<void> {
  for (const runId of runIds) {
    const report = await replayed(stage, runId)
    const { erasedResidents, ...equal } = report
    if (erasedResidents > 0 || Object.values(equal).includes(false)) {
      throw new Error(`The replay of ${runId} differs: ${JSON.stringify(report)}`)
    }
  }
  console.log(`  ${runIds.length} of ${runIds.length} runs came out byte-equal`)
  const { root } = stage.db
  for (const runId of runIds) {
    const [run] = await root.select().from(matchRuns).where(eq(matchRuns.id, runId))
    const { seed, policyId } = run!
    const otherPolicy = policyId === otherPolicyId ? null : otherPolicyId
    await mustNotice(stage, runId, { seed: seed + 1 })
    await root.update(matchRuns).set({ seed }).where(eq(matchRuns.id, runId))
    if (!otherPolicy) continue
    await mustNotice(stage, runId, { policyId: otherPolicy })
    await root.update(matchRuns).set({ policyId }).where(eq(matchRuns.id, runId))
  }
  console.log('  another seed, and another policy, were noticed in every run')
}

async function mustNotice(
  stage: Stage,
  runId: string,
  change: Partial<Pick<typeof matchRuns.$inferInsert, 'seed' | 'policyId'>>,
): Promise<void> {
  await stage.db.root.update(matchRuns).set(change).where(eq(matchRuns.id, runId))
  const { snapshotEqual } = await replayed(stage, runId)
  if (snapshotEqual) throw new Error(`Nobody noticed ${JSON.stringify(change)}.`)
}

async function replayed(stage: Stage, runId: string) {
  const { id } = await replayRun(stage.supervisor, runId)
  await stage.settled()
  const { state, report, failure } = await getReplay(stage.supervisor, id)
  if (!report) throw new Error(`The replay is ${state}: ${failure}`)
  return report
}
