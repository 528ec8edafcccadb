import { type Context, query } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { decodeSeen, encodeSeen, type Seen } from '../../platform/events/event-gaps.ts'
import { type Follower, tailOf } from '../../platform/events/event-tail.ts'
import { type EventRow, type ReadEvent, readMissedEvents } from '../../platform/events/read-event-page.ts'
import type { StreamMessage } from '../../platform/http/event-stream.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { permit } from '../identity/permissions.ts'
import { matchesTypes } from './event-filter.ts'
import { messageOf } from './signed-message.ts'

const MOST_STREAMS = 200
const HEARTBEAT_MS = 15_000
/** Then the client comes back with its key, which may have been revoked. */
const LONGEST_MS = 15 * 60_000
const RETRY_MS = 2_000
const PAGE = 500
/** Keeps the id short enough for a header; of more gaps some events are told twice on resuming. */
const MOST_GAPS = 64

export interface StreamRequest {
  types: readonly string[]
  lastEventId?: string | undefined
  /** Aborts when the client has gone. */
  signal: AbortSignal
  heartbeatMs?: number
}

/**
 * What happens to the actor's organization, as it happens: each event at least once, in the order in which they become
 * visible; with `lastEventId`, first what has happened since that message. Ends after 15 minutes, with the process, or
 * when the client is too slow; the client then resumes.
 * @throws Refusal `invalid_input` for an id that no message had, `busy` beyond 200 streams of one process.
 */
export async function streamEvents(
  ctx: Context,
  { types, lastEventId, signal, heartbeatMs = HEARTBEAT_MS }: StreamRequest,
): Promise<AsyncGenerator<StreamMessage, void>> {
  permit(ctx, 'event.read')
  const { organizationId } = ctx.actor
  const since = lastEventId === undefined ? null : seenBy(lastEventId)
  const tail = tailOf(ctx.db, ctx.log)
  if (tail.followers >= MOST_STREAMS) {
    throw new Refusal('busy', `This process serves ${MOST_STREAMS} streams already; try again later.`)
  }
  const wants = ({ audience, type }: EventRow) =>
    audience.includes(organizationId) && matchesTypes(types, type)
  const follower = await tail.follow(wants)
  if (since && since.last > follower.start.last) {
    follower.stop()
    throw unknownId()
  }
  const timer = setTimeout(follower.stop, LONGEST_MS)
  const leave = () => {
    clearTimeout(timer)
    follower.stop()
  }
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  return tell(ctx, { follower, since, wants, heartbeatMs, leave })
}

interface Telling {
  follower: Follower
  since: Seen | null
  wants: (event: EventRow) => boolean
  heartbeatMs: number
  leave: () => void
}

async function* tell(
  ctx: Context,
  { follower, since, wants, heartbeatMs, leave }: Telling,
): AsyncGenerator<StreamMessage, void> {
  try {
    yield { id: idOf(since ?? follower.start), comment: 'events follow', retry: RETRY_MS }
    if (since) {
      for await (const event of missed(ctx, since, follower.start)) if (wants(event)) yield toMessage(event)
      yield { id: idOf(follower.start) }
    }
    let seen = follower.start
    for (;;) {
      const next = await follower.next(heartbeatMs)
      if (next === 'over') return
      // Where nothing concerned this client, it still need not come back to where it was.
      seen = next === 'quiet' ? (follower.seen() ?? seen) : next.seen
      yield next === 'quiet' ? { id: idOf(seen), comment: 'still here' } : toMessage(next)
    }
  } finally {
    leave()
  }
}

async function* missed(ctx: Context, seen: Seen, upTo: Seen): AsyncGenerator<ReadEvent> {
  const { organizationId } = ctx.actor
  for (let after: number | null = 0; after !== null; ) {
    const page: Awaited<ReturnType<typeof readMissedEvents>> = await readMissedEvents(query(ctx), {
      seen,
      upTo,
      after,
      organizationId,
      limit: PAGE,
    })
    yield* page.events
    after = page.next
  }
}

function toMessage(event: ReadEvent): StreamMessage {
  return { id: idOf(event.seen), event: event.type, data: messageOf(event) }
}

function idOf(seen: Seen): string {
  return encodeSeen(seen, MOST_GAPS)
}

function seenBy(lastEventId: string): Seen {
  const seen = decodeSeen(lastEventId)
  if (!seen) throw unknownId()
  return seen
}

function unknownId(): Refusal {
  return invalidInput([
    { path: ['header', 'last-event-id'], message: 'is no id of a message of this stream' },
  ])
}
