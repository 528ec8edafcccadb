/** What is held against the present when a run is approved: every reason, all or nothing, and no half of a batch. */
import { and, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { offeringCapacities, offerings } from '../../../src/features/catalog/tables.ts'
import { duties } from '../../../src/features/identity/tables.ts'
import { matches, matchRuns } from '../../../src/features/matching/tables.ts'
import { programs } from '../../../src/features/programs/tables.ts'
import { consents, needs, residents } from '../../../src/features/residents/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { reviewDecisions } from '../../../src/features/review/tables.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { type Context, inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { releaseBundles } from '../../../src/platform/ledger/post-transfers.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { foundTown, PERIOD, type ProposedRun, proposeRun, type Town } from '../referrals/proposed-run.ts'

const HOUR = 3_600_000
const OF_AGE = { fact: 'age', op: 'gte', value: 65 } as const

describe.each(engines())('the look at every match before a run is approved, on %s,', (rung) => {
  let world: TestWorld
  let town: Town
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
  })
  afterAll(() => world.close())
  const db = () => world.db.root

  interface Subject extends ProposedRun {
    /** Of the first match; the offering is of all. */
    matchId: string
    needId: string
    residentId: string
    offeringId: string
  }

  async function subject(size = 2): Promise<Subject> {
    const run = await proposeRun(world, town, size)
    const [match] = await db().select().from(matches).where(eq(matches.id, run.matchIds[0]!))
    const { id: matchId, needId, residentId, offeringId } = match!
    return { ...run, matchId, needId, residentId, offeringId }
  }

  const approve = (run: ProposedRun, more: { excludeStale?: boolean } = {}, ctx?: Context) =>
    approveRun(ctx ?? world.context(town.finance), { runId: run.runId, expectedVersion: 1, ...more })

  async function consent(residentId: string, end: Partial<typeof consents.$inferInsert> = {}) {
    const givenAt = new Date(world.clock.read().getTime() - HOUR)
    const terms = { purpose: 'matching', facts: ['birth_year'], givenAt } as const
    const row = { id: world.context().newId(), residentId, ...terms, facts: [...terms.facts], ...end }
    await db().insert(consents).values(row)
  }

  async function paidBy({ matchId, fundId }: Subject, more: Partial<typeof programs.$inferInsert>) {
    const id = world.context().newId()
    const { organizationId } = town.officer
    const { principalId } = town.finance
    const at = world.clock.read()
    await db().insert(duties).values({ objectId: id, principalId, duty: 'approve', at })
    await db()
      .insert(programs)
      .values({
        ...{
          id,
          organizationId,
          areaId: town.areaId,
          period: PERIOD,
          name: 'Fund',
          budget: 0,
          currency: 'TWD',
        },
        ...{ categories: ['elderly_care'], tiers: ['basic'], subsidyShare: 10_000, state: 'open' },
        ...{ fundAccountId: fundId, createdAt: at },
        ...more,
      })
    await db().update(matches).set({ programId: id }).where(eq(matches.id, matchId))
  }

  const changeOffering = ({ offeringId }: Subject, change: Partial<typeof offerings.$inferInsert>) =>
    db().update(offerings).set(change).where(eq(offerings.id, offeringId))

  /** What happens between the proposal and the approval, and to how many of the two matches. */
  const CHANGES: [reason: string, of: number, change: (run: Subject) => Promise<unknown>][] = [
    [
      'need_changed',
      1,
      ({ needId }) => db().update(needs).set({ state: 'unmet' }).where(eq(needs.id, needId)),
    ],
    [
      'resident_erased',
      1,
      ({ residentId }) =>
        db()
          .update(residents)
          .set({
            ...{ erasedAt: world.clock.read(), referenceHash: null, referenceSealed: null },
            ...{ latitude: null, longitude: null },
          })
          .where(eq(residents.id, residentId)),
    ],
    [
      'consent_missing',
      1,
      async ({ residentId }) => {
        world.clock.advance(HOUR)
        await consent(residentId, { givenAt: new Date(0), withdrawnAt: world.clock.read() })
      },
    ],
    [
      'consent_missing',
      1,
      async ({ residentId }) => {
        world.clock.advance(HOUR)
        await consent(residentId, { givenAt: new Date(0), expiresAt: world.clock.read() })
      },
    ],
    ['offering_withdrawn', 2, (run) => changeOffering(run, { state: 'withdrawn' })],
    ['offering_withdrawn', 2, (run) => changeOffering(run, { state: 'suspended' })],
    ['terms_changed', 2, (run) => changeOffering(run, { price: 900 })],
    ['terms_changed', 2, (run) => changeOffering(run, { unit: 'hour' })],
    [
      'no_capacity',
      2,
      ({ offeringId }) =>
        db()
          .insert(offeringCapacities)
          .values({
            ...{ offeringId, period: PERIOD, maximum: 2, status: 'no-capacity' },
            updatedAt: world.clock.read(),
          }),
    ],
    [
      'offering_ineligible',
      1,
      async (run) => {
        const [first, second] = await db()
          .select({ id: matches.residentId })
          .from(matches)
          .where(eq(matches.runId, run.runId))
          .orderBy(matches.id)
        for (const [at, id] of [first!.id, second!.id].entries()) {
          await consent(id)
          await db()
            .update(residents)
            .set({ birthYear: at === 0 ? 1990 : 1940 })
            .where(eq(residents.id, id))
        }
        await changeOffering(run, { eligibility: OF_AGE })
      },
    ],
    ['program_not_open', 1, (run) => paidBy(run, { state: 'frozen' })],
    ['program_ineligible', 1, (run) => paidBy(run, { eligibility: OF_AGE })],
    [
      'holds_missing',
      1,
      ({ matchId }) => inTransaction(world.context(), (ctx) => releaseBundles(ctx, [matchId])),
    ],
  ]

  async function stateOf({ runId, fundId, needIds }: ProposedRun) {
    const [run] = await db().select().from(matchRuns).where(eq(matchRuns.id, runId))
    const [fund] = await db().select().from(accounts).where(eq(accounts.id, fundId))
    const rows = await db().select().from(matches).where(eq(matches.runId, runId)).orderBy(matches.id)
    const decisions = await db().$count(reviewDecisions, eq(reviewDecisions.runId, runId))
    const open = await db().$count(
      needs,
      sql`id = any(${`{${needIds.join(',')}}`}::uuid[]) and state = 'matched'`,
    )
    const said = await db().$count(events, and(eq(events.type, 'run.approved'), eq(events.objectId, runId)))
    return { run, held: fund!.held, matches: rows, decisions, open, said }
  }

  it('approves what holds', async () => {
    const run = await subject()
    await paidBy(run, { eligibility: OF_AGE })
    await consent(run.residentId)
    await db().update(residents).set({ birthYear: 1940 }).where(eq(residents.id, run.residentId))
    expect(await approve(run)).toMatchObject({ state: 'approved' })
  })

  it.each(CHANGES)('finds %s in %i of two matches', async (reason, of, change) => {
    const run = await subject()
    await change(run)
    const before = await stateOf(run)
    const refused = await approve(run).catch((error: unknown) => error)
    const stale = run.matchIds.slice(0, of).map((matchId) => ({ matchId, reason }))
    expect(refused).toMatchObject({ code: 'state_conflict', facts: { count: of, stale } })
    expect(await stateOf(run)).toEqual(before)
    const tried = and(eq(auditEntries.objectId, run.runId), eq(auditEntries.action, 'attempt.refuse'))
    expect(await db().$count(auditEntries, tried)).toBe(1)

    expect(await approve(run, { excludeStale: true })).toMatchObject({ state: 'approved' })
    const after = await stateOf(run)
    expect(after.matches.map(({ state, exclusionReason }) => [state, exclusionReason])).toEqual(
      run.matchIds.map((_, at) => (at < of ? ['excluded', 'no_longer_valid'] : ['approved', null])),
    )
    expect(after.held).toBe((2 - of) * 1000)
    expect(after.decisions).toBe(of + 1)
  })

  it('writes nothing at all when it breaks off anywhere on the way', async () => {
    const run = await subject(3)
    await inTransaction(world.context(), (ctx) => releaseBundles(ctx, [run.matchIds[1]!]))
    await db().update(needs).set({ state: 'unmet' }).where(eq(needs.id, run.needIds[2]!))
    const before = await stateOf(run)
    let breaks = 0
    for (let last = 1; ; last++) {
      let left = last
      const ctx = world.context(town.finance)
      const newId = () => {
        if (left-- === 0) throw new Error('The power is gone.')
        return ctx.newId()
      }
      const outcome = await approve(run, { excludeStale: true }, { ...ctx, newId }).catch(
        (error: Error) => error.message,
      )
      if (outcome !== 'The power is gone.') break
      breaks++
      expect(await stateOf(run)).toEqual(before)
    }
    expect(breaks).toBeGreaterThan(8)
    const { matches: rows } = await stateOf(run)
    expect(rows.map(({ state }) => state)).toEqual(['approved', 'excluded', 'excluded'])
    expect(await reconcile(world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
  })
})
