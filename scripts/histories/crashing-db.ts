/** A database whose next transactions can be made to break off before any of their statements, as a killed process would. */
import { createDb, type Db, type Handle } from '../../src/platform/db/client.ts'

export class Crash extends Error {
  constructor() {
    super('The process was killed.')
  }
}

export interface CrashingDb {
  db: Db
  /** Breaks off before the statement of this number, counted over all transactions from now on; null = never. */
  crashBefore(statement: number | null): void
  /** Statements that were sent since. */
  sent(): number
}

/** Wraps a database: whatever runs in its transactions is counted, and broken off where that is asked for. */
export function crashing(inner: Db): CrashingDb {
  let sent = 0
  let fatal: number | null = null
  const beforeEach = () => {
    sent++
    if (sent === fatal) throw new Crash()
  }
  const db = createDb({
    source: inner.source,
    handle: inner.root,
    begin: (work) => inner.transaction((tx) => work(counted(tx, beforeEach))),
    close: () => inner.close(),
  })
  return {
    db,
    crashBefore(statement) {
      sent = 0
      fatal = statement
    },
    sent: () => sent,
  }
}

interface Session {
  prepareQuery(...args: unknown[]): { execute(...args: unknown[]): Promise<unknown> }
}

/** Every transaction has a session of its own, and every statement is prepared there. */
function counted(tx: Handle, beforeEach: () => void): Handle {
  const { session } = tx as unknown as { session: Session }
  const prepare = session.prepareQuery.bind(session)
  session.prepareQuery = (...args) => {
    const prepared = prepare(...args)
    // A killed process rolls nothing back: the server does, and here the driver in its place.
    if ((args[0] as { sql: string }).sql === 'rollback') return prepared
    const execute = prepared.execute.bind(prepared)
    prepared.execute = async (...values) => {
      beforeEach()
      return execute(...values)
    }
    return prepared
  }
  return tx
}
