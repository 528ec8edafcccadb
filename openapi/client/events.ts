/** What happens, as it happens: the event stream of `GET /v1/events`, taken up again where it broke off. */
import { EventSourceParserStream } from 'eventsource-parser/stream'

/** An event as webhooks and the stream tell it. */
export interface LifecircleEvent {
  /** Opaque: where to go on after it. */
  resumeAt: string
  /** The same whenever the event is told again, there and here. */
  id: string
  type: string
  timestamp: string
  data: Record<string, unknown>
}

export interface EventsOptions {
  baseUrl: string
  key: string
  /** Go on after this event; without it, from now on. */
  resumeAt?: string
  signal?: AbortSignal
  /** Called when the stream is open: what happens from then on is told. */
  onOpen?: () => void
}

const WAIT_MS = 1000

/**
 * The events that concern the key's organization, until the signal aborts. A connection that breaks is opened again
 * after the last event, so that none is lost; one may come twice.
 * @throws Error for what trying again would not mend, such as a key that is not valid.
 */
export async function* readEvents({
  baseUrl,
  key,
  resumeAt,
  signal,
  onOpen,
}: EventsOptions): AsyncGenerator<LifecircleEvent> {
  let last = resumeAt
  while (!signal?.aborted) {
    const stream = await open(`${baseUrl}/v1/events`, key, last, signal)
    if (stream) {
      onOpen?.()
      const from = (id: string) => {
        last ??= id
      }
      for await (const event of parsed(stream, from)) {
        last = event.resumeAt
        yield event
      }
    }
    if (!signal?.aborted) await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  }
}

/** The body of the answer; null where the server can't be reached or is busy now. */
async function open(
  url: string,
  key: string,
  last: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array> | null> {
  const headers: Record<string, string> = { Authorization: `Bearer ${key}`, Accept: 'text/event-stream' }
  if (last !== undefined) headers['Last-Event-ID'] = last
  const answer = await fetch(url, { headers, ...(signal && { signal }) }).catch(() => null)
  if (answer === null || answer.status >= 500) return null
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return answer.body
}

/** Ends without an error when the connection breaks: the caller opens another. */
async function* parsed(
  stream: ReadableStream<Uint8Array>,
  onFirstId: (id: string) => void,
): AsyncGenerator<LifecircleEvent> {
  const messages = stream
    .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
    .pipeThrough(firstId(onFirstId))
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  try {
    for (;;) {
      const { done, value } = await messages.read().catch(() => ({ done: true, value: undefined }))
      if (done || !value) return
      yield { resumeAt: value.id ?? '', ...(JSON.parse(value.data) as Omit<LifecircleEvent, 'resumeAt'>) }
    }
  } finally {
    await messages.cancel().catch(() => {})
  }
}

/**
 * The stream begins with an id and no event, which the parser does not tell: without it, a break before the first event
 * would lose what happens until the next connection.
 */
function firstId(tell: (id: string) => void): TransformStream<string, string> {
  let head: string | null = ''
  return new TransformStream({
    transform(text, controller) {
      if (head !== null) {
        head += text
        const id = /^id: ?(.+)\n/m.exec(head)?.[1]
        if (id !== undefined) {
          tell(id.trim())
          head = null
        }
      }
      controller.enqueue(text)
    },
  })
}
