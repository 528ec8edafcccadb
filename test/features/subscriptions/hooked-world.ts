/** Two organizations that want to be told, a receiver on this machine, and what the dispatcher does, step by step. */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { claimDeliveries } from '../../../src/features/subscriptions/claim-deliveries.ts'
import { createWebhook } from '../../../src/features/subscriptions/create-webhook.ts'
import { deliverEvent } from '../../../src/features/subscriptions/deliver-event.ts'
import { dispatchEvents } from '../../../src/features/subscriptions/dispatch-events.ts'
import { type Context, inTransaction } from '../../../src/platform/context.ts'
import { emit } from '../../../src/platform/events/emit.ts'
import { openTestDb, type Rung, type TestWorld } from '../../support/test-world.ts'
import { employ, organize } from '../referrals/proposed-run.ts'

export interface HookedWorld {
  world: TestWorld
  /** The machine’s hand; private addresses are allowed. */
  system: Context
  partner: Context
  stranger: Context
  close(): Promise<void>
}

export async function openHooks(rung?: Rung): Promise<HookedWorld> {
  const world = await openTestDb(rung)
  const as = (actor: object): Context => ({ ...world.context(actor), allowPrivateUrls: true })
  const [partner, stranger] = await inTransaction(world.context(SYSTEM), async (ctx) => [
    await employ(ctx, await organize(ctx, 'partner'), 'partner'),
    await employ(ctx, await organize(ctx, 'partner'), 'partner'),
  ])
  return {
    world,
    system: as(SYSTEM),
    partner: as(partner!),
    stranger: as(stranger!),
    close: () => world.close(),
  }
}

/** Something happens that concerns these; the object's id. */
export async function happen(ctx: Context, type: string, ...audience: Context[]): Promise<string> {
  const objectId = randomUUID()
  const organizations = audience.map(({ actor }) => actor.organizationId)
  await inTransaction(ctx, (ctx) => emit(ctx, type, objectId, organizations, { period: '2026-12' }))
  return objectId
}

/** Does what is to be done now, as the dispatcher would. @returns how many tries were made. */
export async function tellAll(ctx: Context): Promise<number> {
  while (await dispatchEvents(ctx));
  for (let tries = 0; ; ) {
    const claimed = await claimDeliveries(ctx, { most: 100, each: 100, busy: [] })
    if (claimed.length === 0) return tries
    for (const { id } of claimed) await deliverEvent(ctx, id)
    tries += claimed.length
  }
}

export interface Received {
  headers: IncomingHttpHeaders
  body: string
}

export interface Receiver {
  url: string
  received: Received[]
  /** What it answers from now on. */
  answers(status: number, headers?: Record<string, string>): void
  /** Objects of the events received, in order. */
  objects(): string[]
  close(): Promise<void>
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let answer: [number, Record<string, string>] = [204, {}]
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ headers: request.headers, body })
    response.writeHead(...answer).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    answers: (status, headers = {}) => {
      answer = [status, headers]
    },
    objects: () => received.map(({ body }) => JSON.parse(body).data.id),
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** What a receiver does with every message. @throws where the signature is wrong or old. */
export function verified({ headers, body }: Received, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}

export async function hook(ctx: Context, url: string, types: string[] = []) {
  const { row, secret } = await createWebhook(ctx, { url, types })
  return { id: row.id, secret, version: row.version }
}
