/** The forms an export takes: a directory of CSV files, the same in one zip, or one JSON file. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { configure, ZipWriter } from '@zip.js/zip.js'
import { KINDS } from '../../directory/kinds.ts'
import type { RecordKind } from '../../directory/record.ts'
import type { ExportSink } from './export-directory.ts'
import { csvOf, jsonRowOf } from './export-rows.ts'

/** The descriptor that makes CSV files a tabular data package, given the kinds that have a file. */
export type Descriptor = (kinds: readonly RecordKind[]) => object

const DESCRIPTOR = 'datapackage.json'
/** Files of a zip have one date, so that equal directories give equal files. */
const ZIP_DATE = new Date('1980-01-01T00:00:00Z')

/** One CSV file per kind, and the descriptor, in a directory that may be there already. */
export function directorySink(path: string, descriptor: Descriptor): ExportSink {
  const kinds: RecordKind[] = []
  return {
    async write(kind, records) {
      kinds.push(kind)
      await mkdir(path, { recursive: true })
      await pipeline(Readable.from(csvOf(kind, records)), createWriteStream(join(path, KINDS[kind].file)))
    },
    async finish() {
      await mkdir(path, { recursive: true })
      await writeFile(join(path, DESCRIPTOR), `${JSON.stringify(descriptor(kinds), null, 2)}\n`)
    },
  }
}

/** The same files in one zip; the file appears when it is complete. */
export function zipSink(path: string, descriptor: Descriptor): ExportSink {
  configure({ useWebWorkers: false })
  const kinds: RecordKind[] = []
  const unfinished = `${path}.part`
  const file = createWriteStream(unfinished)
  const zip = new ZipWriter(Writable.toWeb(file), { lastModDate: ZIP_DATE, extendedTimestamp: false })
  const add = (name: string, text: AsyncIterable<string> | Iterable<string>) =>
    zip.add(name, Readable.toWeb(Readable.from(encoded(text))) as unknown as ReadableStream<Uint8Array>)
  return {
    async write(kind, records) {
      kinds.push(kind)
      await add(KINDS[kind].file, csvOf(kind, records))
    },
    async finish() {
      await add(DESCRIPTOR, [`${JSON.stringify(descriptor(kinds), null, 2)}\n`])
      await zip.close()
      await rename(unfinished, path)
    },
  }
}

async function* encoded(text: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const part of text) yield encoder.encode(part)
}

/** One object whose properties are the files' names, a record a line; the file appears when it is complete. */
export function jsonSink(path: string): ExportSink {
  const unfinished = `${path}.part`
  const file = createWriteStream(unfinished)
  let files = 0
  const say = async (text: string) => {
    if (!file.write(text)) await once(file, 'drain')
  }
  return {
    async write(kind, records) {
      await say(`${files++ === 0 ? '{' : ','}\n${JSON.stringify(KINDS[kind].file)}: [`)
      let rows = 0
      for await (const record of records) await say(`${rows++ === 0 ? '' : ','}\n${jsonRowOf(record)}`)
      await say('\n]')
    },
    async finish() {
      await say(files === 0 ? '{}\n' : '\n}\n')
      file.end()
      await finished(file)
      await rename(unfinished, path)
    },
  }
}

/** Removes what a failed export left. */
export function discardUnfinished(path: string): Promise<void> {
  return rm(`${path}.part`, { force: true })
}
