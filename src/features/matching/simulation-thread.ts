/** A simulation's thread: puts a run's kept snapshot together and solves it as it is asked to. */

import { openBulkLane } from '../../platform/db/bulk-lane.ts'
import { Refusal } from '../../platform/errors.ts'
import { answerInThread } from '../../platform/jobs/thread.ts'
import { recallSnapshot } from './keep-snapshot.ts'
import { simulateSnapshot } from './simulate-snapshot.ts'
import type { SimulationReply, SimulationRequest } from './simulation-protocol.ts'

answerInThread<SimulationRequest, SimulationReply>(async (request) => {
  const lane = await openBulkLane(request.lane)
  try {
    const snapshot = await recallSnapshot(lane, request.encryptionKey, request.runId)
    if (!snapshot) throw new Refusal('state_conflict', 'The snapshot of the run is not what was kept.')
    return simulateSnapshot(snapshot, request.question, request)
  } finally {
    await lane.close()
  }
})
