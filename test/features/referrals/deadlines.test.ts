import { and, eq, like } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { installPolicy } from '../../../src/features/policies/install-policy.ts'
import { declineOffer } from '../../../src/features/referrals/decline-offer.ts'
import { expireOffers } from '../../../src/features/referrals/expire-offers.ts'
import { recurring as definitions } from '../../../src/features/referrals/jobs.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { scheduleRecurring } from '../../../src/platform/jobs/recurring.ts'
import { startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { Parties } from './opened-referral.ts'
import { foundTown, proposeRun, type Town } from './proposed-run.ts'

const DAY = 86_400_000
const FIVE_DAYS = 5 * DAY

describe.each(engines())('the deadline of an offer on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let parties: Parties
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    parties = new Parties(world, town)
  })
  afterAll(() => world.close())

  const sweep = () => expireOffers(world.context(SYSTEM))
  const later = (milliseconds: number) => world.clock.advance(milliseconds)

  it('is as many days away as the run’s policy gives', async () => {
    const { referral } = await parties.opened()
    expect(referral.answerBy).toEqual(new Date(world.clock.read().getTime() + FIVE_DAYS))
  })

  it('ends what one side has left unanswered, and nothing else', async () => {
    later(FIVE_DAYS)
    await sweep()
    const silent = await parties.opened()
    const residentOnly = await parties.opened({ steps: ['yes'] })
    const providerOnly = await parties.opened({ steps: ['accept'] })
    const both = await parties.opened({ steps: ['accept', 'yes'] })
    const begun = await parties.opened({ steps: ['accept', 'yes', 'start'] })
    later(FIVE_DAYS - 1)
    await sweep()
    expect(await parties.read(silent.referral)).toEqual(silent.referral)
    later(1)
    expect(await sweep()).toBe(3)
    expect(await sweep()).toBe(0)
    for (const { run, referral } of [silent, residentOnly, providerOnly]) {
      expect(await parties.read(referral)).toMatchObject({
        status: 'cancelled',
        statusReason: 'no_answer',
        version: referral.version + 1,
        residentAnswer: referral.residentAnswer,
      })
      const free = { match: 'released', need: 'registered', held: 0, spent: 0, places: 0, used: 0 }
      expect(await parties.afterwards(run)).toEqual(free)
      const [told] = (await parties.told(referral.id)).slice(-1)
      expect(told).toMatchObject({ type: 'referral.expired', data: { reason: 'no_answer' } })
      expect(told!.audience.toSorted()).toEqual(parties.everybody().toSorted())
      const entries = await world.db.root
        .select()
        .from(auditEntries)
        .where(and(eq(auditEntries.objectId, referral.id), like(auditEntries.action, '%.expire')))
      expect(entries).toMatchObject([{ principalId: SYSTEM.principalId }])
    }
    for (const { referral } of [both, begun]) expect(await parties.read(referral)).toEqual(referral)
  })

  it('is one for whoever answers at the same moment: expired, or answered', async () => {
    const opened = []
    for (let n = 0; n < 4; n++) opened.push(await parties.opened({ steps: ['accept'] }))
    later(FIVE_DAYS)
    const answers = opened.map(({ referral: { id, version } }) =>
      declineOffer(world.context(town.partner), { id, expectedVersion: version, reason: 'other' }),
    )
    const [outcomes, first, second] = await Promise.all([Promise.allSettled(answers), sweep(), sweep()])
    // What was locked just then is left for the next time.
    const rest = await sweep()
    const answered = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(first + second + rest + answered).toBe(4)
    for (const { run, referral } of opened) {
      const { status } = await parties.read(referral)
      expect(status).toBe('cancelled')
      expect(await parties.afterwards(run)).toMatchObject({ need: 'registered', held: 0 })
    }
  })

  it('is looked at by the system alone', async () => {
    const stolen = expireOffers(world.context(town.partner))
    await expect(stolen).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('the sweep', () => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb()
  })
  afterAll(() => world.close())

  it('takes more than a batch, after the days that the run’s policy gives', async () => {
    const town = await foundTown(world)
    const document = { ...DEFAULT_POLICY.document, decisionDays: 2 }
    await installPolicy(world.context(SYSTEM), { ...DEFAULT_POLICY, document })
    const run = await proposeRun(world, town, 5)
    const finance = world.context(town.finance)
    await approveRun(finance, { runId: run.runId, expectedVersion: 1 })
    await openReferrals(finance, run.runId)
    const [row] = await world.db.root.select().from(referrals).limit(1)
    expect(row!.answerBy).toEqual(new Date(world.clock.read().getTime() + 2 * DAY))

    world.clock.advance(2 * DAY)
    expect(await expireOffers(world.context(SYSTEM), 2)).toBe(5)
    const rows = await world.db.root.select().from(referrals)
    expect(rows.map(({ status }) => status)).toEqual(rows.map(() => 'cancelled'))
    const open = await world.db.root.select().from(needs).where(eq(needs.state, 'registered'))
    expect(open).toHaveLength(5)
  })

  it('is a job of every minute, that asks for its next time', async () => {
    const system = world.context(SYSTEM)
    await scheduleRecurring(system, definitions)
    await scheduleRecurring(system, definitions)
    world.clock.advance(60_000)
    const { db, config, log, encryptionKey } = world
    const ground = { db, config, log, encryptionKey, currency: 'TWD', clock: world.clock.read }
    const runner = await startJobs({ ...ground, definitions })
    await runner.idle()
    await runner.close()
    const asked = await world.db.root.select().from(jobs).where(eq(jobs.name, 'referrals.expire'))
    expect(asked.map(({ doneAt }) => doneAt !== null).toSorted()).toEqual([false, true])
  })
})
