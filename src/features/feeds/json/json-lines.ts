/** NDJSON: one object a line, so that a broken line costs that line and nothing else. */
import { JsonError } from '../../../engine/strict-json.ts'
import { readTextPieces, UNREADABLE } from './json-text.ts'
import { LONGEST_OBJECT, parseJson } from './json-values.ts'

/** The value of a line, or what is wrong with it (continues "the line …"). */
export type JsonLine = { line: number } & ({ value: unknown } | { fault: string })

/** Every line that is not blank, in the memory of one line of at most 32 Mi characters. */
export async function* readJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonLine> {
  let held = ''
  let isTooLong = false
  for await (const { text, line, endsLine } of readTextPieces(chunks)) {
    if (held.length + text.length > LONGEST_OBJECT) isTooLong = true
    held = isTooLong ? '' : held + text
    if (!endsLine) continue
    if (isTooLong) yield { line, fault: 'has more than 32 Mi characters' }
    else if (held.trim() !== '') yield { line, ...readLine(held) }
    held = ''
    isTooLong = false
  }
}

function readLine(text: string): { value: unknown } | { fault: string } {
  if (text.includes(UNREADABLE)) return { fault: 'holds bytes that are not UTF-8' }
  try {
    return { value: parseJson(text) }
  } catch (error) {
    if (error instanceof JsonError) return { fault: error.message }
    throw error
  }
}
