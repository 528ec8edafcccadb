/** The import's thread: reads the feed, checks it, fills the staging table. What counts is decided after it. */
import { type BulkLane, openBulkLane } from '../../platform/db/bulk-lane.ts'
import { answerInThread } from '../../platform/jobs/thread.ts'
import type { ImportReply, ImportRequest } from './import-protocol.ts'
import { openSource } from './open-source.ts'
import { stageFeed } from './stage-feed.ts'
import { uniteRepeats } from './unite-repeats.ts'

answerInThread<ImportRequest, ImportReply>(async (request, report) => {
  let lane = await openBulkLane(request.lane)
  try {
    const { repeats, ...staged } = await stageFeed(lane, openSource(request), request, report)
    if (repeats === 0) return { ...staged, united: 0 }
    lane = await reopened(lane, request)
    const { united, flaws } = await uniteRepeats(lane, request.importId, staged.flaws)
    return { ...staged, staged: staged.staged + united, united, flaws: staged.flaws + flaws }
  } finally {
    await lane.close()
  }
})

/** A lane to PostgreSQL sees the moment it was opened; the embedded one always sees now, and has but one port. */
async function reopened(lane: BulkLane, { lane: descriptor }: ImportRequest): Promise<BulkLane> {
  if (descriptor.engine === 'pglite') return lane
  await lane.close()
  return openBulkLane(descriptor)
}
