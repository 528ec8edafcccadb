/** What both bulk lanes promise. */

export type CopyValue = string | number | boolean | null
export type CopyRow = readonly CopyValue[]
export type LaneParameter = CopyValue | Date | readonly string[] | readonly number[]

/**
 * Values come in the same types from both engines: int8 as number, timestamptz as Date, date and timestamp as
 * text, json as objects, uuid and text as strings.
 */
export interface BulkLane {
  /**
   * Reads a result in batches, one result at a time: consume it, or leave the loop, before the next.
   * After a statement that failed, open another lane.
   * On PostgreSQL all reads of a lane see the moment it was opened; on PGlite each sees the moment it starts.
   */
  rows<T>(sql: string, parameters: readonly LaneParameter[], batchSize: number): AsyncIterable<T[]>
  /** Appends rows to a table, all or none, committed when it resolves. @returns how many. */
  copyIn(
    table: string,
    columns: readonly string[],
    rows: AsyncIterable<CopyRow> | Iterable<CopyRow>,
  ): Promise<number>
  close(): Promise<void>
}
