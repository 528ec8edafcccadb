// The engine knows no TextEncoder (it imports nothing, not even a platform), so UTF-8 is spelled out here.
// Half a surrogate pair, which has no UTF-8, takes the three bytes its code unit would: every JavaScript
// string survives the way there and back, and two different ids never become one.

/** Most bytes that one code unit of a string can take. */
export const MOST_BYTES_PER_UNIT = 3

/** Writes `text` as UTF-8 into `bytes` from `at` on; returns where it ends. */
export function writeUtf8(text: string, bytes: Uint8Array, at: number): number {
  let end = at
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) {
      bytes[end++] = unit
      continue
    }
    const code = text.codePointAt(i)!
    if (code > 0xffff) i++
    end = writeCodePoint(code, bytes, end)
  }
  return end
}

function writeCodePoint(code: number, bytes: Uint8Array, at: number): number {
  let end = at
  if (code < 0x800) bytes[end++] = 0xc0 | (code >> 6)
  else {
    if (code < 0x10000) bytes[end++] = 0xe0 | (code >> 12)
    else {
      bytes[end++] = 0xf0 | (code >> 18)
      bytes[end++] = 0x80 | ((code >> 12) & 0x3f)
    }
    bytes[end++] = 0x80 | ((code >> 6) & 0x3f)
  }
  bytes[end++] = 0x80 | (code & 0x3f)
  return end
}

/** Bytes that `text` takes as UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!
    if (code >= 0x80) length++
    if (code >= 0x800) length++
    // A pair is two units already: four bytes are two more, as counted above.
    if (code >= 0x10000) i++
  }
  return length
}

/** The text whose UTF-8 is `bytes` from `from` to before `to`, as `writeUtf8` wrote it. */
export function readUtf8(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; ) {
    const lead = bytes[at]!
    const more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3
    let code = more === 0 ? lead : lead & (0x3f >> more)
    for (let i = 1; i <= more; i++) code = (code << 6) | (bytes[at + i]! & 0x3f)
    // A damaged byte may ask for a code point that does not exist; what it names is refused elsewhere.
    text += String.fromCodePoint(code > 0x10ffff ? 0xfffd : code)
    at += more + 1
  }
  return text
}
