import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clearSettled } from '../../../src/features/referrals/clear-settled.ts'
import { concedeDispute } from '../../../src/features/referrals/concede-dispute.ts'
import { decideDispute } from '../../../src/features/referrals/decide-dispute.ts'
import type { DisputeDecision } from '../../../src/features/referrals/delivery-schemas.ts'
import { disputeDelivery } from '../../../src/features/referrals/dispute-delivery.ts'
import { listDeliveries } from '../../../src/features/referrals/list-deliveries.ts'
import { markSettled } from '../../../src/features/referrals/mark-settled.ts'
import type { DeliveryRow } from '../../../src/features/referrals/record-delivery.ts'
import { deliveries } from '../../../src/features/referrals/tables.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { Parties } from './opened-referral.ts'
import { foundTown, type Town } from './proposed-run.ts'

const BEGUN = ['accept', 'yes', 'start'] as const

describe.each(engines())('a dispute over a delivery on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let parties: Parties
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    parties = new Parties(world, town)
  })
  afterAll(() => world.close())

  const as = (actor: Actor) => world.context(actor)
  const dispute = ({ id, version }: DeliveryRow) =>
    disputeDelivery(as(town.partner), { id, expectedVersion: version, reason: 'not_delivered' })
  const decide = (
    { id, version }: DeliveryRow,
    decision: DisputeDecision,
    more: object = {},
    actor = town.officer,
  ) => decideDispute(as(actor), { id, expectedVersion: version, decision, ...more })
  const concede = ({ id, version }: DeliveryRow, actor = town.provider) =>
    concedeDispute(as(actor), { id, expectedVersion: version })
  const disputed = async (quantity: number, units: number) => {
    const { run, referral } = await parties.opened({ quantity, steps: BEGUN })
    return { run, referral, delivery: await dispute(await parties.deliver(referral, units)) }
  }
  const read = async ({ id }: DeliveryRow) =>
    (await world.db.root.select().from(deliveries).where(eq(deliveries.id, id)))[0]!

  it('is decided by the purchaser: as recorded, nothing changes but that', async () => {
    const { run, referral, delivery } = await disputed(2, 1)
    const words = 'The signature of the day is there'
    const sustained = await decide(delivery, 'sustained', { comment: words })
    const decided = { decidedBy: town.officer.principalId, decidedAt: world.clock.read() }
    expect(sustained).toMatchObject({ state: 'sustained', version: 3, decisionComment: words, ...decided })
    expect(await parties.afterwards(run)).toMatchObject({ held: 1000, spent: 1000, used: 1, places: 1 })
    const [told] = (await parties.told(delivery.id)).slice(-1)
    const data = { referralId: referral.id, decision: 'sustained', settled: false }
    expect(told).toMatchObject({ type: 'dispute.decided', data })
    expect(told!.audience.toSorted()).toEqual(parties.everybody().toSorted())
    const all = [await world.db.root.select().from(auditEntries), await world.db.root.select().from(events)]
    expect(JSON.stringify(all)).not.toContain('signature')
    const listed = await listDeliveries(as(town.provider), referral.id, { limit: 5 })
    expect(listed.items).toMatchObject([{ decisionComment: words }])
  })

  it('annulled while the service goes on leaves the units to be delivered again', async () => {
    const { run, referral, delivery } = await disputed(2, 2)
    await expect(parties.deliver(referral, 1)).rejects.toMatchObject({ code: 'insufficient' })
    await decide(delivery, 'annulled')
    expect(await parties.afterwards(run)).toMatchObject({ held: 2000, spent: 0, used: 0, places: 2 })
    const early = parties.move(town.provider, await parties.read(referral), 'complete')
    await expect(early).rejects.toMatchObject({ code: 'state_conflict' })
    const again = await parties.deliver(referral, 2)
    expect((await parties.told(again.id)).at(-1)!.data).toMatchObject({ units: 2, delivered: 2 })
    await parties.move(town.provider, await parties.read(referral), 'complete')
    expect(await parties.afterwards(run)).toMatchObject({ held: 0, spent: 2000, used: 2, need: 'met' })
  })

  it('annulled when the referral is over gives back what was spent for it, one by one', async () => {
    const { run, referral, delivery } = await disputed(4, 1)
    const other = await dispute(await parties.deliver(referral, 1))
    await parties.deliver(referral, 1)
    await parties.move(town.provider, await parties.read(referral), 'complete')
    expect(await parties.afterwards(run)).toMatchObject({ held: 0, spent: 3000 })
    await concede(delivery)
    expect(await parties.afterwards(run)).toMatchObject({ held: 0, spent: 2000, used: 2, places: 0 })
    await decide(other, 'annulled')
    expect(await parties.afterwards(run)).toMatchObject({
      held: 0,
      spent: 1000,
      used: 1,
      places: 0,
      need: 'met',
    })
  })

  it('annulled after the settlement counts until a settlement has corrected it', async () => {
    const { run, referral, delivery: first } = await disputed(2, 1)
    await decide(first, 'sustained')
    const settled = await inTransaction(as(town.finance), async (ctx) => {
      await markSettled(ctx, [first.id], world.clock.read())
      const [row] = await ctx.tx.select().from(deliveries).where(eq(deliveries.id, first.id))
      return row!
    })
    expect(settled).toMatchObject({ settledAt: world.clock.read(), version: 4 })
    const second = await parties.deliver(referral, 1)
    await inTransaction(as(town.finance), (ctx) => markSettled(ctx, [second.id], world.clock.read()))
    const late = await dispute(await read(second))
    await decide(late, 'annulled')
    expect(await parties.afterwards(run)).toMatchObject({ held: 0, spent: 2000, used: 2 })
    const facts = { quantity: 2, delivered: 1, left: 0 }
    await expect(parties.deliver(referral, 1)).rejects.toMatchObject({ code: 'insufficient', facts })
    await inTransaction(as(town.finance), (ctx) => clearSettled(ctx, [second.id]))
    expect(await read(second)).toMatchObject({ state: 'annulled', settledAt: null })
  })

  it('is for its purchaser and its provider, once; every other attempt is on record', async () => {
    const { run, delivery } = await disputed(1, 1)
    const before = await parties.afterwards(run)
    const [otherProvider, otherFinance] = town.strangers as [Actor, Actor, Actor]
    const otherOfficer = { ...otherFinance, role: 'purchaser.officer' }
    await expect(decide(delivery, 'annulled', {}, otherOfficer)).rejects.toMatchObject({ code: 'not_found' })
    await expect(concede(delivery, otherProvider)).rejects.toMatchObject({ code: 'not_found' })
    for (const actor of [town.finance, town.provider, town.partner, town.supervisor]) {
      await expect(decide(delivery, 'annulled', {}, actor)).rejects.toMatchObject({ code: 'forbidden' })
    }
    await expect(concede(delivery, town.officer)).rejects.toMatchObject({ code: 'forbidden' })
    const stale = decideDispute(as(town.officer), {
      id: delivery.id,
      expectedVersion: 1,
      decision: 'annulled',
    })
    await expect(stale).rejects.toMatchObject({ code: 'precondition_failed' })
    await expect(decide(delivery, 'maybe' as never)).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await parties.afterwards(run)).toEqual(before)
    const outcomes = await Promise.allSettled([decide(delivery, 'sustained'), concede(delivery)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(decide(await read(delivery), 'annulled')).rejects.toMatchObject({ code: 'state_conflict' })
    const entries = await world.db.root
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.objectId, delivery.id))
    const refused = entries.filter(({ action }) => action === 'attempt.refuse').map(({ facts }) => facts)
    const tried = (action: string, code: string) => ({ action: `dispute.${action}`, code })
    expect(refused.slice(0, 8)).toEqual([
      tried('decide', 'not_found'),
      tried('concede', 'not_found'),
      ...Array(4).fill(tried('decide', 'forbidden')),
      tried('concede', 'forbidden'),
      tried('decide', 'invalid_input'),
    ])
  })

  it('keeps deliveries from being settled, and only what was settled and annulled is corrected', async () => {
    const { referral, delivery } = await disputed(3, 1)
    const fine = await parties.deliver(referral, 1)
    const settle = (ids: string[]) =>
      inTransaction(as(town.finance), (ctx) => markSettled(ctx, ids, world.clock.read()))
    const correct = (ids: string[]) => inTransaction(as(town.finance), (ctx) => clearSettled(ctx, ids))
    const conflict = { code: 'state_conflict' }
    await expect(settle([delivery.id, fine.id])).rejects.toMatchObject(conflict)
    expect(await read(fine)).toMatchObject({ settledAt: null, version: 1 })
    await expect(correct([fine.id])).rejects.toMatchObject(conflict)
    await settle([fine.id])
    await expect(settle([fine.id])).rejects.toMatchObject(conflict)
    await expect(correct([fine.id])).rejects.toMatchObject(conflict)
    const annulled = await concede(delivery)
    await expect(settle([annulled.id])).rejects.toMatchObject(conflict)
    await settle([])
    await correct([])
  })
})
