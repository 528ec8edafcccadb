/**
 * One database type over two engines. `openDb` gives PGlite in a data directory, or PostgreSQL through `pg`;
 * everything above sees a Drizzle handle and a transaction.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { databaseRefusal, isRetryable } from './database-errors.ts'

/** A Drizzle handle: the root of either engine, or an open transaction. */
export type Handle = PgDatabase<PgQueryResultHKT>

/** Where the queue and the bulk lane find the same data. */
export type Source = { engine: 'pglite'; pglite: import('@electric-sql/pglite').PGlite } | PostgresSource
export interface PostgresSource {
  engine: 'postgres'
  url: string
}

export interface Db {
  readonly source: Source
  /** For single statements outside a transaction. Reading it inside one throws: see `refuseInTransaction`. */
  readonly root: Handle
  /**
   * All or nothing. Serialization failures and deadlocks are tried again, up to five times.
   * @throws Refusal for what the database refuses (constraint → conflict, bad value → invalid_input …).
   */
  transaction<T>(work: (tx: Handle) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const ATTEMPTS = 5

/** Marks the async context of an open transaction; `open` turns false when it ends, timers outlive it. */
const openTransaction = new AsyncLocalStorage<{ open: boolean; committed: (() => void)[] }>()

/**
 * A root statement inside a transaction would wait for ever on PGlite (one session) and would not be part of
 * the transaction on PostgreSQL. Both are bugs of the caller, so both engines refuse.
 */
export function refuseInTransaction(): void {
  if (openTransaction.getStore()?.open) {
    throw new Error('Use ctx.tx inside a transaction: the root handle would wait for it for ever.')
  }
}

/** Calls back once the open transaction is committed, never when it is rolled back. */
export function afterCommit(callback: () => void): void {
  const mark = openTransaction.getStore()
  if (!mark?.open) throw new Error('afterCommit needs an open transaction.')
  mark.committed.push(callback)
}

/** Opens a transaction, runs the work in it, commits or rolls back. */
export type Begin = <T>(work: (tx: Handle) => Promise<T>) => Promise<T>

interface Engine {
  source: Source
  handle: Handle
  begin: Begin
  close: () => Promise<void>
}

/** Wraps an engine's handle with the guard, the retries and the translation of errors. */
export function createDb(engine: Engine): Db {
  return {
    source: engine.source,
    get root() {
      refuseInTransaction()
      return engine.handle
    },
    transaction: (work) => {
      refuseInTransaction()
      return retried(() => attempt(engine.begin, work))
    },
    close: engine.close,
  }
}

async function attempt<T>(begin: Begin, work: (tx: Handle) => Promise<T>): Promise<T> {
  const mark = { open: true, committed: [] as (() => void)[] }
  const result = await begin((tx) => openTransaction.run(mark, () => work(tx))).finally(() => {
    mark.open = false
  })
  for (const callback of mark.committed) callback()
  return result
}

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await run()
    } catch (error) {
      if (!isRetryable(error) || tried === ATTEMPTS) throw databaseRefusal(error)
      await new Promise((resolve) => setTimeout(resolve, 5 * 2 ** tried))
    }
  }
}
