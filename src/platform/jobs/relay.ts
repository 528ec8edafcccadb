/** Carries job ids from the outbox to the queue, again and again until the job is done or given up. */
import { sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import type { Logger } from '../telemetry.ts'

const BATCH = 100
const POLL_MS = 1_000

export interface Relay {
  /** Looks now instead of at the next poll. */
  nudge(): void
  close(): Promise<void>
}

/** Adds ids to the queue; the same id twice must be the same entry. */
export type Send = (ids: string[]) => Promise<void>

/**
 * Starts carrying. A job is sent when it is due and was never sent, or was sent `resendAfterMs` ago and is still
 * open: the queue may have lost it, and if not, the repeat is harmless because the id is the same.
 */
export function startRelay(given: {
  db: Db
  log: Logger
  clock: () => Date
  resendAfterMs: number
  send: Send
}): Relay {
  let closed = false
  let asked = true
  let wake = () => {}

  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MS)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const loop = async () => {
    while (!closed) {
      asked = false
      await carryAll(given, () => closed).catch((error) => {
        given.log.error({ err: error }, 'jobs could not be handed to the queue; trying again')
      })
      if (!asked && !closed) await rest()
    }
  }
  const running = loop()
  return {
    nudge: () => {
      asked = true
      wake()
    },
    close: async () => {
      closed = true
      wake()
      await running
    },
  }
}

async function carryAll(given: Parameters<typeof startRelay>[0], closed: () => boolean): Promise<void> {
  while (!closed()) {
    const ids = await claim(given.db, given.clock(), given.resendAfterMs)
    if (ids.length > 0) await handOver(given.db, given.send, ids)
    if (ids.length < BATCH) return
  }
}

/**
 * Marks before sending, in a transaction of its own: the queue may live in the same PGlite session, where it
 * could never answer while our transaction is open. A crash in between costs one `resendAfterMs`.
 */
async function claim(db: Db, now: Date, resendAfterMs: number): Promise<string[]> {
  const claimed = await db.root.execute(sql`
    update jobs set sent_at = now() where id in (
      select id from jobs
      where done_at is null and failed_at is null and available_at <= ${now.toISOString()}::timestamptz
        and (sent_at is null or sent_at < now() - make_interval(secs => ${resendAfterMs / 1000}::float8))
      order by available_at, id limit ${BATCH}
      for update skip locked)
    returning id`)
  return (claimed as unknown as { rows: { id: string }[] }).rows.map((row) => row.id)
}

async function handOver(db: Db, send: Send, ids: string[]): Promise<void> {
  try {
    await send(ids)
  } catch (error) {
    const list = sql.join(
      ids.map((id) => sql`${id}::uuid`),
      sql`, `,
    )
    await db.root.execute(sql`update jobs set sent_at = null where id in (${list}) and done_at is null`)
    throw error
  }
}
