/** Reading feeds in tests: files held in memory, and the accounts of what a reader yields. */

import type { FeedItem, Flaw, RawRecord } from '../../../src/features/feeds/feed-item.ts'
import type { FeedFile } from '../../../src/features/feeds/tabular/feed-file.ts'

/** A file of a feed, handed out in pieces so that borders fall anywhere. */
export function fileOf(name: string, content: string | Uint8Array, piece = 7): FeedFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return {
    name,
    async *open() {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
    },
  }
}

export interface Reading {
  records: RawRecord[]
  flaws: Flaw[]
  rows: Map<string, number>
  of(kind: RawRecord['kind']): RawRecord[]
}

export async function readAll(items: AsyncIterable<FeedItem>): Promise<Reading> {
  const records: RawRecord[] = []
  const flaws: Flaw[] = []
  const rows = new Map<string, number>()
  for await (const item of items) {
    if ('record' in item) records.push(item.record)
    else if ('flaw' in item) flaws.push(item.flaw)
    else rows.set(item.rows.file, item.rows.rows)
  }
  return { records, flaws, rows, of: (kind) => records.filter((record) => record.kind === kind) }
}

/** Files whose rows are not exactly: those with a record and those with a refused flaw. */
export function unaccounted({ records, flaws, rows }: Reading): string[] {
  return [...rows].flatMap(([file, count]) => {
    const lines = new Set<number>()
    const refused = new Set<number>()
    for (const { row, place } of records) if (row && place.file === file) lines.add(place.line)
    for (const { outcome, place } of flaws) {
      if (outcome === 'refused' && place.file === file) refused.add(place.line)
    }
    const both = [...refused].filter((line) => lines.has(line))
    const sum = lines.size + refused.size
    return sum === count && both.length === 0
      ? []
      : [`${file}: ${count} rows, ${lines.size} + ${refused.size}`]
  })
}
