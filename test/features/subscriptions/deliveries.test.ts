/** What a receiver gets, and what becomes of what it does not take. */
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changeWebhook } from '../../../src/features/subscriptions/change-webhook.ts'
import { dispatchEvents } from '../../../src/features/subscriptions/dispatch-events.ts'
import { getWebhook } from '../../../src/features/subscriptions/get-webhook.ts'
import { listWebhookDeliveries } from '../../../src/features/subscriptions/list-webhook-deliveries.ts'
import { purgeDeliveries } from '../../../src/features/subscriptions/purge-deliveries.ts'
import { replayDeliveries } from '../../../src/features/subscriptions/replay-deliveries.ts'
import { nextTry, PAUSES_MS, retryAfterMs } from '../../../src/features/subscriptions/retry-schedule.ts'
import { rotateSecret } from '../../../src/features/subscriptions/rotate-secret.ts'
import { webhookDeliveries, webhooks } from '../../../src/features/subscriptions/tables.ts'
import { testWebhook } from '../../../src/features/subscriptions/test-webhook.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import {
  type HookedWorld,
  happen,
  hook,
  openHooks,
  openReceiver,
  type Receiver,
  tellAll,
  verified,
} from './hooked-world.ts'

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

let hooks: HookedWorld
let receiver: Receiver
beforeAll(async () => {
  hooks = await openHooks()
})
afterAll(() => hooks.close())
beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(async () => {
  await receiver.close()
  await hooks.world.db.root.delete(webhooks)
})

const deliveriesOf = async (id: string) =>
  (await listWebhookDeliveries(hooks.partner, { id, limit: 50 })).items

describe('a message', () => {
  it('is signed as Standard Webhooks say, and tells ids and facts', async () => {
    const { id, secret } = await hook(hooks.partner, receiver.url)
    const objectId = await happen(hooks.system, 'referral.opened', hooks.partner)
    expect(await tellAll(hooks.system)).toBe(1)
    const [message] = receiver.received
    const [event] = await hooks.world.db.root.select().from(events).where(eq(events.objectId, objectId))
    expect(verified(message!, secret)).toEqual({
      id: event!.id,
      type: 'referral.opened',
      timestamp: '2026-12-01T08:00:00.000Z',
      data: { id: objectId, period: '2026-12' },
    })
    expect(message!.headers['webhook-id']).toBe(event!.id)
    expect(() => verified({ ...message!, body: `${message!.body} ` }, secret)).toThrow()
    expect(await deliveriesOf(id)).toMatchObject([{ state: 'delivered', attempts: 1, lastStatus: 204 }])
  })

  it('is signed with both secrets while one replaces the other', async () => {
    const old = await hook(hooks.partner, receiver.url, ['need.*'])
    const { secret } = await rotateSecret(hooks.partner, { id: old.id, overlapHours: 1 })
    await testWebhook(hooks.partner, old.id)
    await tellAll(hooks.system)
    hooks.world.clock.advance(HOUR_MS)
    await testWebhook(hooks.partner, old.id)
    await tellAll(hooks.system)
    const [during, after] = receiver.received
    expect(String(during!.headers['webhook-signature']).split(' ')).toHaveLength(2)
    expect(verified(during!, old.secret)).toEqual(verified(during!, secret))
    expect(verified(after!, secret)).toMatchObject({ type: 'webhook.test' })
    expect(() => verified(after!, old.secret)).toThrow('No matching signature')
  })
})

describe('what is not taken', () => {
  it('is tried on schedule, under one id, then dead, then replayed', async () => {
    const { id } = await hook(hooks.partner, receiver.url)
    receiver.answers(500)
    const objectId = await happen(hooks.system, 'need.withdrawn', hooks.partner)
    for (const [failed, pause] of PAUSES_MS.entries()) {
      expect(await tellAll(hooks.system)).toBe(1)
      expect(await deliveriesOf(id)).toMatchObject([{ state: 'pending', attempts: failed + 1 }])
      hooks.world.clock.advance(pause - 1)
      expect(await tellAll(hooks.system)).toBe(0)
      hooks.world.clock.advance(1)
    }
    expect(await tellAll(hooks.system)).toBe(1)
    const [dead] = await deliveriesOf(id)
    expect(dead).toMatchObject({
      state: 'dead',
      attempts: 10,
      nextAttemptAt: null,
      lastStatus: 500,
      lastError: 'The receiver answered 500.',
    })
    hooks.world.clock.advance(30 * DAY_MS)
    expect(await tellAll(hooks.system)).toBe(0)
    receiver.answers(200)
    expect(await replayDeliveries(hooks.partner, { id, deliveryIds: [dead!.id, dead!.id] })).toBe(1)
    expect(await tellAll(hooks.system)).toBe(1)
    expect(receiver.objects()).toEqual(Array(11).fill(objectId))
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(await deliveriesOf(id)).toMatchObject([{ state: 'delivered' }, { state: 'dead' }])
  })

  it('waits longer where the receiver asks for it, up to a day', async () => {
    const { id } = await hook(hooks.partner, receiver.url)
    const now = hooks.world.clock.read().getTime()
    receiver.answers(429, { 'retry-after': '600' })
    await testWebhook(hooks.partner, id)
    await tellAll(hooks.system)
    expect((await deliveriesOf(id))[0]!.nextAttemptAt!.getTime()).toBe(now + 600_000)
    const at = new Date(now)
    expect(retryAfterMs('Tue, 01 Dec 2026 10:00:00 GMT', new Date('2026-12-01T09:00:00Z'))).toBe(HOUR_MS)
    expect(['soon', '-5', ''].map((text) => retryAfterMs(text, at) ?? 0)).toEqual([0, 0, 0])
    expect(nextTry(1, at, 90 * DAY_MS)!.getTime()).toBe(now + DAY_MS)
    expect(nextTry(1, at, 1)!.getTime()).toBe(now + 5_000)
  })

  it('by one that is gone disables the webhook', async () => {
    const { id } = await hook(hooks.partner, receiver.url)
    receiver.answers(410)
    await happen(hooks.system, 'need.withdrawn', hooks.partner)
    await testWebhook(hooks.partner, id)
    await tellAll(hooks.system)
    expect(receiver.received).toHaveLength(1)
    expect(await getWebhook(hooks.partner, id)).toMatchObject({ state: 'disabled', disabledReason: 'gone' })
    expect((await deliveriesOf(id)).map(({ state }) => state)).toEqual(['dead', 'dead'])
    await happen(hooks.system, 'need.withdrawn', hooks.partner)
    expect(await tellAll(hooks.system)).toBe(0)
  })

  it('follows no redirect', async () => {
    const other = await openReceiver()
    const { id } = await hook(hooks.partner, receiver.url)
    receiver.answers(307, { location: other.url })
    await testWebhook(hooks.partner, id)
    await tellAll(hooks.system)
    await other.close()
    expect([receiver.received.length, other.received.length]).toEqual([1, 0])
    expect(await deliveriesOf(id)).toMatchObject([{ state: 'pending', lastStatus: 307 }])
  })

  it('goes to no private address, whatever its name', async () => {
    const named = receiver.url.replace('127.0.0.1', 'localhost')
    for (const url of [receiver.url, named]) {
      const { id } = await hook(hooks.partner, url)
      await testWebhook(hooks.partner, id)
      await tellAll({ ...hooks.system, allowPrivateUrls: false })
      const [delivery] = await deliveriesOf(id)
      expect(delivery).toMatchObject({ state: 'pending', attempts: 1, lastStatus: null })
      expect(delivery!.lastError).toContain('not on the public internet')
    }
    expect(receiver.received).toEqual([])
  })

  it('for five days by a receiver that took nothing disables the webhook, not one that took something', async () => {
    const dying = await hook(hooks.partner, receiver.url, ['need.withdrawn'])
    const alive = await hook(hooks.partner, receiver.url, ['need.*'])
    const { clock } = hooks.world
    const dieOf = async (type: string) => {
      receiver.answers(500)
      await happen(hooks.system, type, hooks.partner)
      await dispatchEvents(hooks.system)
      await hooks.world.db.root.update(webhookDeliveries).set({ attempts: PAUSES_MS.length })
      await tellAll(hooks.system)
      clock.advance(30 * HOUR_MS)
    }
    for (let event = 0; event < 4; event++) await dieOf('need.withdrawn')
    receiver.answers(200)
    await happen(hooks.system, 'need.registered', hooks.partner)
    await tellAll(hooks.system)
    expect(await getWebhook(hooks.partner, dying.id)).toMatchObject({ state: 'enabled' })
    await dieOf('need.withdrawn')
    const disabled = await getWebhook(hooks.partner, dying.id)
    expect(disabled).toMatchObject({ state: 'disabled', disabledReason: 'failing' })
    expect(await getWebhook(hooks.partner, alive.id)).toMatchObject({ state: 'enabled' })
    const again = { id: dying.id, state: 'enabled', expectedVersion: disabled.version } as const
    await changeWebhook(hooks.partner, again)
    await dieOf('need.withdrawn')
    expect(await getWebhook(hooks.partner, dying.id)).toMatchObject({ state: 'enabled' })
  })
})

describe('a replay since an instant', () => {
  it('sends what concerns the organization and was asked for, once more', async () => {
    const { clock } = hooks.world
    clock.advance(DAY_MS)
    const before = clock.read()
    const first = await happen(hooks.system, 'run.approved', hooks.partner)
    const { id } = await hook(hooks.partner, receiver.url, ['run.*'])
    await happen(hooks.system, 'run.approved', hooks.stranger)
    await happen(hooks.system, 'need.withdrawn', hooks.partner)
    const second = await happen(hooks.system, 'run.started', hooks.partner, hooks.stranger)
    await tellAll(hooks.system)
    expect(receiver.objects()).toEqual([second])
    expect(await replayDeliveries(hooks.partner, { id, since: before.toISOString() })).toBe(2)
    await tellAll(hooks.system)
    expect(receiver.objects().toSorted()).toEqual([second, first, second].toSorted())
    const until = before.toISOString()
    const since = new Date(before.getTime() - HOUR_MS).toISOString()
    expect(await replayDeliveries(hooks.partner, { id, since, until })).toBe(0)
  })
})

describe('what was delivered', () => {
  it('is forgotten after 30 days, dead letters after 90', async () => {
    const { id } = await hook(hooks.partner, receiver.url)
    await testWebhook(hooks.partner, id)
    await tellAll(hooks.system)
    const purge = () => inTransaction(hooks.system, (ctx) => purgeDeliveries(ctx))
    hooks.world.clock.advance(30 * DAY_MS)
    await purge()
    expect(await deliveriesOf(id)).toHaveLength(1)
    hooks.world.clock.advance(1)
    await purge()
    expect(await deliveriesOf(id)).toEqual([])
  })
})
