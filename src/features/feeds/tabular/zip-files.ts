/** Files of a zip archive, inflated as they are read, with a guard against archives made to do harm. */
import { openAsBlob } from 'node:fs'
import { BlobReader, configure, ERR_UNSAFE_FILENAME, type FileEntry, ZipReader } from '@zip.js/zip.js'
import type { FeedFile } from './feed-file.ts'

export interface ZipLimits {
  /** Files in the archive. */
  entries: number
  /** Bytes of all files together. */
  bytes: number
  /** Bytes of a file for each byte it takes in the archive, where it has more than `spared` bytes. */
  ratio: number
  spared: number
}

/** Directories compress ten- to thirtyfold; a bomb a thousandfold. */
export const ZIP_LIMITS: ZipLimits = {
  entries: 2000,
  bytes: 4 * 1024 ** 3,
  ratio: 200,
  spared: 8 * 1024 ** 2,
}

// Inflating is the stream's own work here; worker threads would outlive it.
configure({ useWebWorkers: false })

/**
 * Opens an archive at a path or held in memory. Folders, hidden files and the `__MACOSX` shadow files are left out.
 * What the archive says of sizes is checked when it is opened, and what really comes out while it is read.
 * @throws Error of one sentence: no archive, too many files or bytes, an encrypted file, or a name such as `../x`.
 */
export async function openZip(source: string | Blob, limits: ZipLimits = ZIP_LIMITS): Promise<FeedFile[]> {
  const blob = typeof source === 'string' ? await openAsBlob(source) : source
  const reader = new ZipReader(new BlobReader(blob))
  const entries: FileEntry[] = []
  let declared = 0
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (entry.directory) continue
      refuseUnsafe(entry, limits)
      declared += entry.uncompressedSize
      if (declared > limits.bytes) throw new Error(`The archive unpacks to more than ${limits.bytes} bytes.`)
      entries.push(entry)
      if (entries.length > limits.entries) {
        throw new Error(`The archive holds more than ${limits.entries} files.`)
      }
    }
  } catch (error) {
    throw sentenceOf(error)
  }
  return entries
    .filter(({ filename }) => !/(^|\/)(\.|__MACOSX\/)/.test(filename))
    .map((entry) => ({ name: entry.filename, open: () => inflated(entry, limits) }))
}

function sentenceOf(error: unknown): Error {
  const { message, filename = '' } = error as Error & { filename?: string }
  if (message === ERR_UNSAFE_FILENAME) return liesOutside(filename)
  if (message.startsWith('The archive')) return error as Error
  return new Error('The file is no zip archive, or a broken one.')
}

function liesOutside(filename: string): Error {
  return new Error(
    `The archive has a file that would lie outside it: ${JSON.stringify(filename.slice(0, 100))}.`,
  )
}

function refuseUnsafe(entry: FileEntry, limits: ZipLimits): void {
  const { filename, encrypted, uncompressedSize, compressedSize } = entry
  const shown = JSON.stringify(filename.slice(0, 100))
  if (/^[/\\]|^[a-z]:|\\|\0|(^|\/)\.\.(\/|$)/i.test(filename)) {
    throw liesOutside(filename)
  }
  if (encrypted) throw new Error(`The archive has an encrypted file: ${shown}.`)
  if (uncompressedSize > limits.spared && uncompressedSize > compressedSize * limits.ratio) {
    throw new Error(`The archive has a file that unpacks more than ${limits.ratio}-fold: ${shown}.`)
  }
}

/** Streams one file; stops when more comes out than the archive said or the limits allow. */
async function* inflated(entry: FileEntry, limits: ZipLimits): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writing = entry
    .getData(writable)
    .catch((error: unknown) => writable.abort(error).catch(() => undefined))
  let bytes = 0
  try {
    for await (const chunk of readable) {
      bytes += chunk.length
      if (bytes > entry.uncompressedSize || bytes > limits.bytes) {
        throw new Error(`The archive's file ${JSON.stringify(entry.filename)} is longer than it says.`)
      }
      yield chunk
    }
  } finally {
    await writing
  }
}
