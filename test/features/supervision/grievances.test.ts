import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { expireOffers } from '../../../src/features/referrals/expire-offers.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { decideGrievance } from '../../../src/features/supervision/decide-grievance.ts'
import { eraseSupervisionWords } from '../../../src/features/supervision/erase-supervision-words.ts'
import { fileAppeal, fileComplaint } from '../../../src/features/supervision/file-grievance.ts'
import type { FileAppeal } from '../../../src/features/supervision/grievance-schemas.ts'
import { getFinding } from '../../../src/features/supervision/list-findings.ts'
import { getGrievance, listGrievances } from '../../../src/features/supervision/list-grievances.ts'
import { respondToFinding } from '../../../src/features/supervision/move-finding.ts'
import { grievances } from '../../../src/features/supervision/tables.ts'
import { withdrawGrievance } from '../../../src/features/supervision/withdraw-grievance.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { findingAbout, lastTold, openWatchedTown, type WatchedTown } from './watched-town.ts'

const DAY = 86_400_000
const SAID = { reason: 'wrong_facts', text: 'She was at home all day.' } as const

describe.each(engines())('complaints and appeals on %s', (rung) => {
  let watched: WatchedTown
  beforeAll(async () => {
    watched = await openWatchedTown(rung)
  })
  afterAll(() => watched.world.close())

  const as = (actor: Actor) => watched.world.context(actor)
  const later = (milliseconds: number) => watched.world.clock.advance(milliseconds)
  const appeal = (actor: Actor, subjectKind: FileAppeal['subjectKind'], subjectId: string) =>
    fileAppeal(as(actor), { subjectKind, subjectId, ...SAID })
  const decide = (actor: Actor, id: string, state: 'upheld' | 'dismissed' = 'dismissed') =>
    decideGrievance(as(actor), { id, expectedVersion: 1, state, decision: 'We asked both sides.' })
  const stored = async (id: string) =>
    (await watched.world.db.root.select().from(referrals).where(eq(referrals.id, id)))[0]!
  const sweep = () => expireOffers(watched.world.context(SYSTEM))

  it('are told by a party of the subject, and read by nobody but whoever filed and the supervisors', async () => {
    const { town, supervisor, elsewhere, parties } = watched
    const { referral } = await parties.opened()
    const about = { subjectKind: 'referral', subjectId: referral.id, ...SAID } as const
    for (const stranger of town.strangers) {
      await expect(fileComplaint(as(stranger), about)).rejects.toMatchObject({ code: 'not_found' })
    }
    const filed = await fileComplaint(as(town.partner), about)
    expect(filed).toMatchObject({ kind: 'complaint', state: 'received', residentId: referral.residentId })
    expect(await getGrievance(as(supervisor), filed.id)).toMatchObject({ residentId: null, text: SAID.text })
    for (const actor of [town.provider, town.finance, elsewhere, ...town.strangers]) {
      await expect(getGrievance(as(actor), filed.id)).rejects.toMatchObject({ code: 'not_found' })
      const { items } = await listGrievances(as(actor), { limit: 200, subjectId: referral.id })
      expect(items).toEqual([])
    }
    const { type, audience, data } = await lastTold(watched, filed.id)
    expect([type, JSON.stringify(data).includes(SAID.text)]).toEqual(['complaint.filed', false])
    expect(audience).not.toContain(town.provider.organizationId)
    expect(audience).not.toContain(elsewhere.organizationId)
    expect(audience).toContain(supervisor.organizationId)
  })

  it('an appeal stays the deadline of its referral; once it is decided, as much is left as before', async () => {
    const { town, supervisor, parties } = watched
    const { referral } = await parties.opened()
    const left = referral.answerBy!.getTime() - watched.world.clock.read().getTime()
    later(DAY)
    const { id } = await appeal(town.partner, 'referral', referral.id)
    later(left)
    await sweep()
    expect(await stored(referral.id)).toMatchObject({ status: 'requested' })
    await decide(supervisor, id)
    const { answerBy, stayedAt } = await stored(referral.id)
    expect(stayedAt).toBeNull()
    expect(answerBy!.getTime() - watched.world.clock.read().getTime()).toBe(left - DAY)
    later(left - DAY - 1)
    await sweep()
    expect((await stored(referral.id)).status).toBe('requested')
    later(1)
    await sweep()
    expect((await stored(referral.id)).status).toBe('cancelled')
  })

  it('the stay lasts until the last appeal about the same is over, and a complaint stays nothing', async () => {
    const { town, supervisor, parties } = watched
    const { referral } = await parties.opened({ quantity: 2, steps: ['accept', 'yes', 'start'] })
    const delivery = await parties.deliver(referral, 1)
    const about = { subjectKind: 'referral', subjectId: referral.id, ...SAID } as const
    await fileComplaint(as(town.partner), about)
    expect((await stored(referral.id)).stayedAt).toBeNull()
    const byProvider = await appeal(town.provider, 'delivery', delivery.id)
    const since = (await stored(referral.id)).stayedAt
    expect(since).toEqual(watched.world.clock.read())
    later(DAY)
    const byPartner = await appeal(town.partner, 'match', referral.matchId)
    await decide(supervisor, byProvider.id)
    expect((await stored(referral.id)).stayedAt).toEqual(since)
    await withdrawGrievance(as(town.partner), { id: byPartner.id, expectedVersion: 1 })
    expect((await stored(referral.id)).stayedAt).toBeNull()
  })

  it('an appeal stays a need, and a finding whose deadline then moves on', async () => {
    const { town, supervisor, second, parties, world } = watched
    const { referral } = await parties.opened()
    const needStays = async () =>
      (await world.db.root.select().from(needs).where(eq(needs.id, referral.needId)))[0]!.stayedAt
    const ofNeed = await appeal(town.partner, 'need', referral.needId)
    expect(await needStays()).toEqual(world.clock.read())
    expect((await stored(referral.id)).stayedAt).toBeNull()
    await decide(supervisor, ofNeed.id, 'upheld')
    expect(await needStays()).toBeNull()

    const dueBy = new Date(world.clock.read().getTime() + DAY)
    const finding = await findingAbout(watched, referral.id, { dueBy: dueBy.toISOString() })
    const { id } = await appeal(town.provider, 'finding', finding.id)
    later(3 * DAY)
    expect(await getFinding(as(town.provider), finding.id)).toMatchObject({ overdue: false })
    await expect(decide(supervisor, id)).rejects.toMatchObject({ code: 'duty_conflict' })
    await decide(second, id)
    expect(await getFinding(as(town.provider), finding.id)).toMatchObject({
      stayedAt: null,
      dueBy: new Date(dueBy.getTime() + 3 * DAY),
      overdue: false,
    })
  })

  it('is one at a time of one organization, and not about what is no decision', async () => {
    const { town, parties } = watched
    const { referral } = await parties.opened()
    const first = await appeal(town.partner, 'referral', referral.id)
    await expect(appeal(town.partner, 'referral', referral.id)).rejects.toMatchObject({
      code: 'duplicate',
      facts: { existingId: first.id },
    })
    await appeal(town.provider, 'referral', referral.id)
    const ofProvider = town.provider.organizationId
    const wanted = appeal(town.provider, 'organization' as FileAppeal['subjectKind'], ofProvider)
    await expect(wanted).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(appeal(town.strangers[1]!, 'referral', referral.id)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('is decided once, by a supervisor of the area, and withdrawn by nobody else', async () => {
    const { town, supervisor, elsewhere, parties } = watched
    const { referral } = await parties.opened()
    const { id } = await appeal(town.partner, 'referral', referral.id)
    const withdraw = (actor: Actor, expectedVersion: number) =>
      withdrawGrievance(as(actor), { id, expectedVersion })
    await expect(decide(elsewhere, id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(decide(town.officer, id)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(withdraw(town.provider, 1)).rejects.toMatchObject({ code: 'not_found' })
    expect(await decide(supervisor, id, 'upheld')).toMatchObject({ state: 'upheld', version: 2 })
    await expect(withdraw(town.partner, 2)).rejects.toMatchObject({ code: 'state_conflict' })
    await expect(withdraw(town.partner, 1)).rejects.toMatchObject({ code: 'precondition_failed' })
    const own = await getGrievance(as(town.partner), id)
    expect(own).toMatchObject({ state: 'upheld', decision: 'We asked both sides.' })
  })

  it('has a decision of nobody without the duty, whatever the code does', async () => {
    const { town, parties, world } = watched
    const { referral } = await parties.opened()
    const { id } = await appeal(town.partner, 'referral', referral.id)
    const forged = world.db.root
      .update(grievances)
      .set({ state: 'dismissed', decidedBy: town.officer.principalId, decidedAt: world.clock.read() })
      .where(eq(grievances.id, id))
    await expect(forged).rejects.toThrow()
  })
  it('lose the resident’s words with the resident, and what was written about them in findings', async () => {
    const { town, supervisor, parties, world } = watched
    const { referral } = await parties.opened()
    const kept = await parties.opened()
    const own = await appeal(town.partner, 'referral', referral.id)
    const ofProvider = await appeal(town.provider, 'match', referral.matchId)
    const other = await appeal(town.partner, 'referral', kept.referral.id)
    const finding = await findingAbout(watched, referral.id)
    const said = { id: finding.id, expectedVersion: 1, text: 'Mrs. Lin was out.' }
    await respondToFinding(as(town.provider), said)
    const { residentId, matchId, needId, id } = referral
    const erased = await inTransaction(world.context(SYSTEM), (ctx) =>
      eraseSupervisionWords(ctx, residentId, [residentId, needId, matchId, id]),
    )
    expect(erased).toEqual({ grievances: 2, findings: 1 })
    expect(await getGrievance(as(supervisor), own.id)).toMatchObject({ text: null, state: 'withdrawn' })
    const others = await getGrievance(as(supervisor), ofProvider.id)
    expect(others).toMatchObject({ text: null, state: 'received' })
    expect(await getGrievance(as(supervisor), other.id)).toMatchObject({ text: SAID.text })
    const { text, steps } = await getFinding(as(supervisor), finding.id)
    expect([text, ...steps.map((step) => step.text)]).toEqual([null, null, null])
  })
})
