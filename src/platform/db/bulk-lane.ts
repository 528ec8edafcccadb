/**
 * The way for match runs to read and write much data, from inside their thread. Transactions stay with `Db`: a
 * run fills tables of its own here and makes them count in the transaction that finishes its job.
 */
import type { MessagePort } from 'node:worker_threads'
import type { BulkLane, LaneParameter } from './bulk-lane-contract.ts'
import { openEmbeddedLane, serveEmbeddedLane } from './bulk-lane-embedded.ts'
import type { Db } from './client.ts'

export type { BulkLane, CopyRow, CopyValue, LaneParameter } from './bulk-lane-contract.ts'

/** What a thread needs to open the lane; plain data and at most one port. */
export type LaneDescriptor = { engine: 'postgres'; url: string } | { engine: 'pglite'; port: MessagePort }

export interface LaneOffer {
  /** Goes into the thread's request. */
  descriptor: LaneDescriptor
  /** Goes into `runInThread`'s `transfer`. */
  transfer: MessagePort[]
  /** The offer itself goes into `runInThread`'s `serve`. */
  close(): void
}

/** On the main side: offers a lane to one thread. */
export function bulkLaneFor(db: Db): LaneOffer {
  const { source } = db
  if (source.engine === 'postgres') return { descriptor: { ...source }, transfer: [], close: () => {} }
  const { port, close } = serveEmbeddedLane(source.pglite)
  return { descriptor: { engine: 'pglite', port }, transfer: [port], close }
}

/** In the thread: opens the lane it was offered. */
export async function openBulkLane(descriptor: LaneDescriptor): Promise<BulkLane> {
  if (descriptor.engine === 'pglite') return oneAtATime(openEmbeddedLane(descriptor.port))
  // Loaded where it is used: the driver's uncatchable exceptions must only ever end a thread.
  const { openPostgresLane } = await import('./bulk-lane-postgres.ts')
  return oneAtATime(await openPostgresLane(descriptor.url))
}

/** A cursor's connection answers nothing else: a second read would wait for the first for ever. */
function oneAtATime(lane: BulkLane): BulkLane {
  let reading = false
  async function* rows<T>(sql: string, parameters: readonly LaneParameter[], batchSize: number) {
    if (reading) throw new Error('The lane reads one result at a time: finish the last one first.')
    reading = true
    try {
      yield* lane.rows<T>(sql, parameters, batchSize)
    } finally {
      reading = false
    }
  }
  return { ...lane, rows }
}
