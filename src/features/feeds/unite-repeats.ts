/** Records that stand in a feed several times and say different things: united into one, in the import's thread. */
import type { BulkLane } from '../../platform/db/bulk-lane.ts'
import { LINK_NAMES, type LinkName, type RecordKind } from '../directory/record.ts'
import { toRecord } from '../directory/record-row.ts'
import { CopyBatches, CopyTurn } from './copy-batches.ts'
import { flawRow, stagedRow } from './stage-feed.ts'
import { FLAW_COLUMNS, STAGED_COLUMNS, stagingTableOf } from './staged-columns.ts'
import { type Sighting, uniteSightings } from './unite-sightings.ts'

type StagedRow = Record<LinkName, string | null> & {
  ordinal: number
  kind: RecordKind
  id: string
  fields: Sighting['record']['fields']
  file: string
  line: number
}

const BATCH = 2000

/** Sightings of records whose sightings differ, by record. */
const sightings = (table: string) => `select ordinal, kind, id, ${LINK_NAMES.join(', ')}, fields, file, line
  from ${table} where (kind, id) in (
    select kind, id from ${table} where (kind, id) in (select kind, id from ${table} where is_repeat)
    group by kind, id having count(distinct digest) > 1)
  order by kind, id, ordinal`

/**
 * Appends one united record for each whose sightings differ; `applyImport` then leaves the sightings out.
 * @param lane opened after the feed was staged: a lane sees what was there when it was opened.
 * @param flawsSoFar rows in the import's report.
 * @returns how many records and flaws came to it.
 */
export async function uniteRepeats(
  lane: BulkLane,
  importId: string,
  flawsSoFar: number,
): Promise<{ united: number; flaws: number }> {
  const table = stagingTableOf(importId)
  const turn = new CopyTurn(lane)
  const records = new CopyBatches(table, STAGED_COLUMNS, turn)
  const flaws = new CopyBatches('import_flaws', FLAW_COLUMNS, turn)
  for await (const group of groupsOf(lane.rows<StagedRow>(sightings(table), [], BATCH))) {
    const found = uniteSightings(group.map(toSighting))
    const is = { isRow: false, isRepeat: false, isUnited: true }
    // It takes the place of the first sighting in the order of the feed.
    await records.add(stagedRow(group[0]!.ordinal, found.record, group[0]!, is))
    for (const flaw of found.flaws) {
      await flaws.add(flawRow(importId, flawsSoFar + flaws.count + 1, flaw))
    }
  }
  await records.flush()
  await flaws.flush()
  await turn.done()
  return { united: records.count, flaws: flaws.count }
}

function toSighting(row: StagedRow): Sighting {
  return { record: toRecord(row), place: { file: row.file, line: row.line } }
}

async function* groupsOf(batches: AsyncIterable<StagedRow[]>): AsyncGenerator<StagedRow[]> {
  let group: StagedRow[] = []
  for await (const batch of batches) {
    for (const row of batch) {
      if (group.length > 0 && (group[0]!.id !== row.id || group[0]!.kind !== row.kind)) {
        yield group
        group = []
      }
      group.push(row)
    }
  }
  if (group.length > 0) yield group
}
