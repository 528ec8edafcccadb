/** From events to deliveries: each event once to each webhook it concerns, none lost. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changeWebhook } from '../../../src/features/subscriptions/change-webhook.ts'
import { claimDeliveries } from '../../../src/features/subscriptions/claim-deliveries.ts'
import { dispatchEvents } from '../../../src/features/subscriptions/dispatch-events.ts'
import { startDispatcher } from '../../../src/features/subscriptions/start-dispatcher.ts'
import { webhooks } from '../../../src/features/subscriptions/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { emit, emitAll } from '../../../src/platform/events/emit.ts'
import { engines } from '../../support/test-world.ts'
import {
  type HookedWorld,
  happen,
  hook,
  openHooks,
  openReceiver,
  type Receiver,
  tellAll,
} from './hooked-world.ts'
import { begun } from './open-transaction.ts'

describe.each(engines())('events on %s', (rung) => {
  let hooks: HookedWorld
  let receiver: Receiver
  beforeAll(async () => {
    hooks = await openHooks(rung)
  })
  afterAll(() => hooks.close())
  beforeEach(async () => {
    receiver = await openReceiver()
  })
  afterEach(async () => {
    await receiver.close()
    await hooks.world.db.root.delete(webhooks)
  })

  it('go to those whom they concern and who asked, from the webhook’s creation on', async () => {
    const { partner, stranger, system } = hooks
    await happen(system, 'need.withdrawn', partner)
    await hook(partner, receiver.url, ['need.*', 'run.approved'])
    const wanted = await happen(system, 'need.withdrawn', partner, stranger)
    await happen(system, 'need.withdrawn', stranger)
    await happen(system, 'run.started', partner)
    await happen(system, 'needs.moved')
    expect(await tellAll(system)).toBe(1)
    expect(receiver.objects()).toEqual([wanted])
    await hook(stranger, receiver.url)
    expect(await tellAll(system)).toBe(0)
  })

  it('do not go to a webhook that was disabled when they happened', async () => {
    const { partner, system } = hooks
    const { id, version } = await hook(partner, receiver.url, ['need.*'])
    await changeWebhook(partner, { id, state: 'disabled', expectedVersion: version })
    await happen(system, 'need.withdrawn', partner)
    expect(await tellAll(system)).toBe(0)
    await changeWebhook(partner, { id, state: 'enabled', expectedVersion: version + 1 })
    const later = await happen(system, 'need.withdrawn', partner)
    await tellAll(system)
    expect(receiver.objects()).toEqual([later])
  })

  it('go out once each, in pages, whoever dispatches them at the same time', async () => {
    const { partner, system } = hooks
    const { id } = await hook(partner, receiver.url, ['need.*'])
    const { organizationId } = partner.actor
    const happened = Array.from({ length: 600 }, () => ({
      objectId: system.newId(),
      audience: organizationId,
    }))
    await inTransaction(system, (ctx) => emitAll(ctx, 'need.withdrawn', happened))
    const dispatchAll = async () => {
      while (await dispatchEvents(system));
    }
    await Promise.all([dispatchAll(), dispatchAll(), dispatchAll()])
    await dispatchAll()
    const claimed = []
    for (;;) {
      const some = await claimDeliveries(system, { most: 400, each: 400, busy: [] })
      if (some.length === 0) break
      claimed.push(...some)
      expect(await claimDeliveries(system, { most: 400, each: 400, busy: [id] })).toEqual([])
    }
    expect(new Set(claimed.map((one) => one.id)).size).toBe(600)
  })

  it('are taken back with what failed, and dispatched once it succeeds', async () => {
    const { partner, system } = hooks
    await hook(partner, receiver.url, ['need.*'])
    const objectId = await happen(system, 'need.withdrawn', partner)
    const failing = {
      ...system,
      newId: () => {
        throw new Error('the process is killed')
      },
    }
    await expect(dispatchEvents(failing)).rejects.toThrow('the process is killed')
    await tellAll(system)
    expect(receiver.objects()).toEqual([objectId])
  })

  it('reach the receiver though the process is killed on the way', async () => {
    const { partner, system, world } = hooks
    await hook(partner, receiver.url, ['need.*'])
    const objectId = await happen(system, 'need.withdrawn', partner)
    await dispatchEvents(system)
    expect(await claimDeliveries(system, { most: 9, each: 9, busy: [] })).toHaveLength(1)
    expect(await tellAll(system)).toBe(0)
    world.clock.advance(60_000)
    const dispatcher = startDispatcher(system)
    const second = await happen(system, 'need.registered', partner)
    await expect
      .poll(() => receiver.objects().toSorted(), { timeout: 5000 })
      .toEqual([objectId, second].toSorted())
    await dispatcher.close()
    await happen(system, 'need.withdrawn', partner)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(receiver.received).toHaveLength(2)
  })

  it.runIf(rung === 'postgres')('are dispatched whenever they commit, the last begun last', async () => {
    const { partner, system } = hooks
    await hook(partner, receiver.url, ['need.*'])
    const { organizationId } = partner.actor
    const say = (objectId: string) => (ctx: Parameters<typeof emit>[0]) =>
      emit(ctx, 'need.withdrawn', objectId, organizationId)
    const [a, b, c] = [system.newId(), system.newId(), system.newId()]
    // Begins first, speaks second: the one that runs longest has the highest transaction of all.
    const early = await begun(system)
    const late = await begun(system)
    const never = await begun(system)
    await late.do(say(a))
    await never.do(say(b))
    await early.do(say(c))
    await early.commit()
    for (let look = 0; look < 4; look++) await tellAll(system)
    expect(receiver.objects()).toEqual([c])
    await never.rollBack()
    await tellAll(system)
    await late.commit()
    await tellAll(system)
    expect(receiver.objects()).toEqual([c, a])
  })
})
