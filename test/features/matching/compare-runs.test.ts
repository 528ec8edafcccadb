/** Two runs over the same needs, side by side. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { compareRuns } from '../../../src/features/matching/compare-runs.ts'
import { RunComparison } from '../../../src/features/matching/comparison-schemas.ts'
import { releaseMatches } from '../../../src/features/matching/release-matches.ts'
import type { RunRow } from '../../../src/features/matching/start-run.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import {
  type Marketplace,
  matchesOf,
  openMarketplace,
  order,
  person,
  populate,
  propose,
  register,
} from './marketplace.ts'

describe.each(engines())('two runs on %s', (rung) => {
  let market: Marketplace
  let first: RunRow
  let second: RunRow
  beforeAll(async () => {
    market = await openMarketplace(rung)
    const [offeringId, house] = [market.offerings.club, market.offerings.house]
    await populate(market)
    first = await propose(market)
    const made = await matchesOf(market, first.id)
    await inTransaction(market.as(market.finance), (ctx) =>
      releaseMatches(
        ctx,
        made.map(({ id }) => id),
        'other',
      ),
    )
    // The club closes, so that its need moves or is lost; somebody more urgent comes; baths are as they were.
    expect(made.some((match) => match.offeringId === offeringId)).toBe(true)
    expect(made.some((match) => match.offeringId === house)).toBe(true)
    await withdrawOffering(market.as(market.providers.club), { offeringId, version: 1 })
    await register(market, [person(market.areas.north, { assessments: [{ scheme: 'cms', level: 8 }] })])
    second = await propose(market)
  })
  afterAll(() => market.world.close())

  /** What the matches say, by another way of counting. */
  async function expected() {
    const placeOf = async (run: RunRow) =>
      new Map((await matchesOf(market, run.id)).map(({ needId, offeringId }) => [needId, offeringId]))
    const [here, there] = [await placeOf(first), await placeOf(second)]
    const all = (await market.world.db.root.select({ id: needs.id }).from(needs)).map(({ id }) => id).sort()
    const those = (is: (one?: string, other?: string) => unknown) => {
      const needIds = all.filter((id) => is(here.get(id), there.get(id)))
      return { count: needIds.length, needIds }
    }
    return {
      onlyHere: those((one, other) => one && !other),
      onlyThere: those((one, other) => !one && other),
      moved: those((one, other) => one && other && one !== other),
      same: those((one, other) => one && one === other),
    }
  }

  it('say whose needs one met and the other did not, whatever became of the matches', async () => {
    const comparison = await compareRuns(market.as(market.officer), first.id, second.id)
    expect(RunComparison.parse(comparison)).toEqual(comparison)
    expect(comparison).toMatchObject(await expected())
    const { onlyHere, onlyThere, moved, same } = comparison
    expect(onlyHere.count + moved.count + same.count).toBe(first.result!.matched)
    expect(onlyThere.count + moved.count + same.count).toBe(second.result!.matched)
    expect(onlyHere.count + moved.count).toBeGreaterThan(0)
    expect(onlyThere.count).toBeGreaterThan(0)
    expect(same.count).toBeGreaterThan(0)
    const { value, bound, gap, matched, byTier, byIncomeClass, funds } = first.result!
    const figures = { value, bound, gap, matched, byTier, byIncomeClass, funds }
    expect(comparison.run).toMatchObject({ runId: first.id, needs: 9, ...figures })
    expect(comparison.other).toMatchObject({ runId: second.id, needs: 10 })
  })

  it('are the same the other way round, and with themselves', async () => {
    const { onlyHere, onlyThere, moved, same } = await compareRuns(
      market.as(market.officer),
      first.id,
      second.id,
    )
    expect(await compareRuns(market.as(market.finance), second.id, first.id)).toMatchObject({
      onlyHere: onlyThere,
      onlyThere: onlyHere,
      moved,
      same,
    })
    const alone = await compareRuns(market.as(market.officer), first.id, first.id)
    expect(alone.same.count).toBe(first.result!.matched)
    expect([alone.onlyHere.count, alone.onlyThere.count, alone.moved.count]).toEqual([0, 0, 0])
  })

  it('are compared only where both are within reach and solved', async () => {
    const elsewhere = market.as({ ...market.officer, organizationId: market.partner.organizationId })
    await expect(compareRuns(elsewhere, first.id, second.id)).rejects.toMatchObject({ code: 'not_found' })
    const queued = await order(market)
    const early = compareRuns(market.as(market.officer), first.id, queued.id)
    await expect(early).rejects.toMatchObject({ code: 'state_conflict' })
  })
})
