/** What is sent to a webhook, and how it is signed: Standard Webhooks 1.0. */
import { Webhook } from 'standardwebhooks'

/** What a message tells. */
export interface ToldEvent {
  id: string
  at: Date
  type: string
  objectId: string
  data: unknown
}

/**
 * The body of a message, to webhooks and on the stream alike. `id` is the event's and the same whenever it is told
 * again; `data.id` is the object's.
 */
export function messageOf({ id, at, type, objectId, data }: ToldEvent): string {
  const facts = { ...(data as Record<string, unknown>), id: objectId }
  return JSON.stringify({ id, type, timestamp: at.toISOString(), data: facts })
}

/**
 * The headers of one try.
 * @param secrets each signs; while a secret is being replaced there are two, the newer one first.
 * @param at of the try, by the world's clock: receivers refuse what is older than a few minutes by theirs.
 */
export function signedHeaders(
  eventId: string,
  body: string,
  { secrets, at }: { secrets: readonly string[]; at: Date },
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'Lifecircle-Webhooks/1',
    'webhook-id': eventId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(' '),
  }
}
