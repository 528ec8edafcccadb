/** Where the app hears what happens: a receiver of webhooks that checks every signature, and the event stream. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import {
  answerOf,
  type LifecircleClient,
  type LifecircleEvent,
  readEvents,
} from '../../openapi/client/client.ts'
import { eventually, type Transcript } from './transcript.ts'

type Message = Omit<LifecircleEvent, 'resumeAt'>

export interface Inbox {
  /** By id: a message may come twice. */
  readonly byWebhook: ReadonlyMap<string, Message>
  readonly byStream: ReadonlyMap<string, Message>
  /** Messages that were not signed by the server. */
  readonly forged: readonly string[]
  close(): Promise<void>
}

/** Opens both for one partner, whose key it is. */
export async function openInbox(
  client: LifecircleClient,
  { transcript, ...server }: { baseUrl: string; key: string; transcript: Transcript },
): Promise<Inbox> {
  const stream = await followStream(server)
  const hook = await receiveWebhooks(client)
  transcript.tell(
    'App',
    'makes a webhook and opens the event stream',
    'the secret that signs is shown once; from now on the app is told of whatever concerns its residents',
  )
  return {
    byWebhook: hook.received,
    byStream: stream.received,
    forged: hook.forged,
    close: async () => {
      stream.stop()
      await hook.close()
    },
  }
}

async function followStream(server: { baseUrl: string; key: string }) {
  const received = new Map<string, Message>()
  const stopping = new AbortController()
  let isOpen = false
  const onOpen = () => {
    isOpen = true
  }
  const follow = async () => {
    for await (const { resumeAt: _, ...event } of readEvents({
      ...server,
      onOpen,
      signal: stopping.signal,
    })) {
      received.set(event.id, event)
    }
  }
  follow().catch((error) => {
    if (!stopping.signal.aborted) throw error
  })
  await eventually('the event stream', () => isOpen || undefined)
  return { received, stop: () => stopping.abort() }
}

async function receiveWebhooks(client: LifecircleClient) {
  const received = new Map<string, Message>()
  const forged: string[] = []
  // A first message may come before the answer that brings the secret.
  let tellSecret: (secret: string) => void
  const secret = new Promise<string>((resolve) => {
    tellSecret = resolve
  })
  const receiver = createServer(async (request, answer) => {
    const body = await text(request)
    try {
      const message = new Webhook(await secret).verify(
        body,
        request.headers as Record<string, string>,
      ) as Message
      received.set(message.id, message)
      answer.writeHead(204).end()
    } catch {
      forged.push(body)
      answer.writeHead(401).end()
    }
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const { port } = receiver.address() as { port: number }
  const url = `http://127.0.0.1:${port}/lifecircle`
  const webhook = await answerOf(client.POST('/v1/webhooks', { body: { url } }))
  tellSecret!(webhook.secret)
  const close = async () => {
    receiver.close()
    receiver.closeAllConnections()
    await once(receiver, 'close')
  }
  return { received, forged, close }
}
