/** Server-sent events (WHATWG HTML, section 9.2): an answer that goes on until one of the two sides ends it. */
import type { Context as HonoContext } from 'hono'

export const EVENT_STREAM = 'text/event-stream'

const HEADERS = {
  'Content-Type': `${EVENT_STREAM}; charset=utf-8`,
  'Cache-Control': 'no-store',
  // Some proxies wait for an answer's end unless they are told not to.
  'X-Accel-Buffering': 'no',
}

/** One message; without `data` it only moves the place from which the client resumes. */
export interface StreamMessage {
  id: string
  event?: string
  data?: string
  comment?: string
  /** Milliseconds the client should wait before it comes back. */
  retry?: number
}

/**
 * Answers with messages as they come. `open` may refuse before anything is sent; its signal aborts when the client has
 * gone.
 */
export async function answerEventStream(
  c: HonoContext,
  open: (signal: AbortSignal) => Promise<AsyncIterator<StreamMessage, void>>,
): Promise<Response> {
  // The body of such an answer is thrown away unread: nobody would end it.
  if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS)
  const gone = new AbortController()
  const messages = await open(gone.signal)
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await messages.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(encodeMessage(value)))
    },
    cancel() {
      gone.abort()
    },
  })
  return c.body(stream, 200, HEADERS)
}

/** Text as it is sent. JSON has no line breaks, and neither have ids and names of events. */
export function encodeMessage({ id, event, data, comment, retry }: StreamMessage): string {
  const lines = [
    ...(comment === undefined ? [] : [`: ${comment}`]),
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    `id: ${id}`,
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(data === undefined ? [] : [`data: ${data}`]),
  ]
  return `${lines.join('\n')}\n\n`
}
