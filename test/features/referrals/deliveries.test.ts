import { and, eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { confirmDelivery } from '../../../src/features/referrals/confirm-delivery.ts'
import { disputeDelivery } from '../../../src/features/referrals/dispute-delivery.ts'
import { listDeliveries } from '../../../src/features/referrals/list-deliveries.ts'
import { recordDelivery } from '../../../src/features/referrals/record-delivery.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { type Opened, Parties } from './opened-referral.ts'
import { foundTown, type Town } from './proposed-run.ts'

const BEGUN = ['accept', 'yes', 'start'] as const

describe('deliveries', () => {
  let world: TestWorld
  let town: Town
  let parties: Parties
  beforeAll(async () => {
    world = await openTestDb()
    town = await foundTown(world)
    parties = new Parties(world, town)
  })
  afterAll(() => world.close())

  const as = (actor: Actor) => world.context(actor)
  const begun = (quantity: number): Promise<Opened> => parties.opened({ quantity, steps: BEGUN })

  it('spend their share of what is held, to the unit', async () => {
    const { run, referral } = await begun(3)
    for (const before of [0, 1, 2]) {
      const row = await parties.deliver(referral, 1)
      const paid = { subsidy: 1000, copayment: 0, settledAt: null }
      expect(row).toMatchObject({
        units: 1,
        state: 'recorded',
        evidenceHash: null,
        answeredAt: null,
        ...paid,
      })
      const spent = 1000 * (before + 1)
      const now = { held: 3000 - spent, spent, places: 2 - before, used: before + 1, need: 'in_service' }
      expect(await parties.afterwards(run)).toMatchObject(now)
    }
    const done = await parties.move(town.provider, referral, 'complete')
    expect(done.status).toBe('completed')
    expect(await parties.afterwards(run)).toMatchObject({ held: 0, spent: 3000, need: 'met' })
  })

  it('never add up to more than was ordered, in whatever parts', async () => {
    const parts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), parts, async (quantity, wanted) => {
        const { run, referral } = await begun(quantity)
        let delivered = 0
        for (const units of wanted) {
          const outcome = parties.deliver(referral, units)
          if (delivered + units > quantity) {
            const facts = { quantity, delivered, left: quantity - delivered }
            await expect(outcome).rejects.toMatchObject({ code: 'insufficient', facts })
          } else {
            await outcome
            delivered += units
          }
        }
        const [spent, held] = [1000 * delivered, 1000 * (quantity - delivered)]
        const left = { spent, held, used: delivered, places: quantity - delivered }
        expect(await parties.afterwards(run)).toMatchObject(left)
      }),
      { numRuns: 5 },
    )
  })

  it('of the last unit, recorded twice at once, count once', async () => {
    const { run, referral } = await begun(1)
    const outcomes = await Promise.allSettled([parties.deliver(referral, 1), parties.deliver(referral, 1)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await parties.afterwards(run)).toMatchObject({ spent: 1000, used: 1 })
  })

  it('are refused where they cannot be: nothing has changed then', async () => {
    const { run, referral } = await begun(2)
    const before = await parties.afterwards(run)
    const record = (more: object, actor = town.provider, referralId = referral.id) =>
      recordDelivery(as(actor), {
        referralId,
        units: 1,
        deliveredAt: world.clock.read().toISOString(),
        ...more,
      })
    const flaw = (pointer: string) => ({ code: 'invalid_input', errors: [{ pointer }] })
    const at = (milliseconds: number) => new Date(world.clock.read().getTime() + milliseconds).toISOString()
    await expect(record({ deliveredAt: at(1) })).rejects.toMatchObject(flaw('/deliveredAt'))
    await expect(record({ deliveredAt: at(-1) })).rejects.toMatchObject(flaw('/deliveredAt'))
    await expect(record({ units: 0 })).rejects.toMatchObject(flaw('/units'))
    await expect(record({ units: 1.5 })).rejects.toMatchObject(flaw('/units'))
    await expect(record({ units: -1 })).rejects.toMatchObject(flaw('/units'))
    await expect(record({ evidenceHash: 'AB' })).rejects.toMatchObject(flaw('/evidenceHash'))
    await expect(record({}, town.partner)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(record({}, town.strangers[0])).rejects.toMatchObject({ code: 'not_found' })
    const early = await parties.opened({ steps: ['accept', 'yes'] })
    const conflict = { code: 'state_conflict' }
    await expect(record({}, town.provider, early.referral.id)).rejects.toMatchObject(conflict)
    await expect(record({ units: 3 })).rejects.toMatchObject({ code: 'insufficient' })
    expect(await parties.afterwards(run)).toEqual(before)
    const attempts = await world.db.root
      .select()
      .from(auditEntries)
      .where(and(eq(auditEntries.objectId, referral.id), eq(auditEntries.action, 'attempt.refuse')))
    const codes = ['invalid_input', 'invalid_input', 'invalid_input', 'invalid_input', 'invalid_input']
    codes.push('invalid_input', 'forbidden', 'not_found', 'insufficient')
    expect(attempts.map(({ facts }) => facts)).toEqual(
      codes.map((code) => ({ action: 'delivery.record', code })),
    )
  })

  it('belong between the beginning of the service and the end of the month, by the clock on the wall', async () => {
    const taipei = { ...as(town.provider), timeZone: 'Asia/Taipei' }
    const { referral } = await parties.opened({ quantity: 2, steps: ['accept', 'yes'] })
    world.clock.advance(3_600_000)
    const begun = await parties.move(town.provider, referral, 'start')
    expect(begun.startedAt).toEqual(world.clock.read())
    const earlier = world.clock.read()
    world.clock.set('2027-01-02T08:00:00Z')
    const at = (deliveredAt: string) =>
      recordDelivery(taipei, { referralId: referral.id, units: 1, deliveredAt })
    const flaw = { code: 'invalid_input', errors: [{ pointer: '/deliveredAt' }] }
    await expect(at(new Date(earlier.getTime() - 1).toISOString())).rejects.toMatchObject(flaw)
    await expect(at('2026-12-31T16:00:00Z')).rejects.toMatchObject(flaw)
    await expect(at('2026-12-31T15:59:59Z')).resolves.toMatchObject({ units: 1 })
    await expect(at(earlier.toISOString())).resolves.toMatchObject({ units: 1 })
    world.clock.set(earlier.toISOString())
  })

  it('come before completion', async () => {
    const { referral } = await begun(1)
    const refusal = {
      code: 'state_conflict',
      message: expect.stringContaining('record the deliveries first'),
    }
    await expect(parties.move(town.provider, referral, 'complete')).rejects.toMatchObject(refusal)
  })

  it('stay spent when the rest does not come: completed early, failed, cancelled', async () => {
    const finish = async (event: 'complete' | 'fail' | 'cancel', reason?: 'no_show' | 'staff_missing') => {
      const { run, referral } = await begun(4)
      await parties.deliver(referral, 1)
      await parties.move(town.provider, referral, event, reason)
      return parties.afterwards(run)
    }
    const kept = { held: 0, spent: 1000, places: 0, used: 1 }
    expect(await finish('complete')).toEqual({ ...kept, match: 'approved', need: 'met' })
    expect(await finish('fail', 'no_show')).toEqual({ ...kept, match: 'released', need: 'registered' })
    expect(await finish('cancel', 'staff_missing')).toEqual({
      ...kept,
      match: 'released',
      need: 'registered',
    })
  })

  it('are confirmed or disputed once, by the resident’s partner', async () => {
    const { referral } = await begun(2)
    const first = await parties.deliver(referral, 1)
    const second = await parties.deliver(referral, 1)
    const partner = as(town.partner)
    const confirmed = await confirmDelivery(partner, { id: first.id, expectedVersion: 1 })
    expect(confirmed).toMatchObject({ state: 'confirmed', version: 2, answeredAt: world.clock.read() })
    const dispute = { id: second.id, reason: 'fewer_units', comment: 'Only an hour' } as const
    const stale = disputeDelivery(partner, { ...dispute, expectedVersion: 9 })
    await expect(stale).rejects.toMatchObject({ code: 'precondition_failed' })
    const disputed = await disputeDelivery(partner, { ...dispute, expectedVersion: 1 })
    expect(disputed).toMatchObject({
      state: 'disputed',
      disputeReason: 'fewer_units',
      comment: 'Only an hour',
    })
    const again = [
      confirmDelivery(partner, { id: second.id, expectedVersion: 2 }),
      disputeDelivery(partner, { ...dispute, id: first.id, expectedVersion: 2 }),
    ]
    for (const { status } of await Promise.allSettled(again)) expect(status).toBe('rejected')
    for (const actor of [town.strangers[2]!, town.provider]) {
      const stolen = confirmDelivery(as(actor), { id: first.id, expectedVersion: 2 })
      const code = actor === town.provider ? 'forbidden' : 'not_found'
      await expect(stolen).rejects.toMatchObject({ code })
    }
    const [told] = (await parties.told(second.id)).slice(-1)
    const data = { referralId: referral.id, reason: 'fewer_units' }
    expect(told).toMatchObject({ type: 'delivery.disputed', data })
    expect(told!.audience.toSorted()).toEqual(parties.everybody().toSorted())
  })

  it('are listed for the parties; the resident’s words are not for the provider, the audit and events', async () => {
    const { referral } = await begun(1)
    const { id } = await parties.deliver(referral, 1)
    const words = 'My neighbor saw it too'
    const dispute = { id, expectedVersion: 1, reason: 'not_delivered', comment: words } as const
    await disputeDelivery(as(town.partner), dispute)
    const list = (actor: Actor) => listDeliveries(as(actor), referral.id, { limit: 50 })
    expect((await list(town.partner)).items).toMatchObject([{ id, comment: words }])
    expect((await list(town.officer)).items).toMatchObject([{ id, comment: words }])
    expect((await list(town.provider)).items).toMatchObject([{ id, comment: null }])
    for (const stranger of town.strangers) {
      await expect(list(stranger)).rejects.toMatchObject({ code: 'not_found' })
    }
    const told = [await world.db.root.select().from(auditEntries), await world.db.root.select().from(events)]
    expect(JSON.stringify(told)).not.toContain('neighbor')
  })
})
