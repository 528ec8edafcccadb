/** What is said of a policy before it is adopted: inside the dates, in whose name, and what others learn of it. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { castPolicyVote } from '../../../src/features/consultations/cast-policy-vote.ts'
import { countPolicyVotes } from '../../../src/features/consultations/count-policy-votes.ts'
import { givePolicyComment } from '../../../src/features/consultations/give-policy-comment.ts'
import { listPolicyComments } from '../../../src/features/consultations/list-policy-comments.ts'
import type { PolicyVoteChoice } from '../../../src/features/consultations/schemas.ts'
import { policyVotes } from '../../../src/features/consultations/tables.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { organizations } from '../../../src/features/identity/tables.ts'
import { adoptPolicy } from '../../../src/features/policies/adopt-policy.ts'
import { consultPolicy } from '../../../src/features/policies/consult-policy.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { draftPolicy } from '../../../src/features/policies/draft-policy.ts'
import { eraseResident } from '../../../src/features/privacy/erase-resident.ts'
import { exportResident } from '../../../src/features/privacy/export-resident.ts'
import { registerResident } from '../../../src/features/residents/register-resident.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { type Actor, type Context, inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { employ, foundTown, organize, type Town } from '../referrals/proposed-run.ts'

const DAY = 86_400_000

describe.each(engines())('a consultation on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let operator: Actor
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    operator = await inTransaction(world.context(SYSTEM), async (ctx) =>
      employ(ctx, await organize(ctx, 'operator'), 'operator'),
    )
  })
  afterAll(() => world.close())

  const as = (actor: Actor): Context => world.context(actor)
  const hence = (days: number) => new Date(world.clock.read().getTime() + days * DAY).toISOString()
  const draft = async () => (await draftPolicy(as(town.officer), DEFAULT_POLICY)).id
  const consult = (id: string, fromDays = 0) =>
    consultPolicy(as(town.officer), {
      id,
      expectedVersion: 1,
      from: hence(fromDays),
      until: hence(fromDays + 7),
    })
  const open = async () => (await consult(await draft())).id
  let people = 0
  const resident = async (partner = town.partner) => {
    const point = { latitude: 25.03, longitude: 121.54 }
    const input = { reference: `person ${people++}`, areaId: town.areaId, point }
    return (await registerResident(as(partner), input)).id
  }
  const say = (actor: Actor, policyId: string, residentId?: string, text = 'Ten days are too few.') => {
    // Of one instant, ids of several sources have no order.
    world.clock.advance(1)
    return givePolicyComment(as(actor), { policyId, text, ...(residentId ? { residentId } : {}) })
  }
  const vote = (actor: Actor, policyId: string, choice: PolicyVoteChoice, residentId?: string) =>
    castPolicyVote(as(actor), { policyId, vote: choice, ...(residentId ? { residentId } : {}) })
  const comments = async (actor: Actor, policyId: string) =>
    (await listPolicyComments(as(actor), { policyId, limit: 50 })).items
  const counts = (actor: Actor, policyId: string) => countPolicyVotes(as(actor), policyId)

  it('takes words and votes between its dates alone', async () => {
    const policyId = await draft()
    const someone = await resident()
    const bothRefused = async (actor: Actor, code: string, residentId?: string) => {
      await expect(say(actor, policyId, residentId)).rejects.toMatchObject({ code })
      await expect(vote(actor, policyId, 'for', residentId)).rejects.toMatchObject({ code })
    }
    await bothRefused(town.partner, 'not_found', someone)
    await bothRefused(town.finance, 'state_conflict')
    const { consultedFrom, consultedUntil } = await consult(policyId, 3)
    const stand = (at: Date | null, ms = 0) => world.clock.set(new Date(at!.getTime() + ms).toISOString())
    stand(consultedFrom, -9)
    await bothRefused(town.partner, 'state_conflict', someone)
    stand(consultedFrom, -1)
    await expect(vote(town.partner, policyId, 'for', someone)).rejects.toMatchObject({
      code: 'state_conflict',
      message: /has not begun/,
    })
    stand(consultedFrom)
    await say(town.partner, policyId, someone)
    await vote(town.partner, policyId, 'for', someone)
    stand(consultedUntil, -1)
    expect((await vote(town.partner, policyId, 'against', someone)).vote).toBe('against')
    stand(consultedUntil)
    await bothRefused(town.partner, 'state_conflict', someone)
    await adoptPolicy(as(town.finance), { id: policyId, expectedVersion: 2 })
    await bothRefused(town.partner, 'state_conflict', someone)
    // What was said is there to be read, and counts.
    expect(await comments(town.provider, policyId)).toHaveLength(1)
    expect((await counts(town.finance, policyId)).residents).toEqual({ for: 0, against: 1, abstain: 0 })
  })

  it('is spoken to by everybody for themselves, and for residents by their own app alone', async () => {
    const policyId = await open()
    const someone = await resident()
    const otherPartner = town.strangers[2]!
    for (const actor of [otherPartner, town.provider, town.officer, town.supervisor, operator]) {
      await expect(say(actor, policyId, someone)).rejects.toMatchObject({ code: 'not_found' })
      await expect(vote(actor, policyId, 'for', someone)).rejects.toMatchObject({ code: 'not_found' })
    }
    const all = [town.partner, town.provider, town.officer, town.finance, town.supervisor, operator]
    for (const actor of all) {
      expect(await say(actor, policyId)).toMatchObject({
        ofResident: false,
        organizationId: actor.organizationId,
        residentId: null,
      })
    }
    await expect(say(town.partner, policyId, someone, '  ')).rejects.toMatchObject({ code: 'invalid_input' })
    const nowhere = say(town.partner, world.context().newId())
    await expect(nowhere).rejects.toMatchObject({ code: 'not_found' })
  })

  it('shows a resident’s words to all, and whose they are to their own app', async () => {
    const policyId = await open()
    const someone = await resident()
    await say(town.partner, policyId, someone, 'I cannot walk that far.')
    await say(town.partner, policyId, undefined, 'Our members ask for less.')
    const own = { ofResident: true, organizationId: town.partner.organizationId, residentId: someone }
    expect((await comments(town.partner, policyId))[0]).toMatchObject(own)
    const others = [town.provider, town.officer, town.supervisor, operator, town.strangers[2]!]
    for (const actor of others) {
      const [words, ofBody] = await comments(actor, policyId)
      expect(words).toMatchObject({ ofResident: true, organizationId: null, residentId: null })
      expect(words!.text).toBe('I cannot walk that far.')
      expect(ofBody).toMatchObject({ ofResident: false, organizationId: town.partner.organizationId })
    }
    const first = await listPolicyComments(as(town.provider), { policyId, limit: 1 })
    const second = { policyId, limit: 1, cursor: first.nextCursor! }
    expect((await listPolicyComments(as(town.provider), second)).items[0]!.ofResident).toBe(false)
  })

  it('counts one vote a resident and one a body, the last one given', async () => {
    const policyId = await open()
    const voters = await Promise.all([1, 2, 3, 4].map(() => resident()))
    const stranger = await resident(town.strangers[2])
    for (const voter of voters) await vote(town.partner, policyId, 'for', voter)
    await vote(town.partner, policyId, 'against', voters[0])
    await vote(town.partner, policyId, 'abstain')
    // Two of one organization, and then another one that is the same body in law.
    await vote(town.officer, policyId, 'for')
    await vote(town.finance, policyId, 'against')
    const home = town.provider.organizationId
    const ofOffice = { bodyId: town.officer.organizationId }
    await world.db.root.update(organizations).set(ofOffice).where(eq(organizations.id, home))
    await vote(town.provider, policyId, 'for')
    await world.db.root.update(organizations).set({ bodyId: null }).where(eq(organizations.id, home))
    const bodies = { for: 1, against: 0, abstain: 1 }
    for (const actor of [town.officer, town.supervisor]) {
      expect(await counts(actor, policyId)).toEqual({
        policyId,
        residents: { for: 3, against: 1, abstain: 0 },
        bodies,
      })
    }
    // Of four, the counts would tell others of persons.
    expect(await counts(town.provider, policyId)).toEqual({ policyId, residents: null, bodies })
    await vote(town.strangers[2]!, policyId, 'for', stranger)
    expect((await counts(town.provider, policyId)).residents).toEqual({ for: 4, against: 1, abstain: 0 })
    const again = [1, 2, 3].map(() => vote(town.strangers[2]!, policyId, 'against', stranger))
    await Promise.all(again)
    expect((await counts(town.provider, policyId)).residents).toEqual({ for: 3, against: 2, abstain: 0 })
  })

  it('writes down that a resident voted, never how, nor their words', async () => {
    const policyId = await open()
    const someone = await resident()
    const { id: commentId } = await say(town.partner, policyId, someone, 'Canary words')
    const { id: voteId } = await vote(town.partner, policyId, 'against', someone)
    const { id: bodyVoteId } = await vote(town.partner, policyId, 'for')
    const entries = await world.db.root.select().from(auditEntries)
    const told = await world.db.root.select().from(events)
    const of = (id: string) => [
      entries.filter(({ objectId }) => objectId === id).map(({ facts }) => facts),
      told.filter(({ objectId }) => objectId === id).map(({ data }) => data),
    ]
    const ofResident = [{ policyId, ofResident: true }]
    expect(of(commentId)).toEqual([ofResident, ofResident])
    const { audience } = told.find(({ objectId }) => objectId === commentId)!
    expect(audience).toEqual([town.officer.organizationId, town.partner.organizationId])
    expect(of(voteId)).toEqual([ofResident, ofResident])
    const ofBody = [{ policyId, ofResident: false, vote: 'for' }]
    expect(of(bodyVoteId)).toEqual([ofBody, ofBody])
  })

  it('lets a resident take out what is theirs, and go: the vote still counts, of nobody', async () => {
    const policyId = await open()
    const [someone, other] = [await resident(), await resident()]
    for (const one of [someone, other]) {
      await say(town.partner, policyId, one)
      await vote(town.partner, policyId, 'for', one)
    }
    await vote(town.partner, policyId, 'abstain')
    const held = await exportResident(as(town.partner), someone)
    expect(held.policyComments).toMatchObject([{ policyId, text: 'Ten days are too few.' }])
    expect(held.policyVotes).toMatchObject([{ policyId, vote: 'for' }])
    const before = await counts(town.officer, policyId)
    const receipt = await eraseResident(as(town.partner), { residentId: someone, version: 1 })
    expect(receipt.erased).toMatchObject({ policyComments: 1, policyVotes: 1 })
    expect(await counts(town.officer, policyId)).toEqual(before)
    const [gone, kept] = await comments(town.partner, policyId)
    expect(gone).toMatchObject({ ofResident: true, residentId: null, text: null })
    expect(kept).toMatchObject({ residentId: other, text: 'Ten days are too few.' })
    const rows = await world.db.root.select().from(policyVotes).where(eq(policyVotes.policyId, policyId))
    expect(rows.filter(({ ofResident }) => ofResident).map(({ residentId }) => residentId)).toEqual(
      expect.arrayContaining([null, other]),
    )
    // The app's own vote is none of the residents' that lost their name.
    await vote(town.partner, policyId, 'against')
    expect((await counts(town.officer, policyId)).bodies).toEqual({ for: 0, against: 1, abstain: 0 })
    await expect(say(town.partner, policyId, someone)).rejects.toMatchObject({ code: 'not_found' })
    const late = world.db.root.insert(policyVotes).values({
      id: world.context().newId(),
      policyId,
      organizationId: town.partner.organizationId,
      ofResident: true,
      residentId: someone,
      vote: 'for',
      at: world.clock.read(),
    })
    await expect(late).rejects.toThrow()
  })
})
