/** Records put aside until a feed has been read to its end: in memory at first, in temporary files beyond. */
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordKind } from '../../directory/record.ts'
import type { RawRecord } from '../feed-item.ts'

/** Characters held in memory, before they go to files and while they are collected for them. */
const MOST_IN_MEMORY = 16 * 1024 * 1024

/** Files per kind: one of them is read back at a time. */
const PARTS = 32

export interface Spool {
  add(record: RawRecord): void
  /** More is held in memory than should be. */
  readonly isFull: boolean
  /** Moves what is held in memory to files. */
  spill(): Promise<void>
  /** The records of a kind, by source id in the order of their first sighting; a group has all of its id. */
  groups(kind: RecordKind): AsyncGenerator<RawRecord[]>
  /** Takes the files away. */
  close(): Promise<void>
}

export function createSpool(mostInMemory = MOST_IN_MEMORY): Spool {
  /** Lines by kind, or by kind and part once there are files. */
  const pending = new Map<string, string[]>()
  let size = 0
  let directory: string | null = null
  const nameOf = (kind: RecordKind, id: string) => (directory === null ? kind : `${kind}-${partOf(id)}`)
  const put = (name: string, line: string) => {
    const lines = pending.get(name)
    if (lines) lines.push(line)
    else pending.set(name, [line])
  }
  const spill = async () => {
    if (directory === null) {
      directory = await mkdtemp(join(tmpdir(), 'lifecircle-feed-'))
      const lines = [...pending.values()].flat()
      pending.clear()
      for (const line of lines) {
        const { kind, sourceId } = JSON.parse(line) as RawRecord
        put(nameOf(kind, sourceId), line)
      }
    }
    for (const [name, lines] of pending) await appendFile(join(directory, name), `${lines.join('\n')}\n`)
    pending.clear()
    size = 0
  }
  return {
    add(record) {
      const line = JSON.stringify(record)
      put(nameOf(record.kind, record.sourceId), line)
      size += line.length
    },
    get isFull() {
      return size > mostInMemory
    },
    spill,
    async *groups(kind) {
      if (directory === null) {
        yield* grouped(pending.get(kind) ?? [])
        return
      }
      await spill()
      for (let part = 0; part < PARTS; part++)
        yield* grouped(await linesOf(join(directory, `${kind}-${part}`)))
    },
    async close() {
      if (directory !== null) await rm(directory, { recursive: true, force: true })
    },
  }
}

function* grouped(lines: readonly string[]): Generator<RawRecord[]> {
  const groups = new Map<string, RawRecord[]>()
  for (const line of lines) {
    const record = JSON.parse(line) as RawRecord
    const group = groups.get(record.sourceId)
    if (group) group.push(record)
    else groups.set(record.sourceId, [record])
  }
  yield* groups.values()
}

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw error
  }
}

/** FNV-1a: spreads ids evenly, also those that differ in their last sign only. */
function partOf(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % PARTS
}
