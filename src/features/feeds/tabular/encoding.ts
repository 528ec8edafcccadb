/**
 * Bytes to lines of text. UTF-8 is read strictly; what is not UTF-8 is told apart among the encodings that feeds
 * really come in. A line that cannot be decoded is that line's fault alone: text with a replacement character in it
 * would be a silent loss.
 */
import chardet from 'chardet'

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030', 'big5', 'windows-1252'] as const
export type Encoding = (typeof ENCODINGS)[number]

export interface TextLine {
  /** 1-based. */
  line: number
  text: string
  /** Why the line could not be read; `text` is then empty. */
  fault?: string
}

export interface DecodeOptions {
  /** Taken at its word instead of looking; a byte order mark still wins. */
  encoding?: Encoding | undefined
  /** Told once, as soon as it is known: the encoding, and whether it had to be guessed. */
  onEncoding?: (encoding: Encoding, guessed: boolean) => void
}

/** Enough for the detector to see what letters are frequent. */
const SAMPLE = 65_536

/** No record is that long: a file without line breaks is given up in parts of this size instead of filling memory. */
export const LONGEST_LINE = 4 * 1024 * 1024

const LF = 0x0a
const CR = 0x0d

/**
 * Lines of a stream, in batches, ended by LF, CRLF or a bare CR. Memory is bounded by a chunk and one line. As long as
 * only ASCII was seen, the encoding is left open, so that a late first character decides as well as an early one.
 */
export async function* decodedLines(
  chunks: AsyncIterable<Uint8Array>,
  options: DecodeOptions = {},
): AsyncGenerator<TextLine[]> {
  const decoder = new LineDecoder(options)
  for await (const chunk of chunks) {
    const lines = decoder.push(chunk)
    if (lines.length > 0) yield lines
  }
  const rest = decoder.end()
  if (rest.length > 0) yield rest
}

class LineDecoder {
  #held: Uint8Array = new Uint8Array(0)
  #encoding: Encoding | null = null
  #started = false
  #line = 1
  /** Inside a line that was given up for its length. */
  #skipping = false
  readonly #options: DecodeOptions

  constructor(options: DecodeOptions) {
    this.#options = options
  }

  push(chunk: Uint8Array): TextLine[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    if (!this.#started && this.#held.length < 4) return []
    this.#start()
    if (this.#encoding === null) {
      const first = firstBeyondAscii(this.#held)
      if (first >= 0) {
        if (this.#held.length - first < SAMPLE)
          return this.#take(lineEnd(this.#held.subarray(0, first), 'utf-8'))
        this.#decide(first)
      }
    }
    return this.#take(lineEnd(this.#held, this.#encoding ?? 'utf-8'))
  }

  end(): TextLine[] {
    this.#start()
    if (this.#encoding === null) {
      const first = firstBeyondAscii(this.#held)
      if (first >= 0) this.#decide(first)
      else this.#options.onEncoding?.('utf-8', false)
    }
    return this.#take(this.#held.length)
  }

  /** The byte order mark, or zero bytes where UTF-16 has them, or what the caller says. */
  #start(): void {
    if (this.#started) return
    this.#started = true
    const found = markedEncoding(this.#held)
    if (found !== null) this.#settle(found.encoding, found.mark, found.mark === 0)
    else if (this.#options.encoding !== undefined) this.#settle(this.#options.encoding, 0)
  }

  #decide(first: number): void {
    const encoding = detectEncoding(this.#held.subarray(first > 1024 ? first - 1024 : 0, first + SAMPLE))
    this.#settle(encoding, 0, encoding !== 'utf-8')
  }

  #settle(encoding: Encoding, mark: number, guessed = false): void {
    this.#encoding = encoding
    this.#held = this.#held.subarray(mark)
    this.#options.onEncoding?.(encoding, guessed)
  }

  /** Decodes the held bytes up to `end`, and keeps the others. */
  #take(end: number): TextLine[] {
    if (end === 0 && this.#held.length > LONGEST_LINE) return this.#giveUp()
    const block = this.#held.subarray(0, end)
    this.#held = this.#held.subarray(end)
    if (block.length === 0) return []
    const lines = decodeBlock(block, this.#encoding ?? 'utf-8', this.#line)
    this.#line += lines.length
    if (!this.#skipping) return lines
    this.#skipping = false
    return lines.slice(1)
  }

  #giveUp(): TextLine[] {
    this.#held = new Uint8Array(0)
    if (this.#skipping) return []
    this.#skipping = true
    return [{ line: this.#line, text: '', fault: `a line of more than ${LONGEST_LINE} bytes` }]
  }
}

/** What the first bytes say: a byte order mark (and its length), or zero bytes where UTF-16 has them. */
function markedEncoding([a, b, c, d]: Uint8Array): { encoding: Encoding; mark: number } | null {
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', mark: 3 }
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', mark: 2 }
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', mark: 2 }
  if (a && b === 0 && c && d === 0) return { encoding: 'utf-16le', mark: 0 }
  if (a === 0 && b && c === 0 && d) return { encoding: 'utf-16be', mark: 0 }
  return null
}

function firstBeyondAscii(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! >= 0x80) return at
  return -1
}

/** Where the last whole line ends; 0 if none does. A CR at the very end may be half of a CRLF. */
function lineEnd(bytes: Uint8Array, encoding: Encoding): number {
  const [step, low] = encoding === 'utf-16le' ? [2, 0] : encoding === 'utf-16be' ? [2, 1] : [1, 0]
  const last = bytes.length - (bytes.length % step)
  for (let at = last - step; at >= 0; at -= step) {
    const byte = bytes[at + low]
    if (byte !== LF && byte !== CR) continue
    if (step === 2 && bytes[at + 1 - low] !== 0) continue
    if (byte === CR && at + step >= last) continue
    return at + step
  }
  return 0
}

const LINE_BREAK = /\r\n|\n|\r/

/** Decodes whole lines at once; only when that fails, line by line, to find the one that is broken. */
function decodeBlock(block: Uint8Array, encoding: Encoding, first: number): TextLine[] {
  const whole = decoded(block, encoding)
  if (whole !== null) {
    const texts = whole.split(LINE_BREAK)
    if (texts.at(-1) === '') texts.pop()
    return texts.map((text, index) => ({ line: first + index, text }))
  }
  return cutLines(block, encoding).map((bytes, index) => {
    const text = decoded(bytes, encoding)
    const line = first + index
    return text === null ? { line, text: '', fault: `bytes that are no ${encoding}` } : { line, text }
  })
}

/** The bytes of each line; in all of these encodings a line break is never part of a character. */
function cutLines(block: Uint8Array, encoding: Encoding): Uint8Array[] {
  const [step, low] = encoding === 'utf-16le' ? [2, 0] : encoding === 'utf-16be' ? [2, 1] : [1, 0]
  const isBreak = (at: number, wanted: number) =>
    block[at + low] === wanted && (step === 1 || block[at + 1 - low] === 0)
  const lines: Uint8Array[] = []
  let start = 0
  for (let at = 0; at < block.length; at += step) {
    if (!isBreak(at, LF) && !isBreak(at, CR)) continue
    lines.push(block.subarray(start, at))
    if (isBreak(at, CR) && isBreak(at + step, LF)) at += step
    start = at + step
  }
  if (start < block.length) lines.push(block.subarray(start))
  return lines
}

const DECODERS = new Map(
  ENCODINGS.map((name) => [name, new TextDecoder(name, { fatal: true, ignoreBOM: true })]),
)

/** The text, or null if the bytes are not of the encoding. */
function decoded(bytes: Uint8Array, encoding: Encoding): string | null {
  if (encoding === 'windows-1252') return westernText(bytes)
  try {
    return DECODERS.get(encoding)!.decode(bytes)
  } catch {
    return null
  }
}

/** 0x80 … 0x9f of windows-1252; a dot where it has no character. */
const WESTERN = '€.‚ƒ„…†‡ˆ‰Š‹Œ.Ž..‘’“”•–—˜™š›œ.žŸ'

/** By hand: the platform's decoder takes these bytes for control characters. */
function westernText(bytes: Uint8Array): string | null {
  let broken = false
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => {
      const meant = WESTERN[character.charCodeAt(0) - 0x80]!
      if (meant === '.') broken = true
      return meant
    })
  return broken ? null : text
}

/**
 * The encoding of a sample: UTF-8 where most lines that are not ASCII are valid UTF-8, else the likeliest of GB18030,
 * Big5 and windows-1252 (which holds Latin-1) by the frequency of their letters.
 */
export function detectEncoding(sample: Uint8Array): Encoding {
  const lines = cutLines(sample, 'utf-8').filter((line) => firstBeyondAscii(line) >= 0)
  const valid = lines.filter((line) => beginsAs(line, 'utf-8')).length
  if (valid * 2 > lines.length) return 'utf-8'
  const candidates: Record<string, Encoding> = { GB18030: 'gb18030', Big5: 'big5' }
  for (const { name, confidence } of chardet.analyse(sample)) {
    const candidate = candidates[name]
    if (candidate !== undefined && confidence >= 10 && fits(lines, candidate)) return candidate
    if (/^(ISO-8859-1|windows-1252)$/.test(name)) return 'windows-1252'
  }
  return 'windows-1252'
}

function fits(lines: readonly Uint8Array[], encoding: Encoding): boolean {
  return lines.filter((line) => beginsAs(line, encoding)).length * 2 > lines.length
}

/** Whether the bytes are of the encoding; the sample may end in the middle of a character. */
function beginsAs(line: Uint8Array, encoding: Encoding): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(line, { stream: true })
    return true
  } catch {
    return false
  }
}
