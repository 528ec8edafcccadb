/**
 * The newest events, read once for all who follow them in this process, every half second. A follower is told every
 * event that becomes visible after it came, in the order in which they become visible.
 */
import type { Db } from '../db/client.ts'
import { Refusal } from '../errors.ts'
import type { Logger } from '../telemetry.ts'
import { NOTHING_SEEN, type Seen } from './event-gaps.ts'
import { type EventRow, type ReadEvent, readEventPage } from './read-event-page.ts'
import { seenSoFar } from './read-events.ts'

const POLL_MS = 500
const PAGE = 500
/** Events that a follower may leave unread before it is dropped; it can come back and catch up. */
const MOST_UNREAD = 2000

export interface Follower {
  /** What had been read when it came: what was before is not told. */
  readonly start: Seen
  /** What has been read by now, where the follower has taken all of it; `null` otherwise. */
  seen(): Seen | null
  /** The next event; `quiet` when none came within so many milliseconds, `over` when none will come. */
  next(withinMs: number): Promise<ReadEvent | 'quiet' | 'over'>
  stop(): void
}

export interface EventTail {
  readonly followers: number
  /** Reads what there is, then follows. @throws Refusal `unavailable` once the tail is closed. */
  follow(wants: (event: EventRow) => boolean): Promise<Follower>
  close(): void
}

const tails = new WeakMap<Db, EventTail>()

/** The one tail of this process over a database. */
export function tailOf(db: Db, log: Logger): EventTail {
  const known = tails.get(db)
  if (known) return known
  const tail = createTail(db, log)
  tails.set(db, tail)
  return tail
}

/** Ends all following over a database, for good: the process stops. */
export function closeTail(db: Db, log: Logger): void {
  tailOf(db, log).close()
}

interface Followed extends Follower {
  take(events: readonly ReadEvent[]): void
}

function createTail(db: Db, log: Logger): EventTail {
  const followers = new Set<Followed>()
  let seen: Seen = NOTHING_SEEN
  /** Nobody has followed since the last reading. */
  let idle = true
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let reading: Promise<void> = Promise.resolve()
  let upcoming: Promise<void> | null = null

  const read = async () => {
    upcoming = null
    // Nobody was told what came since the last one left, and nobody will be.
    if (idle) seen = await seenSoFar(db.root, seen)
    idle = false
    for (let more = true; more; ) {
      const page = await readEventPage(db.root, seen, PAGE)
      seen = page.seen
      more = page.more
      for (const follower of followers) follower.take(page.events)
    }
  }
  /** A reading that begins after this call; those who ask meanwhile share it. */
  const readAnew = () => {
    if (upcoming) return upcoming
    const next = reading.then(read)
    upcoming = next
    reading = next.catch(() => {})
    return next
  }
  const keepReading = () => {
    if (timer || closed) return
    timer = setTimeout(async () => {
      await readAnew().catch((error) => log.warn({ err: error }, 'events could not be read; trying again'))
      timer = undefined
      if (followers.size > 0) keepReading()
    }, POLL_MS)
  }
  return {
    get followers() {
      return followers.size
    },
    async follow(wants) {
      if (!closed) await readAnew()
      if (closed) throw new Refusal('unavailable', 'The server is stopping.')
      const follower = createFollower(
        wants,
        () => seen,
        () => {
          followers.delete(follower)
          idle = followers.size === 0
        },
      )
      followers.add(follower)
      idle = false
      keepReading()
      return follower
    },
    close() {
      closed = true
      clearTimeout(timer)
      for (const follower of followers) follower.stop()
    },
  }
}

function createFollower(wants: (event: EventRow) => boolean, seen: () => Seen, leave: () => void): Followed {
  const unread: ReadEvent[] = []
  let over = false
  let wake = () => {}
  const stop = () => {
    over = true
    leave()
    wake()
  }
  return {
    start: seen(),
    seen: () => (unread.length > 0 || over ? null : seen()),
    next: async (withinMs) => {
      if (unread.length === 0 && !over) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, withinMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      return unread.shift() ?? (over ? 'over' : 'quiet')
    },
    take: (events) => {
      const wanted = events.filter(wants)
      if (wanted.length === 0) return
      unread.push(...wanted)
      if (unread.length > MOST_UNREAD) stop()
      else wake()
    },
    stop,
  }
}
