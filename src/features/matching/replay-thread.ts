/** A replay's thread: puts the kept snapshot together, works the run out once more, answers the hashes. */
import { openBulkLane } from '../../platform/db/bulk-lane.ts'
import { answerInThread } from '../../platform/jobs/thread.ts'
import { recallSnapshot } from './keep-snapshot.ts'
import type { ReplayReply, ReplayRequest } from './replay-protocol.ts'
import { workOutRun } from './work-out-run.ts'

answerInThread<ReplayRequest, ReplayReply>(async (request) => {
  const { runId, period, policy, encryptionKey } = request
  const lane = await openBulkLane(request.lane)
  try {
    const kept = await recallSnapshot(lane, encryptionKey, runId)
    if (!kept) return null
    const { choices: _choices, ...reply } = workOutRun({ ...kept, period, policy }, request).reply
    return reply
  } finally {
    await lane.close()
  }
})
