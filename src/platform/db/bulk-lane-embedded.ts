/** The lane to PGlite: it lives in the main thread, so the run's thread asks for batches over a port. */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { PGlite } from '@electric-sql/pglite'
import type { BulkLane, CopyRow, LaneParameter } from './bulk-lane-contract.ts'
import { copyStatement, copyText } from './bulk-lane-copy.ts'

const INT8 = 20
const DATE = 1082
const TIMESTAMP = 1114
const asText = (value: string) => value
const PARSERS = { [INT8]: Number, [DATE]: asText, [TIMESTAMP]: asText }

/** What the thread may ask for. A whole result is read at once, and fetched in slices. */
interface LaneServer {
  read(sql: string, parameters: readonly LaneParameter[]): Promise<number>
  fetch(result: number, batchSize: number): Promise<unknown[]>
  drop(result: number): Promise<void>
  put(copy: number, chunk: string): Promise<void>
  load(copy: number, table: string, columns: readonly string[]): Promise<void>
}

interface Call {
  id: number
  method: keyof LaneServer
  parameters: unknown[]
}
type Answer = { id: number; value: unknown } | { id: number; error: { message: string; code?: string } }

/** On the main side: answers one thread until closed. */
export function serveEmbeddedLane(pglite: PGlite): { port: MessagePort; close(): void } {
  const { port1, port2 } = new MessageChannel()
  const server = laneServer(pglite)
  port1.on('message', ({ id, method, parameters }: Call) => {
    const call = server[method] as (...parameters: unknown[]) => Promise<unknown>
    call(...parameters)
      .then((value): Answer => ({ id, value }))
      .catch((error): Answer => ({ id, error: { message: error.message, code: error.code } }))
      .then((answer) => port1.postMessage(answer))
  })
  return { port: port2, close: () => port1.close() }
}

function laneServer(pglite: PGlite): LaneServer {
  const results = new Map<number, { rows: unknown[]; at: number }>()
  const copies = new Map<number, string[]>()
  let next = 0
  return {
    read: async (sql, parameters) => {
      const { rows } = await pglite.query(sql, [...parameters], { parsers: PARSERS })
      results.set(++next, { rows, at: 0 })
      return next
    },
    fetch: async (id, batchSize) => {
      const result = results.get(id)
      const batch = result?.rows.slice(result.at, result.at + batchSize) ?? []
      if (result) result.at += batchSize
      return batch
    },
    drop: async (id) => {
      results.delete(id)
    },
    put: async (id, chunk) => {
      const chunks = copies.get(id) ?? []
      chunks.push(chunk)
      copies.set(id, chunks)
    },
    load: async (id, table, columns) => {
      const blob = new Blob(copies.get(id) ?? [])
      copies.delete(id)
      if (blob.size > 0) await pglite.query(`${copyStatement(table, columns)} '/dev/blob'`, [], { blob })
    },
  }
}

/** In the thread: the lane over the port it was given. */
export function openEmbeddedLane(port: MessagePort): BulkLane {
  const server = callerOf(port)
  let copies = 0
  async function* rows<T>(sql: string, parameters: readonly LaneParameter[], batchSize: number) {
    const result = await server.read(sql, parameters)
    try {
      for (;;) {
        const batch = (await server.fetch(result, batchSize)) as T[]
        if (batch.length > 0) yield batch
        if (batch.length < batchSize) return
      }
    } finally {
      await server.drop(result)
    }
  }
  return {
    rows,
    copyIn: async (table, columns, given) => {
      const copy = ++copies
      let copied = 0
      const chunks = copyText(given as Iterable<CopyRow>, (count) => {
        copied = count
      })
      for await (const chunk of chunks) await server.put(copy, chunk)
      await server.load(copy, table, columns)
      return copied
    },
    close: async () => port.close(),
  }
}

/** The server's methods as calls over the port, each answered by its number. */
function callerOf(port: MessagePort): LaneServer {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let next = 0
  port.on('message', (answer: Answer) => {
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) call?.reject(Object.assign(new Error(answer.error.message), answer.error))
    else call?.resolve(answer.value)
  })
  port.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('The lane was closed.'))
    waiting.clear()
  })
  const caller =
    (method: keyof LaneServer) =>
    (...parameters: unknown[]) =>
      new Promise<never>((resolve, reject) => {
        const call: Call = { id: ++next, method, parameters }
        waiting.set(call.id, { resolve: resolve as (value: unknown) => void, reject })
        port.postMessage(call)
      })
  return {
    read: caller('read'),
    fetch: caller('fetch'),
    drop: caller('drop'),
    put: caller('put'),
    load: caller('load'),
  }
}
