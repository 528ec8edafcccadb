/**
 * The lane over postgres.js, for its cursors and COPY streams. Only for threads: when the server is killed this
 * driver throws where nobody can catch, which ends the thread, and the job is tried again.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import postgres from 'postgres'
import type { BulkLane, CopyRow, LaneParameter } from './bulk-lane-contract.ts'
import { copyStatement, copyText } from './bulk-lane-copy.ts'

const INT8 = 20
const DATE = 1082
const TIMESTAMP = 1114

const CONNECT_SECONDS = 10

const asText = (value: unknown) => String(value)

/** @returns a lane whose reads all see the database as it is now. */
export async function openPostgresLane(url: string): Promise<BulkLane> {
  const sql = postgres(url, {
    max: 2, // one reads under the snapshot, one copies
    connect_timeout: CONNECT_SECONDS,
    ...{ socket: connectWithoutDelay }, // not in the driver's types
    onnotice: () => {},
    connection: { application_name: 'lifecircle-bulk' },
    types: {
      int8: { to: INT8, from: [INT8], serialize: asText, parse: Number },
      plain: { to: TIMESTAMP, from: [DATE, TIMESTAMP], serialize: asText, parse: asText },
    },
  })
  try {
    const reader = await sql.reserve()
    await reader.unsafe('begin isolation level repeatable read read only')
    await reader.unsafe('select 1') // the snapshot is taken by the first statement after `begin`
    return laneOver(sql, reader)
  } catch (error) {
    await sql.end({ timeout: 0 })
    throw error
  }
}

/** What the driver hands to whoever makes its socket; `path` for one in the file system. */
interface Address {
  host: string[]
  port: number[]
  path?: string | false
}

/**
 * The driver leaves Nagle's algorithm on, by which a COPY of a few rows waits twice for an acknowledgement that the
 * server delays: 90 ms instead of 2.
 */
async function connectWithoutDelay({ host, port, path }: Address): Promise<Socket> {
  const at = path ? { path } : { host: host[0]!, port: port[0]! }
  const socket = Object.assign(connect({ ...at, noDelay: true }), { host: host[0] })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(1000 * CONNECT_SECONDS) })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

type Connections = ReturnType<typeof postgres>
type Reader = Awaited<ReturnType<Connections['reserve']>>

function laneOver(sql: Connections, reader: Reader): BulkLane {
  async function* rows<T>(text: string, parameters: readonly LaneParameter[], batchSize: number) {
    for await (const batch of reader.unsafe(text, parameters as never[]).cursor(batchSize)) {
      if (batch.length > 0) yield [...batch] as T[]
    }
  }
  return {
    rows,
    copyIn: async (table, columns, given) => {
      let copied = 0
      const counted = copyText(given as Iterable<CopyRow>, (count) => {
        copied = count
      })
      await pipeline(Readable.from(counted), await openCopy(sql, `${copyStatement(table, columns)} stdin`))
      return copied
    },
    close: async () => {
      reader.release()
      await sql.end({ timeout: 5 })
    },
  }
}

/**
 * The stream that takes the rows. postgres.js 3.4 loses what the server says after the last row, and the stream
 * never ends (github.com/porsager/postgres/issues/1173); the query is still told, so we pass it on.
 */
async function openCopy(sql: Connections, statement: string): Promise<Writable> {
  const query = sql.unsafe(statement)
  const sink = await query.writable()
  Object.assign(query, { reject: (error: Error) => sink.destroy(error) })
  return sink
}
