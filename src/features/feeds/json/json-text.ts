/** From bytes to text, piece by piece, with the line of each piece and a mark where bytes are not UTF-8. */
import { isUtf8 } from 'node:buffer'

/** A piece of text that lies within one line. */
export interface TextPiece {
  text: string
  /** 1-based line of the file. */
  line: number
  /** The line ends behind this piece; its line feed is not part of `text`. */
  endsLine: boolean
}

/**
 * Stands for bytes that are not UTF-8: a code point that Unicode promises never to give a meaning. The usual
 * replacement character won't do, since a source may have written it.
 */
export const UNREADABLE = '\uFDD0'

const LINE_FEED = 10
const BYTE_ORDER_MARK = '\uFEFF'

/** Every byte of a feed as text, in pieces about as long as the chunks that come in. */
export async function* readTextPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextPiece> {
  let line = 1
  let isFirst = true
  /** Bytes of a character whose end has not come yet. */
  let carry: Uint8Array = new Uint8Array()
  const piece = (bytes: Uint8Array, endsLine: boolean): TextPiece => {
    const all = carry.length === 0 ? bytes : Buffer.concat([carry, bytes])
    const whole = endsLine ? all.length : all.length - unfinished(all)
    carry = new Uint8Array(all.subarray(whole))
    let text = decode(all.subarray(0, whole))
    if (isFirst && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1)
    if (whole > 0) isFirst = false
    return { text, line, endsLine }
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
      yield piece(chunk.subarray(from, to), true)
      from = to + 1
      line++
    }
    if (from < chunk.length) yield piece(chunk.subarray(from), false)
  }
  yield piece(new Uint8Array(), true)
}

/** Bytes at the end that begin a character of UTF-8 without ending it: at most 3. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0
  }
  return 0
}

function decode(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  return isUtf8(bytes) ? text : text.replaceAll('\uFFFD', UNREADABLE)
}
