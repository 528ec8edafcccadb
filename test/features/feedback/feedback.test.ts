import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { giveFeedback } from '../../../src/features/feedback/give-feedback.ts'
import { listFeedback } from '../../../src/features/feedback/list-feedback.ts'
import type { FeedbackOutcome } from '../../../src/features/feedback/schemas.ts'
import { summarizeFeedback } from '../../../src/features/feedback/summarize-feedback.ts'
import { listReferrals } from '../../../src/features/referrals/list-referrals.ts'
import { moveReferral } from '../../../src/features/referrals/move-referral.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { refusalOf } from '../communities/neighborhood.ts'
import { foundTown, proposeRun, type Town } from '../referrals/proposed-run.ts'

let world: TestWorld
let town: Town
let referralIds: string[]
beforeAll(async () => {
  world = await openTestDb()
  town = await foundTown(world)
  const { runId } = await proposeRun(world, town, 8)
  await approveRun(world.context(town.finance), { runId, expectedVersion: 1 })
  await openReferrals(world.context(town.finance), runId)
  const { items } = await listReferrals(world.context(town.partner), { limit: 50 })
  referralIds = items.map(({ id }) => id)
})
afterAll(() => world.close())

const as = (actor: Actor) => world.context(actor)
const accept = (id: string) =>
  moveReferral(as(town.provider), { id, event: 'accept', expectedVersion: 1, reason: null })
const all = { limit: 50 }

describe('feedback', () => {
  it('is given once, on what the provider had accepted', async () => {
    const [referralId] = referralIds
    const said = {
      referralId: referralId!,
      outcome: 'got_help',
      rating: 4,
      text: 'They came in time.',
    } as const
    expect(await refusalOf(giveFeedback(as(town.partner), said))).toMatchObject({ code: 'state_conflict' })
    await accept(referralId!)
    const row = await giveFeedback(as(town.partner), said)
    expect(row).toMatchObject({ ...said, providerId: town.provider.organizationId })
    const again = giveFeedback(as(town.partner), { ...said, outcome: 'not_helped' })
    expect(await refusalOf(again)).toMatchObject({ code: 'duplicate', facts: { existingId: row.id } })
  })

  it('is given on what was cancelled after it was accepted, not before', async () => {
    const cancel = (id: string, expectedVersion: number) =>
      moveReferral(as(town.provider), { id, event: 'cancel', expectedVersion, reason: 'service_closed' })
    const [, before, after] = referralIds
    await cancel(before!, 1)
    await accept(after!)
    await cancel(after!, 2)
    const give = (referralId: string) => giveFeedback(as(town.partner), { referralId, outcome: 'no_contact' })
    expect(await refusalOf(give(before!))).toMatchObject({ code: 'state_conflict' })
    expect(await give(after!)).toMatchObject({ outcome: 'no_contact', rating: null, text: null })
  })

  it('points at every flaw', async () => {
    const flaws: [object, string][] = [
      [{ outcome: 'fine' }, '/outcome'],
      [{ rating: 0 }, '/rating'],
      [{ rating: 6 }, '/rating'],
      [{ rating: 4.5 }, '/rating'],
      [{ text: 'a\0b' }, '/text'],
      [{ text: '\ud800' }, '/text'],
      [{ text: 'x'.repeat(2001) }, '/text'],
      [{ stars: 5 }, '/stars'],
    ]
    for (const [flaw, pointer] of flaws) {
      const given = { referralId: referralIds[0]!, outcome: 'partly', ...flaw } as const
      const refusal = await refusalOf(giveFeedback(as(town.partner), given))
      expect(refusal).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
  })

  it('is that of one’s own residents, and does not tell the provider whose it is', async () => {
    const [stranger, , otherPartner] = town.strangers
    const give = (actor: Actor) => giveFeedback(as(actor), { referralId: referralIds[0]!, outcome: 'partly' })
    expect(await refusalOf(give(otherPartner!))).toMatchObject({ code: 'not_found' })
    expect(await refusalOf(give(town.provider))).toMatchObject({ code: 'forbidden' })
    const shown = async (actor: Actor) =>
      (await listFeedback(as(actor), { ...all, outcome: 'got_help' })).items[0]
    expect(await shown(town.partner)).toMatchObject({ referralId: referralIds[0] })
    expect((await shown(town.partner))!.residentId).not.toBeNull()
    expect(await shown(town.provider)).toMatchObject({ residentId: null, referralId: null, rating: 4 })
    for (const actor of [town.officer, town.supervisor]) {
      expect(await shown(actor)).toMatchObject({ residentId: null, referralId: referralIds[0] })
    }
    for (const actor of [stranger!, otherPartner!]) expect(await shown(actor)).toBeUndefined()
  })

  it('is found by provider and outcome', async () => {
    const { organizationId: providerId } = town.provider
    const found = async (more: { providerId?: string; outcome?: FeedbackOutcome }) =>
      (await listFeedback(as(town.officer), { ...all, ...more })).items.length
    expect(await found({ providerId })).toBe(2)
    expect(await found({ providerId, outcome: 'got_help' })).toBe(1)
    expect(await found({ providerId: town.partner.organizationId })).toBe(0)
  })

  it('is counted where so many answered that nobody is found by it', async () => {
    const { organizationId: providerId } = town.provider
    const summary = async (actor: Actor) => (await summarizeFeedback(as(actor), all)).items
    const small = { providerId, answers: null, outcomes: null, meanRating: null }
    expect(await summary(town.officer)).toEqual([small])
    for (const referralId of referralIds.slice(3, 6)) {
      await accept(referralId)
      await giveFeedback(as(town.partner), { referralId, outcome: 'partly', rating: 3 })
    }
    const outcomes = { got_help: 1, partly: 3, not_helped: 0, no_contact: 1 }
    // Five answered, four of them with a rating.
    expect(await summary(town.provider)).toEqual([{ providerId, answers: 5, outcomes, meanRating: null }])
    await accept(referralIds[6]!)
    await giveFeedback(as(town.partner), { referralId: referralIds[6]!, outcome: 'not_helped', rating: 1 })
    expect(await summary(town.supervisor)).toMatchObject([{ answers: 6, meanRating: 2.8 }])
    expect(await summary(town.strangers[0]!)).toEqual([])
  })

  it('leaves its words out of what is told and recorded', async () => {
    const told = await world.db.root.select().from(events).orderBy(events.position)
    const recorded = await world.db.root.select().from(auditEntries)
    expect(told.filter(({ type }) => type === 'feedback.given')).toHaveLength(6)
    expect(JSON.stringify([told, recorded])).not.toContain('in time')
    const [first] = told.filter(({ type }) => type === 'feedback.given')
    expect(first!.data).toEqual({ outcome: 'got_help', rating: 4 })
    expect(first!.audience).toEqual([town.partner.organizationId, town.provider.organizationId])
  })
})
