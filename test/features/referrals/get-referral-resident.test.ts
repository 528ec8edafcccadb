/** What a provider is told of whom it is to serve: over the wire, and for how long. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { ReferralStatus } from '../../../src/features/referrals/schemas.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { giveConsent } from '../../../src/features/residents/give-consent.ts'
import { consents, residents } from '../../../src/features/residents/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { appOver, keyOf, sender } from '../../app/api-world.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { foundTown, proposeRun, type Town } from './proposed-run.ts'

describe('the resident of a referral', () => {
  let world: TestWorld
  let town: Town
  let id: string
  let residentId: string
  beforeAll(async () => {
    world = await openTestDb()
    town = await foundTown(world)
    const { runId } = await proposeRun(world, town, 1)
    await approveRun(world.context(town.finance), { runId, expectedVersion: 1 })
    await openReferrals(world.context(town.finance), runId)
    const [referral] = await world.db.root.select().from(referrals)
    id = referral!.id
    residentId = referral!.residentId
    const known = { birthYear: 1948, mobility: 'slow', livesAlone: true, languages: ['zh'] } as const
    await world.db.root.update(residents).set({ ...known, languages: [...known.languages] })
  })
  afterAll(() => world.close())

  const read = async (actor: Actor, of = id) => {
    const key = await keyOf(world, actor)
    return sender(appOver(world))(key, 'GET', `/v1/referrals/${of}/resident`)
  }
  const NOTHING = {
    point: null,
    languages: null,
    age: null,
    mobility: null,
    careLevel: null,
    incomeClass: null,
    livesAlone: null,
  }

  it('is known by consented facts alone; what is not known is null', async () => {
    expect(await read(town.provider)).toMatchObject({ status: 200, body: NOTHING })
    const facts = ['birth_year', 'mobility', 'languages', 'income_class'] as const
    const { id: consentId } = await giveConsent(world.context(town.partner), {
      residentId,
      purpose: 'referral',
      facts: [...facts],
      recipientId: town.provider.organizationId,
      expiresAt: '2026-12-01T09:00:00Z',
    })
    const { body } = await read(town.provider)
    expect(body).toEqual({ ...NOTHING, age: 78, mobility: 'slow', languages: ['zh'] })
    world.clock.set('2026-12-01T09:00:00Z')
    expect((await read(town.provider)).body).toEqual(NOTHING)
    await world.db.root.delete(consents).where(eq(consents.id, consentId))
  })

  it('is nobody’s but the provider’s to know, and only as long as there is something to do', async () => {
    const set = (values: Partial<typeof referrals.$inferInsert>) =>
      world.db.root.update(referrals).set(values)
    const seen: string[] = []
    for (const status of ReferralStatus.options) {
      await set({ status })
      const answer = await read(town.provider)
      if (answer.status === 200) seen.push(status)
      else expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    }
    expect(seen).toEqual(['draft', 'requested', 'accepted', 'in-progress', 'on-hold', 'completed'])
    await set({ status: 'requested' })
    const [stranger] = town.strangers
    expect((await read(stranger!)).status).toBe(404)
    expect((await read(town.provider, residentId)).status).toBe(404)
    expect((await read(town.partner)).status).toBe(403)
    expect((await read(town.supervisor)).status).toBe(403)
  })
})
