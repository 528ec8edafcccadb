/** Events as a stream that goes on where its reader left it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { streamEvents } from '../../../src/features/subscriptions/stream-events.ts'
import { type Context, inTransaction } from '../../../src/platform/context.ts'
import { emit, emitAll } from '../../../src/platform/events/emit.ts'
import { closeTail, tailOf } from '../../../src/platform/events/event-tail.ts'
import { encodeMessage, type StreamMessage } from '../../../src/platform/http/event-stream.ts'
import { appOver, keyOf } from '../../app/api-world.ts'
import { engines, openTestDb } from '../../support/test-world.ts'
import { type HookedWorld, happen, openHooks } from './hooked-world.ts'
import { begun } from './open-transaction.ts'

describe.each(engines())('the stream on %s', (rung) => {
  let hooks: HookedWorld
  const open = new Set<AbortController>()
  beforeAll(async () => {
    hooks = await openHooks(rung)
  })
  afterEach(() => {
    for (const one of open) one.abort()
    open.clear()
  })
  afterAll(() => hooks.close())

  async function follow(ctx: Context, more: { types?: string[]; lastEventId?: string } = {}) {
    const gone = new AbortController()
    open.add(gone)
    const messages = await streamEvents(ctx, { types: [], heartbeatMs: 50, ...more, signal: gone.signal })
    const next = async (): Promise<StreamMessage> => {
      for (;;) {
        const { value, done } = await messages.next()
        if (done) throw new Error('The stream has ended.')
        if (value.data) return value
      }
    }
    const take = async (count: number) => {
      const ids: string[] = []
      for (let taken = 0; taken < count; taken++) ids.push(objectOf(await next()))
      return ids
    }
    const first = (await messages.next()).value as StreamMessage
    return { messages, next, take, first, gone }
  }
  const objectOf = ({ data }: StreamMessage): string => JSON.parse(data!).data.id

  it('tells what concerns the organization and was asked for, from now on', async () => {
    const { partner, stranger, system } = hooks
    await happen(system, 'need.withdrawn', partner)
    const all = await follow(partner)
    const some = await follow(partner, { types: ['run.*'] })
    const other = await follow(stranger)
    const need = await happen(system, 'need.withdrawn', partner)
    const run = await happen(system, 'run.started', partner, stranger)
    expect(await all.take(2)).toEqual([need, run])
    const told = await some.next()
    expect(told).toMatchObject({ event: 'run.started' })
    expect(objectOf(told)).toBe(run)
    expect(await other.take(1)).toEqual([run])
  })

  it('goes on after any of its messages, without a gap or a repetition', async () => {
    const { partner, system } = hooks
    const first = await follow(partner)
    const { organizationId } = partner.actor
    const objects = Array.from({ length: 12 }, () => system.newId())
    await inTransaction(system, (ctx) =>
      emitAll(
        ctx,
        'need.withdrawn',
        objects.map((objectId) => ({ objectId, audience: organizationId })),
      ),
    )
    const ids = [first.first.id]
    for (const _ of objects) ids.push((await first.next()).id)
    const later = await happen(system, 'need.withdrawn', partner)
    for (const [told, lastEventId] of ids.entries()) {
      const again = await follow(partner, { lastEventId })
      expect(await again.take(objects.length - told + 1)).toEqual([...objects.slice(told), later])
      again.gone.abort()
    }
  })

  it('moves its place while nothing happens that concerns the client', async () => {
    const { partner, stranger, system } = hooks
    const { messages, first } = await follow(partner)
    await happen(system, 'need.withdrawn', stranger)
    let last = first
    while (last.id === first.id) last = (await messages.next()).value as StreamMessage
    expect(last.data).toBeUndefined()
    expect(last.comment).toBe('still here')
    const again = await follow(partner, { lastEventId: last.id })
    const objectId = await happen(system, 'need.withdrawn', partner)
    expect(await again.take(1)).toEqual([objectId])
  })

  it.each(['', 'nonsense', 'e1:999999999', 'e1:5,7-8'])('knows no message %j', async (lastEventId) => {
    const request = streamEvents(hooks.partner, {
      types: [],
      lastEventId,
      signal: new AbortController().signal,
    })
    await expect(request).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ pointer: '/header/last-event-id' }],
    })
    expect(tailOf(hooks.world.db, hooks.world.log).followers).toBe(0)
  })

  it.runIf(rung === 'postgres')(
    'tells events whenever they commit, and goes on between two of them',
    async () => {
      const { partner, system } = hooks
      const { organizationId } = partner.actor
      const say = (objectId: string) => (ctx: Parameters<typeof emit>[0]) =>
        emit(ctx, 'need.withdrawn', objectId, organizationId)
      const [a, b, c] = [system.newId(), system.newId(), system.newId()]
      const whole = await follow(partner)
      const early = await begun(system)
      const late = await begun(system)
      await late.do(say(a))
      await early.do(say(b))
      await early.commit()
      const told = await whole.next()
      expect(objectOf(told)).toBe(b)
      const between = await follow(partner, { lastEventId: told.id })
      await new Promise((resolve) => setTimeout(resolve, 1800))
      await late.commit()
      expect(await whole.take(1)).toEqual([a])
      expect(await between.take(1)).toEqual([a])
      const after = await follow(partner, { lastEventId: told.id })
      await happen(system, 'need.withdrawn', hooks.stranger)
      await inTransaction(system, say(c))
      expect(await after.take(2)).toEqual([a, c])
      expect(await whole.take(1)).toEqual([c])
    },
  )
})

describe('the stream over HTTP', () => {
  it('is an event stream that ends with its client, or with the server', async () => {
    const hooks = await openHooks()
    const { world, partner, system } = hooks
    const key = await keyOf(world, partner.actor)
    const app = appOver(world)
    const headers = { authorization: `Bearer ${key}` }
    const ask = (path: string, more: object = {}) => app.request(path, { headers: { ...headers, ...more } })
    const tail = tailOf(world.db, world.log)
    const answer = await ask('/v1/events?types=need.*,run.started')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const reader = answer.body!.getReader()
    const chunk = async () => new TextDecoder().decode((await reader.read()).value)
    expect(await chunk()).toMatch(/^: events follow\nretry: 2000\nid: e1:\d+\S*\n\n$/)
    await happen(system, 'referral.opened', partner)
    const objectId = await happen(system, 'need.withdrawn', partner)
    expect(await chunk()).toMatch(
      new RegExp(`^id: e1:\\S+\\nevent: need.withdrawn\\ndata: {"id":".*"id":"${objectId}"}}\\n\\n$`),
    )
    expect(tail.followers).toBe(1)
    await reader.cancel()
    expect(tail.followers).toBe(0)
    expect((await app.request('/v1/events', { method: 'HEAD', headers })).status).toBe(200)
    expect(tail.followers).toBe(0)
    const wrong = [
      await ask('/v1/events?types=need.*,nothing'),
      await ask('/v1/events', { 'last-event-id': 'x' }),
    ]
    expect(wrong.map(({ status }) => status)).toEqual([422, 422])
    const pointers = await Promise.all(
      wrong.map(async (one) => ((await one.json()) as { errors: { pointer: string }[] }).errors[0]!.pointer),
    )
    expect(pointers).toEqual(['/query/types/1', '/header/last-event-id'])
    const last = (await ask('/v1/events')).body!.getReader()
    await last.read()
    closeTail(world.db, world.log)
    expect(await last.read()).toMatchObject({ done: true })
    expect((await ask('/v1/events')).status).toBe(503)
    await hooks.close()
  })

  it('is refused beyond 200 of one process', async () => {
    const world = await openTestDb()
    const partner = world.context({ role: 'partner' })
    const clients = Array.from({ length: 200 }, () => new AbortController())
    const request = ({ signal }: AbortController) => streamEvents(partner, { types: [], signal })
    await Promise.all(clients.map(request))
    await expect(request(new AbortController())).rejects.toMatchObject({ code: 'busy' })
    for (const client of clients) client.abort()
    const again = await streamEvents(partner, { types: [], signal: AbortSignal.timeout(1000) })
    await again.next()
    await again.return()
    expect(tailOf(world.db, world.log).followers).toBe(0)
    await world.close()
  })

  it('writes one field a line', () => {
    expect(encodeMessage({ id: 'e1:5', event: 'need.withdrawn', data: '{}' })).toBe(
      'id: e1:5\nevent: need.withdrawn\ndata: {}\n\n',
    )
  })
})
