import { and, eq, ne } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { duties } from '../../../src/features/identity/tables.ts'
import { cancelRun } from '../../../src/features/matching/cancel-run.ts'
import { listRuns } from '../../../src/features/matching/get-run.ts'
import { performRun } from '../../../src/features/matching/perform-run.ts'
import { startRun } from '../../../src/features/matching/start-run.ts'
import { runNeeds } from '../../../src/features/matching/tables.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { excludeMatch } from '../../../src/features/review/exclude-match.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { engines } from '../../support/test-world.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import {
  type Marketplace,
  matchesOf,
  needStates,
  openMarketplace,
  order,
  populate,
  propose,
  readRun,
  solveRun,
} from './marketplace.ts'

describe.each(engines())('a run without the queue, on %s,', (rung) => {
  let market: Marketplace
  beforeEach(async () => {
    market = await openMarketplace(rung)
    await populate(market)
  })
  afterEach(() => market.world.close())
  const db = () => market.world.db.root

  it('is one at a time over the same needs, in a part of the area or the whole', async () => {
    const { district, north, south } = market.areas
    await order(market, north)
    for (const areaId of [north, district]) {
      await expect(order(market, areaId)).rejects.toMatchObject({ code: 'duplicate' })
    }
    await order(market, south)
    const january = { areaId: district, period: '2027-01' }
    const both = [0, 1].map(() => startRun(market.as(market.officer), january))
    const outcomes = await Promise.allSettled(both)
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('gives its needs back when it is cancelled, before it begins or while it runs', async () => {
    const waiting = await order(market)
    expect(await cancelRun(market.as(market.finance), waiting.id)).toMatchObject({ state: 'cancelled' })
    const running = await order(market)
    const write = await solveRun(market, running.id)
    await cancelRun(market.as(market.officer), running.id)
    await inTransaction(market.as(market.officer), write)
    expect(await readRun(market, running.id)).toMatchObject({ state: 'cancelled', result: null })
    expect(await needStates(market)).toEqual({ registered: 9 })
    expect(await db().select().from(runNeeds)).toEqual([])
    expect(await matchesOf(market, running.id)).toEqual([])
    const again = cancelRun(market.as(market.officer), running.id)
    await expect(again).rejects.toMatchObject({ code: 'state_conflict' })
  })

  it('fails with a sentence and frees its needs when the job is given up', async () => {
    const { id } = await order(market)
    await db().update(needs).set({ state: 'in_run' })
    const reason = 'The job failed for an unexpected reason; see the log.'
    await inTransaction(market.as(market.officer), (ctx) => performRun.onGivenUp!(ctx, { runId: id }, reason))
    expect(await readRun(market, id)).toMatchObject({ state: 'failed', failure: reason })
    expect(await needStates(market)).toEqual({ registered: 9 })
    expect((await order(market)).state).toBe('queued')
  })

  it('is reviewed by another person than the one who started it', async () => {
    const run = await propose(market)
    const [first, ...rest] = await matchesOf(market, run.id)
    const exclusion = {
      runId: run.id,
      matchId: first!.id,
      expectedVersion: 1,
      reason: 'already_served',
    } as const
    const starter = { ...market.officer, role: 'purchaser.finance' }
    const alone = excludeMatch(market.as(starter), exclusion)
    await expect(alone).rejects.toMatchObject({ code: 'duty_conflict' })
    const approval = { runId: run.id, expectedVersion: run.version }
    await expect(approveRun(market.as(starter), approval)).rejects.toMatchObject({ code: 'duty_conflict' })
    await excludeMatch(market.as(market.finance), exclusion)
    await approveRun(market.as(market.finance), approval)
    const states = (await matchesOf(market, run.id)).map(({ state }) => state)
    expect(states.toSorted()).toEqual(['approved', ...rest.slice(1).map(() => 'approved'), 'excluded'])
    const books = await reconcile(market.world.context())
    expect(books).toMatchObject({ differences: [], unbalancedUnits: [] })
  })

  it('has a second duty for nobody: the database says no', async () => {
    const { id } = await order(market)
    const { principalId } = market.officer
    const values = { objectId: id, principalId, duty: 'approve' as const, at: new Date(0) }
    const cause = { constraint: 'duties_of_role' }
    await expect(db().insert(duties).values(values)).rejects.toMatchObject({ cause })
    const others = and(eq(duties.objectId, id), ne(duties.duty, 'create'))
    expect(await db().select().from(duties).where(others)).toEqual([])
  })

  it('is not started for a month that is over, nor beyond the officer’s area', async () => {
    const { north, south } = market.areas
    const start = (areaId: string, period: string, within: string | null) =>
      startRun(market.as({ ...market.officer, areaId: within }), { areaId, period })
    await expect(start(north, '2026-11', null)).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(start(north, PERIOD, south)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is seen by its own office, and by supervisors of its area', async () => {
    const { id } = await order(market, market.areas.north)
    const seen = async (actor: object) => {
      const ctx = market.as({ ...market.officer, ...actor })
      return (await listRuns(ctx, { limit: 10 })).items.map((run) => run.id)
    }
    const elsewhere = '00000000-0000-7000-8000-0000000000ff'
    const supervisor = { role: 'supervisor', organizationId: elsewhere }
    expect(await seen({})).toEqual([id])
    expect(await seen({ organizationId: elsewhere })).toEqual([])
    expect(await seen(supervisor)).toEqual([id])
    expect(await seen({ ...supervisor, areaId: market.areas.district })).toEqual([id])
    expect(await seen({ ...supervisor, areaId: market.areas.south })).toEqual([])
  })
})
