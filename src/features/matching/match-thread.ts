/** The run's thread: reads the snapshot, works the run out, keeps the snapshot, writes the evidence, answers the choices. */
import { openBulkLane } from '../../platform/db/bulk-lane.ts'
import { answerInThread } from '../../platform/jobs/thread.ts'
import type { RunReply, RunReport, RunRequest } from './run-protocol.ts'
import { workOutInLane } from './work-out-in-lane.ts'
import type { Say } from './work-out-run.ts'

answerInThread<RunRequest, RunReply>(async (request, report) => {
  const lane = await openBulkLane(request.lane)
  const say: Say = (phase, figures = {}) =>
    report({ phase, round: null, value: null, bound: null, ...figures } satisfies RunReport)
  try {
    return await workOutInLane(lane, request, say)
  } finally {
    await lane.close()
  }
})
