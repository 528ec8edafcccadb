import { eq } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'
import { explainRunNeed } from '../../../src/features/matching/explain-run-need.ts'
import { runNeeds } from '../../../src/features/matching/tables.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import type { JobRunner } from '../../../src/platform/jobs/run-jobs.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts, holds } from '../../../src/platform/ledger/tables.ts'
import { rungs } from '../../support/test-world.ts'
import {
  type Marketplace,
  matchesOf,
  needStates,
  openMarketplace,
  order,
  populate,
  readRun,
  startRunner,
} from './marketplace.ts'

describe.each(rungs())('a run on %s', (rung) => {
  let market: Marketplace
  let runner: JobRunner | undefined
  const open = async () => {
    market = await openMarketplace(rung)
    await populate(market)
  }
  afterEach(async () => {
    await runner?.close()
    runner = undefined
    await market.world.close()
  })
  const db = () => market.world.db.root
  const books = () => reconcile(market.world.context())
  const clean = { differences: [], unbalancedUnits: [] }

  /** What the ledger holds for each match: by kind of account. */
  async function heldFor(matchId: string): Promise<Record<string, number>> {
    const rows = await db()
      .select({ kind: accounts.kind, open: holds.open })
      .from(holds)
      .innerJoin(accounts, eq(accounts.id, holds.debitId))
      .where(eq(holds.bundleId, matchId))
    return Object.fromEntries(rows.map(({ kind, open }) => [kind, open]))
  }

  it('goes from the order to referrals, with two persons and the queue alone', async () => {
    await open()
    const { id } = await order(market)
    runner = await startRunner(market)
    await runner.idle()
    const run = await readRun(market, id)
    expect(run).toMatchObject({ state: 'proposed', failure: null, version: 2 })
    expect(run.result!.value).toBeLessThanOrEqual(run.result!.bound)
    expect(run.result).toMatchObject({ needs: 9, displaced: 0 })
    const found = await matchesOf(market, id)
    expect(found).toHaveLength(run.result!.matched)
    expect(found.length).toBeGreaterThanOrEqual(4)
    for (const match of found) await expectHolds(match)
    expect(await books()).toMatchObject(clean)
    expect(await needStates(market)).toEqual({ matched: found.length, unmet: 9 - found.length })
    await expectExplanations(id, found.length)
    await approveRun(market.as(market.finance), { runId: id, expectedVersion: 2 })
    await runner.idle()
    const opened = await db().select().from(referrals)
    expect(opened.map(({ matchId }) => matchId).sort()).toEqual(found.map((match) => match.id).sort())
    expect(opened.every(({ status }) => status === 'requested')).toBe(true)
  })

  async function expectHolds(match: Awaited<ReturnType<typeof matchesOf>>[number]): Promise<void> {
    const { subsidy, copayment, quantity, offeringId } = match
    const staffed = offeringId === market.offerings.house
    expect(await heldFor(match.id)).toEqual({
      capacity: quantity,
      ...(staffed ? { staff_time: 60 * quantity } : {}),
      ...(subsidy > 0 ? { fund: subsidy, subsidy_cap: subsidy } : {}),
      ...(copayment > 0 ? { wallet: copayment } : {}),
    })
  }

  async function expectExplanations(runId: string, matched: number): Promise<void> {
    const rows = await db().select().from(runNeeds).where(eq(runNeeds.runId, runId))
    expect(rows).toHaveLength(9)
    expect(rows.filter(({ reason }) => reason === null)).toHaveLength(matched)
    const reasons = new Set(rows.map(({ reason }) => reason))
    expect([...reasons]).toEqual(expect.arrayContaining(['consent_missing', 'out_of_reach', 'over_wallet']))
    const unmet = rows.find(({ reason }) => reason === 'out_of_reach')!
    const explained = await explainRunNeed(market.as(market.finance), runId, unmet.needId)
    expect(explained.sentence).toMatch(/^Not met: every offering of this kind is too far away/)
  }

  it('changes nothing when its job is performed again', async () => {
    await open()
    const { id } = await order(market)
    runner = await startRunner(market)
    await runner.idle()
    const before = [await readRun(market, id), await matchesOf(market, id), await needStates(market)]
    await db().update(jobs).set({ doneAt: null, sentAt: null })
    await runner.idle()
    expect([await readRun(market, id), await matchesOf(market, id), await needStates(market)]).toEqual(before)
    expect(await books()).toMatchObject(clean)
  })
})
