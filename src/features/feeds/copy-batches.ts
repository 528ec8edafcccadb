/** Rows of an endless stream on their way into a table: batch by batch, one COPY while the next batch is read. */
import type { BulkLane, CopyRow } from '../../platform/db/bulk-lane.ts'

/** Some 3 MB of records: enough that a COPY's overhead vanishes. */
const ROWS = 5000

export class CopyBatches {
  readonly #table: string
  readonly #columns: readonly string[]
  readonly #turn: CopyTurn
  #rows: CopyRow[] = []
  count = 0

  constructor(table: string, columns: readonly string[], turn: CopyTurn) {
    this.#table = table
    this.#columns = columns
    this.#turn = turn
  }

  /** @returns what to wait for before the next row; mostly nothing, and a promise each would cost time. */
  add(row: CopyRow): Promise<void> | undefined {
    this.#rows.push(row)
    this.count++
    return this.#rows.length >= ROWS ? this.flush() : undefined
  }

  async flush(): Promise<void> {
    const rows = this.#rows
    if (rows.length === 0) return
    this.#rows = []
    await this.#turn.copy(this.#table, this.#columns, rows)
  }
}

/** A lane copies into one table at a time, and a reader is never more than one batch ahead. */
export class CopyTurn {
  readonly #lane: BulkLane
  #copying: Promise<unknown> = Promise.resolve()

  constructor(lane: BulkLane) {
    this.#lane = lane
  }

  /** Resolves when the batch before is in: a failure shows with the next call, or with `done`. */
  async copy(table: string, columns: readonly string[], rows: CopyRow[]): Promise<void> {
    await this.#copying
    this.#copying = this.#lane.copyIn(table, columns, rows)
    // Who awaits it comes later; until then its failure is nobody's.
    this.#copying.catch(() => {})
  }

  async done(): Promise<void> {
    await this.#copying
  }
}
