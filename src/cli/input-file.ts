/** Files as they come: bytes or text, piece by piece, from a path or standard input. */
import { createReadStream } from 'node:fs'
import { isBinaryProblem } from '../engine/problem-binary.ts'
import { BadInput } from './bad-input.ts'

/** What to call a path in a sentence; `-` is standard input. */
export const nameOf = (path: string): string => (path === '-' ? 'Standard input' : path)

/** @throws BadInput where there is nothing to read. */
async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 })
  try {
    for await (const piece of stream) yield piece as Uint8Array
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const reason = { ENOENT: 'there is no such file', EISDIR: 'that is a directory', EACCES: 'no permission' }
    throw new BadInput(`${nameOf(path)} cannot be read: ${reason[code as keyof typeof reason] ?? code}.`)
  }
}

/** @throws BadInput where bytes are no UTF-8. */
function createDecoder(path: string): (piece?: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let read = 0
  return (piece) => {
    try {
      const text = decoder.decode(piece, { stream: piece !== undefined })
      read += piece?.length ?? 0
      return text
    } catch {
      throw new BadInput(`${nameOf(path)} is not UTF-8 text somewhere behind byte ${read}.`)
    }
  }
}

/** Who takes a problem file, in one of its two kinds. */
export interface ProblemTaker<T> {
  /** The next piece of JSON or NDJSON. */
  text(piece: string): void
  /** All text has come. */
  textEnd(): T
  /** A whole file in binary form. */
  binary(file: Uint8Array): T
}

/**
 * Reads a problem file into `taker`: as binary if its name ends in `.lcp` or its first bytes say so, else as
 * text. Text is passed on as it comes; a binary file is small enough to be held as a whole.
 */
export async function takeProblem<T>(path: string, taker: ProblemTaker<T>): Promise<T> {
  const decode = createDecoder(path)
  const held: Uint8Array[] = []
  let isBinary: boolean | undefined
  for await (const piece of readPieces(path)) {
    isBinary ??= path.endsWith('.lcp') || isBinaryProblem(piece)
    if (isBinary) held.push(piece)
    else taker.text(decode(piece))
  }
  if (isBinary) return taker.binary(Buffer.concat(held))
  taker.text(decode())
  return taker.textEnd()
}

/** A whole file as text. */
export async function readText(path: string): Promise<string> {
  const decode = createDecoder(path)
  let text = ''
  for await (const piece of readPieces(path)) text += decode(piece)
  return text + decode()
}
