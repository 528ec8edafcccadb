/** Makes PGlite look like the part of a `pg` pool that BullMQ's PostgreSQL backend uses. */
import { EventEmitter } from 'node:events'
import type { PGlite, Transaction } from '@electric-sql/pglite'
import type { PgPool, PgPoolClient, PgQueryResult } from 'bullmq'

const LISTENING = /^\s*(un)?listen\s+"?(\w+)"?\s*;?\s*$/im

/** All clients share PGlite's one session; a client is only a place for its own subscriptions. */
export function pglitePool(pglite: PGlite): PgPool {
  const query = (text: string, parameters?: readonly unknown[]) => run(pglite, text, parameters)
  const connect = async () => new PgliteClient(pglite) as unknown as PgPoolClient
  return Object.assign(new EventEmitter(), { query, connect, end: async () => {} }) as unknown as PgPool
}

class PgliteClient extends EventEmitter {
  readonly #pglite: PGlite
  readonly #subscriptions = new Map<string, () => Promise<void>>()

  constructor(pglite: PGlite) {
    super()
    this.#pglite = pglite
  }

  async query(text: string, parameters?: readonly unknown[]): Promise<PgQueryResult> {
    const [, un, channel] = LISTENING.exec(withoutComments(text)) ?? []
    if (!channel) return run(this.#pglite, text, parameters)
    await (un ? this.#unlisten(channel) : this.#listen(channel))
    return { rows: [], rowCount: 0 }
  }

  async #listen(channel: string): Promise<void> {
    if (this.#subscriptions.has(channel)) return
    const notify = (payload: string) => this.emit('notification', { channel, payload })
    this.#subscriptions.set(channel, await this.#pglite.listen(channel, notify))
  }

  async #unlisten(channel: string): Promise<void> {
    await this.#subscriptions.get(channel)?.()
    this.#subscriptions.delete(channel)
  }

  release(): void {
    for (const channel of [...this.#subscriptions.keys()]) {
      this.#unlisten(channel).catch(() => {}) // the database closed first: nothing is left to stop
    }
  }
}

/**
 * A session for scripts that open and close a transaction themselves, as BullMQ's migrations do. PGlite has one
 * session, so theirs must be PGlite's own transaction: anything else would mix with other callers' statements.
 */
export function scriptSession(tx: Transaction): {
  query: (text: string, p?: readonly unknown[]) => Promise<never>
} {
  const query = async (text: string, parameters?: readonly unknown[]) => {
    if (/^\s*(begin|commit|rollback)\s*;?\s*$/i.test(text)) return { rows: [] }
    if (parameters) return tx.query(text, [...parameters])
    return (await tx.exec(text)).at(-1) ?? { rows: [] }
  }
  return { query: query as (text: string, p?: readonly unknown[]) => Promise<never> }
}

async function run<R>(
  pglite: PGlite,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<PgQueryResult<R>> {
  const { rows, affectedRows = rows.length } = await pglite.query<R>(text, [...parameters])
  return { rows, rowCount: affectedRows }
}

function withoutComments(text: string): string {
  return text.replace(/^\s*--.*$/gm, '').trim()
}
