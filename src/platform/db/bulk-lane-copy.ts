/** Rows as COPY's text format. Both lanes write it, so that both engines parse the same bytes. */
import type { CopyRow, CopyValue } from './bulk-lane-contract.ts'

/** Long enough that a chunk's overhead vanishes, short enough to stay out of the way of the garbage collector. */
const CHUNK = 64 * 1024

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** Chunks of text for COPY, and through `count` how many rows went into them. */
export async function* copyText(
  rows: AsyncIterable<CopyRow> | Iterable<CopyRow>,
  count: (rows: number) => void,
): AsyncGenerator<string> {
  let chunk = ''
  let written = 0
  for await (const row of rows) {
    chunk += `${row.map(copyValue).join('\t')}\n`
    written++
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = ''
  }
  if (chunk) yield chunk
  count(written)
}

/** `copy "table" ("a", "b") from`, with every name quoted; a table may carry its schema. */
export function copyStatement(table: string, columns: readonly string[]): string {
  return `copy ${table.split('.').map(quoted).join('.')} (${columns.map(quoted).join(', ')}) from`
}

function copyValue(value: CopyValue): string {
  if (value === null) return '\\N'
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (typeof value === 'number') return String(value)
  return value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
