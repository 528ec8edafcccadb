/** The published client's event stream, against a server that breaks off. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { readEvents } from '../../openapi/client/events.ts'

const OPENING = 'id: e1:5\nretry: 2000\n: events follow\n\n'
const event = (id: string, type: string) =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ id, type, timestamp: 'then', data: {} })}\n\n`

let server: ReturnType<typeof createServer> | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Answers each connection in turn; remembers where each asked to go on. */
async function serve(answers: ((response: ServerResponse) => void)[]) {
  const resumed: (string | undefined)[] = []
  server = createServer((request, response) => {
    resumed.push(request.headers['last-event-id'] as string | undefined)
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    answers[resumed.length - 1]!(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, resumed }
}

it('goes on where it broke off, also when nothing had happened yet', async () => {
  const { baseUrl, resumed } = await serve([
    (response) => response.write(OPENING, () => setTimeout(() => response.destroy(), 20)),
    (response) =>
      response.write(event('e1:7', 'need.registered'), () => setTimeout(() => response.destroy(), 20)),
    (response) => response.write(event('e1:9', 'need.withdrawn')),
  ])
  const seen: string[] = []
  for await (const { type, resumeAt } of readEvents({ baseUrl, key: 'lc_key' })) {
    seen.push(`${type} ${resumeAt}`)
    if (seen.length === 2) break
  }
  expect(seen).toEqual(['need.registered e1:7', 'need.withdrawn e1:9'])
  expect(resumed).toEqual([undefined, 'e1:5', 'e1:7'])
})

it('gives up on a key that is not valid', async () => {
  const { baseUrl } = await serve([])
  server!.removeAllListeners('request').on('request', (_, response) => response.writeHead(401).end('no'))
  await expect(readEvents({ baseUrl, key: 'lc_key' }).next()).rejects.toThrow('401: no')
})
