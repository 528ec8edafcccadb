/** From a feed to the staging table: checked, in our ids, every flaw in the report. Runs in the import's thread. */
import type { BulkLane, CopyRow } from '../../platform/db/bulk-lane.ts'
import { type DirectoryRecord, LINK_NAMES } from '../directory/record.ts'
import { toRecordRow } from '../directory/record-row.ts'
import { cleanRecord } from './checks/clean-record.ts'
import { CopyBatches, CopyTurn } from './copy-batches.ts'
import type { FeedItem, Flaw, Place, RawRecord } from './feed-item.ts'
import type { ImportReply, ImportReport, ImportRequest } from './import-protocol.ts'
import { type IdsOf, idsOf } from './record-ids.ts'
import { resolveRecord } from './resolve-record.ts'
import { RowAccounts } from './row-accounts.ts'
import { SightedIds } from './sighted-ids.ts'
import { FLAW_COLUMNS, STAGED_COLUMNS, stagingTableOf } from './staged-columns.ts'

/** Records between two reports of progress. */
const REPORT_EVERY = 1000

/** What was staged; `repeats` = records that stood in the feed before, to be united by `uniteRepeats`. */
export type StagedFeed = Omit<ImportReply, 'united'> & { repeats: number }

/**
 * Reads the feed to its end, in bounded memory. Nothing of it counts before the import is applied.
 * @throws Refusal of the reader, where the feed as a whole can't be read.
 */
export async function stageFeed(
  lane: BulkLane,
  items: AsyncIterable<FeedItem>,
  request: ImportRequest,
  report: (progress: ImportReport) => void,
): Promise<StagedFeed> {
  const staging = new Staging(lane, request)
  let read = 0
  for await (const item of items) {
    if ('rows' in item) staging.accounts.counted(item)
    else if ('flaw' in item) await staging.flaw(item.flaw)
    else {
      await staging.take(item.record)
      if (++read % REPORT_EVERY === 0)
        report({ phase: 'reading', file: item.record.place.file, records: read })
    }
  }
  report({ phase: 'reading', file: null, records: read })
  return staging.close()
}

class Staging {
  readonly accounts = new RowAccounts()
  readonly #turn: CopyTurn
  readonly #records: CopyBatches
  readonly #flaws: CopyBatches
  readonly #sighted = new SightedIds()
  readonly #idOf: IdsOf
  readonly #request: ImportRequest
  readonly #refused: StagedFeed['refused'] = {}
  #repeats = 0

  constructor(lane: BulkLane, request: ImportRequest) {
    this.#request = request
    this.#turn = new CopyTurn(lane)
    this.#records = new CopyBatches(stagingTableOf(request.importId), STAGED_COLUMNS, this.#turn)
    this.#flaws = new CopyBatches('import_flaws', FLAW_COLUMNS, this.#turn)
    this.#idOf = idsOf(request.feed, request.own)
  }

  async flaw(flaw: Flaw): Promise<void> {
    this.accounts.flawed(flaw)
    await this.#flaws.add(flawRow(this.#request.importId, this.#flaws.count + 1, flaw))
  }

  async take(raw: RawRecord): Promise<void> {
    const { record: clean, flaws } = cleanRecord(raw)
    for (const flaw of flaws) await this.flaw(flaw)
    if (!clean) {
      this.#refused[raw.kind] = (this.#refused[raw.kind] ?? 0) + 1
      return
    }
    const record = this.#withSector(resolveRecord(clean, this.#idOf))
    const isRepeat = !this.#sighted.add(record.kind, record.id)
    if (isRepeat) this.#repeats++
    const isRow = raw.row === true && (await this.#countRow(clean, isRepeat))
    const row = stagedRow(this.#records.count + 1, record, raw.place, { isRow, isRepeat, isUnited: false })
    const flushing = this.#records.add(row)
    if (flushing) await flushing
  }

  /** A row that stands in the feed a second time adds to the first; it is not counted as another. */
  async #countRow({ kind, sourceId, place }: RawRecord, isRepeat: boolean): Promise<boolean> {
    if (!isRepeat) return this.accounts.staged(place)
    const reason = `the ${kind} ${sourceId} stands in the feed already: adds to it`
    await this.flaw({ place, field: 'id', reason, value: sourceId, outcome: 'refused' })
    return false
  }

  #withSector(record: DirectoryRecord): DirectoryRecord {
    const { sector } = this.#request
    if (sector === null || record.kind !== 'organization' || record.fields.sector !== undefined) return record
    return { ...record, fields: { ...record.fields, sector } }
  }

  async close(): Promise<StagedFeed> {
    const { accounts, flaws } = this.accounts.close()
    for (const flaw of flaws) await this.flaw(flaw)
    await this.#records.flush()
    await this.#flaws.flush()
    await this.#turn.done()
    return {
      staged: this.#records.count,
      repeats: this.#repeats,
      flaws: this.#flaws.count,
      accounts,
      refused: this.#refused,
    }
  }
}

/** A row of the staging table, in the order of `STAGED_COLUMNS`. */
export function stagedRow(
  ordinal: number,
  record: DirectoryRecord,
  { file, line }: Place,
  is: { isRow: boolean; isRepeat: boolean; isUnited: boolean },
): CopyRow {
  const row = toRecordRow(record)
  return [
    ordinal,
    row.kind,
    row.id,
    ...LINK_NAMES.map((name) => row[name]),
    JSON.stringify(row.fields),
    row.digest,
    file,
    line,
    is.isRow,
    is.isRepeat,
    is.isUnited,
  ]
}

/** A row of the report, in the order of `FLAW_COLUMNS`. */
export function flawRow(importId: string, ordinal: number, flaw: Flaw): CopyRow {
  const { place, field, reason, value, outcome } = flaw
  return [importId, ordinal, place.file, place.line, field, reason, value ?? null, outcome]
}
