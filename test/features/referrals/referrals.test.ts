import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getReferral, type ReferralRow } from '../../../src/features/referrals/get-referral.ts'
import { jobs, reactions } from '../../../src/features/referrals/jobs.ts'
import { listReferrals } from '../../../src/features/referrals/list-referrals.ts'
import type { PartyEvent } from '../../../src/features/referrals/move-referral.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import type { ReferralReason } from '../../../src/features/referrals/schemas.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { excludeMatch } from '../../../src/features/review/exclude-match.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { reactionsOf } from '../../../src/platform/events/reactions.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { Parties, type Step } from './opened-referral.ts'
import { foundTown, type ProposedRun, proposeRun, type Town } from './proposed-run.ts'

describe.each(engines())('referrals on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let parties: Parties
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    parties = new Parties(world, town)
  })
  afterAll(() => world.close())

  async function approved(size: number): Promise<ProposedRun> {
    const run = await proposeRun(world, town, size)
    await approveRun(world.context(town.finance), { runId: run.runId, expectedVersion: 1 })
    return run
  }

  const move = (actor: Actor, row: ReferralRow, event: PartyEvent, reason?: ReferralReason) =>
    parties.move(actor, row, event, reason)

  it('open by themselves when a run is approved, one per approved match', async () => {
    const run = await proposeRun(world, town, 4)
    const ctx = { ...world.context(town.finance), reactions: reactionsOf(reactions) }
    const matchId = run.matchIds[0]!
    await excludeMatch(ctx, { runId: run.runId, matchId, expectedVersion: 1, reason: 'already_served' })
    await approveRun(ctx, { runId: run.runId, expectedVersion: 1 })
    const { db, config, log } = world
    const { encryptionKey } = ctx
    const runner = await startJobs({
      db,
      config,
      log,
      encryptionKey,
      currency: 'TWD',
      clock: world.clock.read,
      definitions: jobs,
    })
    await runner.idle()
    await runner.close()
    const { items } = await listReferrals(world.context(town.provider), { limit: 50 })
    const mine = items.filter((row) => run.matchIds.includes(row.matchId))
    expect(mine.map((row) => row.matchId).sort()).toEqual(run.matchIds.slice(1).sort())
    expect(mine[0]).toMatchObject({
      status: 'requested',
      price: 1000,
      subsidy: 1000,
      copayment: 0,
      quantity: 1,
    })
    for (const { id } of mine) {
      const told = await world.db.root.select().from(events).where(eq(events.objectId, id))
      expect(told.map(({ type }) => type)).toEqual(['referral.opened'])
    }
  })

  it('open once, also when asked twice', async () => {
    const run = await approved(3)
    const ctx = world.context(town.finance)
    expect(await openReferrals(ctx, run.runId)).toBe(3)
    expect(await openReferrals(ctx, run.runId)).toBe(0)
  })

  it('run from acceptance to completion, which leaves nothing held', async () => {
    const { run, referral } = await parties.opened()
    const { provider } = town
    let row = await move(provider, referral, 'accept')
    expect(await parties.afterwards(run)).toMatchObject({ need: 'matched', held: 1000 })
    row = await parties.yes(row)
    row = await move(provider, row, 'start')
    expect(await parties.afterwards(run)).toMatchObject({ need: 'in_service' })
    row = await move(provider, row, 'hold', 'resident_absent')
    row = await move(provider, row, 'resume')
    await parties.deliver(row, 1)
    row = await move(provider, row, 'complete')
    expect(row).toMatchObject({ status: 'completed', statusReason: null, version: 7 })
    const spent = { match: 'approved', need: 'met', held: 0, spent: 1000, places: 0, used: 1 }
    expect(await parties.afterwards(run)).toEqual(spent)
  })

  it.each<[PartyEvent, keyof Town, ReferralReason, Step[]]>([
    ['reject', 'provider', 'no_capacity', []],
    ['cancel', 'partner', 'resident_declined', []],
    ['cancel', 'officer', 'fund_withdrawn', ['accept', 'yes', 'start']],
    ['cancel', 'provider', 'service_closed', ['accept']],
    ['fail', 'provider', 'no_show', ['accept', 'yes', 'start']],
    ['void', 'officer', 'duplicate', ['accept']],
  ])('give everything back: %s by the %s (%s) after %j', async (event, party, reason, before) => {
    const { run, referral } = await parties.opened({ steps: before })
    const row = await move(town[party] as Actor, referral, event, reason)
    expect(row).toMatchObject({ statusReason: reason })
    const free = { match: 'released', need: 'registered', held: 0, spent: 0, places: 0, used: 0 }
    expect(await parties.afterwards(run)).toEqual(free)
    await expect(move(town.provider, row, 'accept')).rejects.toMatchObject({ code: 'state_conflict' })
  })

  it('are moved once when two move them at once', async () => {
    const { referral } = await parties.opened()
    const outcomes = await Promise.allSettled([
      move(town.provider, referral, 'accept'),
      move(town.partner, referral, 'cancel', 'resident_moved'),
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('refuse a missing reason and another party’s', async () => {
    const { referral } = await parties.opened()
    const refusal = { code: 'invalid_input', errors: [{ pointer: '/reason' }] }
    await expect(move(town.provider, referral, 'reject')).rejects.toMatchObject(refusal)
    await expect(move(town.partner, referral, 'cancel', 'service_closed')).rejects.toMatchObject(refusal)
    await expect(move(town.provider, referral, 'accept', 'other')).rejects.toMatchObject(refusal)
  })

  it('are seen by their parties and supervisors; to everybody else they do not exist', async () => {
    const { referral } = await parties.opened()
    for (const actor of [town.provider, town.partner, town.officer, town.finance, town.supervisor]) {
      expect(await getReferral(world.context(actor), referral.id)).toEqual(referral)
    }
    const local = { ...town.supervisor, areaId: town.areaId }
    expect(await getReferral(world.context(local), referral.id)).toEqual(referral)
    const elsewhere = { ...town.supervisor, areaId: referral.id }
    for (const actor of [...town.strangers, elsewhere]) {
      await expect(getReferral(world.context(actor), referral.id)).rejects.toMatchObject({
        code: 'not_found',
      })
      expect((await listReferrals(world.context(actor), { limit: 50 })).items).toEqual([])
    }
    const stolen = move(town.strangers[0]!, referral, 'accept')
    await expect(stolen).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are found by need and by resident', async () => {
    const ctx = world.context(town.provider)
    const { items } = await listReferrals(ctx, { limit: 50 })
    const { needId, residentId } = items[0]!
    const found = await listReferrals(ctx, { limit: 50, needId, residentId })
    expect(found.items).toEqual(items.filter((one) => one.needId === needId))
    expect((await listReferrals(ctx, { limit: 50, needId: residentId })).items).toEqual([])
  })

  it('are listed page by page and by status', async () => {
    const ctx = world.context(town.provider)
    const first = await listReferrals(ctx, { limit: 2 })
    const second = await listReferrals(ctx, { limit: 2, cursor: first.nextCursor! })
    const ids = [...first.items, ...second.items].map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort())
    const done = await listReferrals(ctx, { limit: 50, status: 'completed' })
    expect(done.items.every(({ status }) => status === 'completed')).toBe(true)
  })
})
