/** Runs that are solved again around what reviewers decided, returned, given up, and the queue that leads there. */
import { and, eq, inArray } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lot } from '../../../src/engine/random.ts'
import { cancelRun } from '../../../src/features/matching/cancel-run.ts'
import { explainRunNeed } from '../../../src/features/matching/explain-run-need.ts'
import type { MatchRow } from '../../../src/features/matching/get-run.ts'
import { performRun } from '../../../src/features/matching/perform-run.ts'
import { solveAgain } from '../../../src/features/matching/solve-again.ts'
import type { RunRow } from '../../../src/features/matching/start-run.ts'
import { matches, runNeeds } from '../../../src/features/matching/tables.ts'
import { correctResident } from '../../../src/features/residents/correct-resident.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { excludeMatch } from '../../../src/features/review/exclude-match.ts'
import { listReviewQueue } from '../../../src/features/review/list-review-queue.ts'
import { pinMatch } from '../../../src/features/review/pin-match.ts'
import { resolveRun } from '../../../src/features/review/resolve-run.ts'
import { returnRun } from '../../../src/features/review/return-run.ts'
import { reviewDecisions } from '../../../src/features/review/tables.ts'
import { unpinMatch } from '../../../src/features/review/unpin-match.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { holds } from '../../../src/platform/ledger/tables.ts'
import { engines } from '../../support/test-world.ts'
import {
  type Marketplace,
  matchesOf,
  needStates,
  openMarketplace,
  person,
  populate,
  propose,
  readRun,
  register,
  solveRun,
  wants,
} from '../matching/marketplace.ts'

describe.each(engines())('a run in review on %s', (rung) => {
  let market: Marketplace
  let run: RunRow
  beforeAll(async () => {
    market = await openMarketplace(rung)
    await populate(market)
    run = await propose(market)
  })
  afterAll(() => market.world.close())
  const db = () => market.world.db.root

  const reload = async () => {
    run = await readRun(market, run.id)
    return run
  }
  const proposed = async () => (await matchesOf(market, run.id)).filter(({ state }) => state === 'proposed')
  const decide = (match: MatchRow) => ({ runId: run.id, matchId: match.id, expectedVersion: match.version })
  const pin = (match: MatchRow, actor = market.finance) =>
    pinMatch(market.as(actor), { ...decide(match), reason: 'continuity' })
  const exclude = (match: MatchRow, actor = market.finance) =>
    excludeMatch(market.as(actor), { ...decide(match), reason: 'data_doubtful' })
  const resolve = (actor: Actor = market.officer) =>
    resolveRun(market.as(actor), { runId: run.id, expectedVersion: run.version })
  const openHolds = async (matchId: string) =>
    (await db().select().from(holds).where(eq(holds.bundleId, matchId)))
      .map(({ id, open }) => [id, open])
      .sort()
  async function performAgain(): Promise<void> {
    const write = await solveRun(market, run.id)
    await inTransaction(market.as(market.officer), write)
    await reload()
  }

  it('orders its matches by what deserves a look, page by page, and tells reasons as codes', async () => {
    const rows = await proposed()
    const [one] = rows
    market.world.clock.advance(60_000)
    await correctResident(market.as(market.partner), {
      residentId: one!.residentId,
      version: 1,
      languages: ['zh'],
    })
    const all = await listReviewQueue(market.as(market.finance), run.id, { limit: 50 })
    expect(all.items.map(({ match }) => match.id).sort()).toEqual(rows.map(({ id }) => id).sort())
    expect(all.nextCursor).toBeNull()
    const corrected = all.items.filter(({ reasons }) =>
      reasons.some(({ facts }) => facts?.includes('resident_changed')),
    )
    expect(new Set(corrected.map(({ match }) => match.residentId))).toEqual(new Set([one!.residentId]))
    const paged: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await listReviewQueue(market.as(market.officer), run.id, {
        limit: 2,
        ...(cursor && { cursor }),
      })
      paged.push(...page.items.map(({ match }) => match.id))
      if (!page.nextCursor) break
      cursor = page.nextCursor
    }
    expect(paged).toEqual(all.items.map(({ match }) => match.id))
  })

  it('is decided about by another person than the one who started it, and match by match of its own', async () => {
    const [match] = await proposed()
    const starter = { ...market.officer, role: 'purchaser.finance' }
    await expect(pin(match!, starter)).rejects.toMatchObject({ code: 'duty_conflict' })
    const comment = 'Look again.'
    const given = { runId: run.id, expectedVersion: run.version, comment }
    await expect(returnRun(market.as(starter), given)).rejects.toMatchObject({ code: 'duty_conflict' })
    const elsewhere = '00000000-0000-7000-8000-0000000000ff'
    for (const verb of [
      () =>
        excludeMatch(market.as(market.finance), {
          ...decide(match!),
          matchId: elsewhere,
          reason: 'data_doubtful',
        }),
      () =>
        pinMatch(market.as(market.finance), { ...decide(match!), matchId: elsewhere, reason: 'continuity' }),
      () => unpinMatch(market.as(market.finance), { ...decide(match!), matchId: elsewhere }),
    ]) {
      await expect(verb()).rejects.toMatchObject({ code: 'not_found' })
    }
    const tried = and(eq(auditEntries.action, 'attempt.refuse'), eq(auditEntries.objectId, elsewhere))
    expect(await db().$count(auditEntries, tried)).toBe(3)
    await expect(unpinMatch(market.as(market.finance), decide(match!))).rejects.toMatchObject({
      code: 'state_conflict',
    })
    expect(await db().$count(reviewDecisions)).toBe(0)
  })

  it('comes back with what was pinned and never with what was excluded, however often it is solved again', async () => {
    // Somebody who was not there at first takes part as well.
    await register(market, [person(market.areas.north, { needs: [wants('bathing')] })])
    const excluded = new Set<string>()
    for (let round = 1; round <= 3; round++) {
      const pinned: MatchRow[] = []
      for (const [at, match] of (await proposed()).entries()) {
        const drawn = lot(round, at) % 3
        if (match.pinReason) pinned.push(match)
        else if (drawn === 0) pinned.push(await pin(match))
        else if (drawn === 1) {
          await exclude(match)
          excluded.add(`${match.needId} ${match.offeringId}`)
        }
      }
      const held = new Map<string, unknown>()
      for (const { id } of pinned) held.set(id, await openHolds(id))
      if (round === 2) {
        const given = { runId: run.id, expectedVersion: run.version, comment: 'Once more.' }
        run = await returnRun(market.as(market.finance), given)
        expect(run.state).toBe('returned')
        await expect(exclude((await proposed())[0]!)).rejects.toMatchObject({ code: 'state_conflict' })
      }
      run = await resolve(round === 3 ? market.finance : market.officer)
      expect(run).toMatchObject({ state: 'queued', revision: round + 1, result: null, snapshotHash: null })
      expect((await proposed()).map(({ id }) => id)).toEqual(pinned.map(({ id }) => id))
      await performAgain()
      const now = await proposed()
      expect(now.filter(({ pinReason }) => pinReason).map(({ id }) => id)).toEqual(pinned.map(({ id }) => id))
      for (const { id } of pinned) expect(await openHolds(id)).toEqual(held.get(id))
      for (const { needId, offeringId } of now) expect(excluded).not.toContain(`${needId} ${offeringId}`)
      const { matched, pinned: kept, displaced, value, needs: all } = run.result!
      expect({ matched, kept: kept ?? 0, displaced }).toEqual({
        matched: now.length,
        kept: pinned.length,
        displaced: 0,
      })
      expect(value).toBe(now.reduce((sum, { utility }) => sum + utility, 0))
      expect(all).toBe(10)
      expect(await db().$count(runNeeds, eq(runNeeds.runId, run.id))).toBe(all)
      for (const { needId } of pinned) {
        const { explanation } = await explainRunNeed(market.as(market.finance), run.id, needId)
        expect(explanation.outcome).toBe('matched')
      }
      // A replay takes what was pinned and excluded from the snapshot, whatever has been decided since.
      expect(await solveAgain(market.as(market.officer), run.id)).toMatchObject({
        snapshotEqual: true,
        assignmentEqual: true,
        resultEqual: true,
      })
    }
    expect(excluded.size).toBeGreaterThan(1)
    expect(await needStates(market)).toMatchObject({ matched: (await proposed()).length })
    expect(await db().$count(jobs, eq(jobs.name, performRun.name))).toBe(4)
    expect(await reconcile(market.world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
  })

  it('lets an unpinned match go again, and gives everything back when the job is given up', async () => {
    const [first, second] = await proposed()
    const kept = first!.pinReason ? first! : await pin(first!)
    const loose = second!.pinReason ? second! : await pin(second!)
    expect(await unpinMatch(market.as(market.finance), decide(loose))).toMatchObject({ pinReason: null })
    run = await resolve()
    expect((await proposed()).map(({ id }) => id)).toContain(kept.id)
    const reason = 'The job failed for an unexpected reason; see the log.'
    await inTransaction(market.as(market.officer), (ctx) =>
      performRun.onGivenUp!(ctx, { runId: run.id }, reason),
    )
    expect(await reload()).toMatchObject({ state: 'failed' })
    expect(await proposed()).toEqual([])
    expect(await needStates(market)).not.toHaveProperty('matched')
    expect(await db().$count(runNeeds, eq(runNeeds.runId, run.id))).toBe(0)
    await expect(resolve()).rejects.toMatchObject({ code: 'state_conflict' })
  })

  it('is cancelled while it is proposed: all is free and waits again; approved, it stays', async () => {
    const next = await propose(market)
    run = next
    const taken = (await proposed()).map(({ needId }) => needId)
    expect(taken.length).toBeGreaterThan(1)
    expect(await cancelRun(market.as(market.officer), next.id)).toMatchObject({ state: 'cancelled' })
    expect(await proposed()).toEqual([])
    const rows = await db().select().from(needs).where(inArray(needs.id, taken))
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['registered']))
    expect(
      await db().$count(holds, eq(holds.bundleId, (await matchesOf(market, next.id))[0]!.id)),
    ).toBeGreaterThan(0)
    run = await propose(market)
    const pinned = await pin((await proposed())[0]!)
    await approveRun(market.as(market.finance), { runId: run.id, expectedVersion: run.version })
    const [kept] = await db().select().from(matches).where(eq(matches.id, pinned.id))
    expect(kept).toMatchObject({ state: 'approved' })
    await expect(cancelRun(market.as(market.officer), run.id)).rejects.toMatchObject({
      code: 'state_conflict',
    })
    expect(await reconcile(market.world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
  })
})
