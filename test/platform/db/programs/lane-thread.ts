/** A thread that reads numbers through the lane it is given and writes their squares back. */
import { type LaneDescriptor, openBulkLane } from '../../../../src/platform/db/bulk-lane.ts'
import { answerInThread } from '../../../../src/platform/jobs/thread.ts'

answerInThread(async ({ lane: descriptor, upTo }: { lane: LaneDescriptor; upTo: number }, report) => {
  const lane = await openBulkLane(descriptor)
  const squares: [number, string][] = []
  const numbers = lane.rows<{ n: number }>('select generate_series(1, $1::int8) as n', [upTo], 400)
  for await (const batch of numbers) {
    report(batch.length)
    for (const { n } of batch) squares.push([n * n, `${n} squared`])
  }
  const copied = await lane.copyIn('squares', ['square', 'said'], squares)
  await lane.close()
  return { copied }
})
