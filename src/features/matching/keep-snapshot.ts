/** A run's snapshot kept beside the run, sealed, so that the run can be replayed and simulated upon. */
import type { BulkLane, CopyRow } from '../../platform/db/bulk-lane.ts'
import type { Snapshot } from './snapshot.ts'
import { type CommonPart, putTogether, type ResidentPart, takeApart } from './snapshot-parts.ts'
import { createSnapshotSeal, type SnapshotSeal } from './snapshot-seal.ts'

/** Parts are read so many at a time. */
const BATCH = 1000

const COLUMNS = ['run_id', 'number', 'resident_id', 'content']

/** Inside the run's thread: writes the snapshot part by part, all of them or none. */
export async function keepSnapshot(
  lane: BulkLane,
  encryptionKey: Uint8Array,
  runId: string,
  snapshot: Snapshot,
): Promise<void> {
  const parts = sealedParts(createSnapshotSeal(encryptionKey), runId, snapshot)
  await lane.copyIn('run_snapshot_parts', COLUMNS, parts)
}

function* sealedParts({ seal }: SnapshotSeal, runId: string, snapshot: Snapshot): Generator<CopyRow> {
  const { common, residents } = takeApart(snapshot)
  let number = 0
  yield [runId, number, null, seal(runId, number, common)]
  for (const part of residents) {
    number++
    yield [runId, number, part.resident.id, seal(runId, number, part)]
  }
}

interface PartRow {
  number: number
  content: string
}

const PARTS = 'select number, content from run_snapshot_parts where run_id = $1::uuid order by number'

/**
 * Inside a thread: the snapshot as it was kept, without the residents who have been erased since.
 * @returns null where it was never kept, or somebody has changed it.
 * @throws Refusal `config_invalid` when it was sealed with another key.
 */
export async function recallSnapshot(
  lane: BulkLane,
  encryptionKey: Uint8Array,
  runId: string,
): Promise<Snapshot | null> {
  const { open } = createSnapshotSeal(encryptionKey)
  let common: CommonPart | null = null
  const residents: ResidentPart[] = []
  for await (const batch of lane.rows<PartRow>(PARTS, [runId], BATCH)) {
    for (const { number, content } of batch) {
      const part = open(runId, number, content)
      if (part === null) return null
      if (number === 0) common = part as CommonPart
      else residents.push(part as ResidentPart)
    }
  }
  return common && putTogether({ common, residents })
}
