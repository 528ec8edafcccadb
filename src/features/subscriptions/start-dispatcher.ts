/**
 * Tells webhooks what happens, beside the jobs and not as jobs: a delivery is a row with its next try, which is all an
 * outbox needs, and receivers that are slow must not take the workers' few hands from everything else.
 */
import { createContext, type Ground } from '../../platform/context.ts'
import { SYSTEM } from '../identity/permissions.ts'
import { type Claimed, claimDeliveries } from './claim-deliveries.ts'
import { deliverEvent } from './deliver-event.ts'
import { dispatchEvents } from './dispatch-events.ts'

const POLL_MS = 500
const MOST_AT_ONCE = 64
const MOST_OF_ONE = 4
/** How long tries that are under way may go on once the process stops. */
const GRACE_MS = 5_000

export interface Dispatcher {
  /** Begins nothing more, and waits for the tries that are under way. */
  close(): Promise<void>
}

/** Starts telling until closed. Any number of processes may. */
export function startDispatcher(ground: Ground): Dispatcher {
  const ctx = createContext({ ...ground, actor: SYSTEM })
  const stopping = new AbortController()
  /** What is under way, by webhook. */
  const underWay = new Map<string, Promise<unknown>>()
  let closed = false
  let wake = () => {}

  const begin = (webhookId: string, claimed: readonly Claimed[]) => {
    const tries = claimed.map(({ id }) =>
      deliverEvent(ctx, id, stopping.signal).catch((error) =>
        ctx.log.error(
          { err: error, deliveryId: id },
          'a delivery could not be tried; it will be tried again',
        ),
      ),
    )
    const all = Promise.all(tries).finally(() => {
      underWay.delete(webhookId)
      wake()
    })
    underWay.set(webhookId, all)
  }
  const turn = async () => {
    while (!closed && (await dispatchEvents(ctx)));
    const most = MOST_AT_ONCE - underWay.size * MOST_OF_ONE
    if (closed || most < MOST_OF_ONE) return
    const claimed = await claimDeliveries(ctx, { most, each: MOST_OF_ONE, busy: [...underWay.keys()] })
    for (const webhookId of new Set(claimed.map((one) => one.webhookId))) {
      begin(
        webhookId,
        claimed.filter((one) => one.webhookId === webhookId),
      )
    }
  }
  const loop = async () => {
    while (!closed) {
      let woken = false
      wake = () => {
        woken = true
      }
      await turn().catch((error) => ctx.log.error({ err: error }, 'webhooks could not be told; trying again'))
      if (closed || woken) continue
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const running = loop()
  return {
    close: async () => {
      closed = true
      wake()
      await running
      const timer = setTimeout(() => stopping.abort(new Error('The process is stopping.')), GRACE_MS)
      await Promise.all(underWay.values())
      clearTimeout(timer)
    },
  }
}
