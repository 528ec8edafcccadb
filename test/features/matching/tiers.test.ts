/** The two orders that a policy can ask for: tiers weighed together, or served one after the other. */
import { inArray } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { buildProblem } from '../../../src/features/matching/build-problem.ts'
import { explainNeeds } from '../../../src/features/matching/explain-needs.ts'
import { solveRun } from '../../../src/features/matching/solve-run.ts'
import { installPolicy } from '../../../src/features/policies/install-policy.ts'
import type { PolicyDocument } from '../../../src/features/policies/schemas.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { engines } from '../../support/test-world.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import {
  type Marketplace,
  matchesOf,
  openMarketplace,
  person,
  propose,
  register,
  wants,
} from './marketplace.ts'
import { need, offering, POLICY, resident, snapshot } from './snapshots.ts'

/** Weights that would let the last tier win. */
const REVERSED: PolicyDocument = { ...POLICY, tierWeights: { basic: 1, inclusive: 10, personalized: 1000 } }

describe('one place that a basic and a personalized need both want', () => {
  const given = snapshot({
    residents: [resident({ id: 'r1' }), resident({ id: 'r2' })],
    needs: [
      need({ id: 'basic', residentId: 'r1', tier: 'basic' }),
      need({ id: 'personalized', residentId: 'r2', tier: 'personalized' }),
    ],
    offerings: [offering({ capacity: { accountId: 'capacity', available: 1, limit: 1 } })],
    policy: REVERSED,
  })
  const built = buildProblem(given)
  const served = (order: PolicyDocument['order']) => {
    const solved = solveRun(built, order, { seed: 1, rounds: 20 })
    const outcomes = explainNeeds(given, built, solved)
    return { solved, outcomes: outcomes.map(({ explanation: { outcome, reason } }) => [outcome, reason]) }
  }

  it.each(['weighted', undefined] as const)('goes to the greater weight under %s', (order) => {
    const { solved, outcomes } = served(order)
    expect(outcomes).toEqual([
      ['unmet', 'outranked'],
      ['matched', null],
    ])
    expect(solved).not.toHaveProperty('stages')
    expect([...solved.stageOfNeed]).toEqual([0, 0])
  })

  it('goes to the earlier tier under by_tier, with a proof for every tier', () => {
    const { solved, outcomes } = served('by_tier')
    expect(outcomes).toEqual([
      ['matched', null],
      ['unmet', 'outranked'],
    ])
    const { value } = solved
    expect(solved).toMatchObject({ bound: value, gap: 0 })
    expect(solved.stages).toEqual([
      { tier: 'basic', value, bound: value, gap: 0 },
      { tier: 'inclusive', value: 0, bound: 0, gap: 0 },
      { tier: 'personalized', value: 0, bound: 0, gap: 0 },
    ])
    expect([...solved.stageOfNeed]).toEqual([0, 2])
  })

  it('reports value and bound of all tiers together after every round', () => {
    const said: { round: number; value: number; bound: number }[] = []
    const solved = solveRun(built, 'by_tier', {
      seed: 1,
      rounds: 20,
      onRound: (figures) => said.push(figures),
    })
    // The last stage has nothing left to give, and the first one's share is part of what is said.
    expect(said.at(-1)).toMatchObject({ round: solved.rounds, bound: solved.bound })
    for (const [i, { round }] of said.entries()) expect(round).toBeGreaterThan(said[i - 1]?.round ?? 0)
  })
})

describe.each(engines())('a run by tier on %s', (rung) => {
  let market: Marketplace
  beforeEach(async () => {
    market = await openMarketplace(rung)
    const { district } = market.areas
    const document = { ...REVERSED, order: 'by_tier' as const }
    await installPolicy(market.as(SYSTEM), { document, text: 'Guaranteed needs first.' })
    const tiers = ['personalized', 'personalized', 'basic', 'inclusive'] as const
    await register(
      market,
      tiers.map((tier) => person(district, { needs: [{ ...wants('bathing'), tier }] })),
    )
  })
  afterEach(() => market.world.close())

  async function tiersServed(runId: string): Promise<string[]> {
    const ids = (await matchesOf(market, runId)).map(({ needId }) => needId)
    const rows = await market.world.db.root.select().from(needs).where(inArray(needs.id, ids))
    return rows.map(({ tier }) => tier).sort()
  }

  it('serves the earlier tiers first and says what each has got', async () => {
    const run = await propose(market)
    expect(await tiersServed(run.id)).toEqual(['basic', 'inclusive', 'personalized'])
    const { stages, value, bound } = run.result!
    expect(stages!.map(({ tier }) => tier)).toEqual(['basic', 'inclusive', 'personalized'])
    expect(stages!.reduce((sum, stage) => sum + stage.value, 0)).toBe(value)
    expect(stages!.reduce((sum, stage) => sum + stage.bound, 0)).toBe(bound)
  })

  it('lets the last tier give way where places have become fewer', async () => {
    const { as, providers, offerings } = market
    const run = await propose(market, async () => {
      await setCapacity(as(providers.helpers), { offeringId: offerings.helpers, period: PERIOD, units: 1 })
    })
    expect(await tiersServed(run.id)).toEqual(['basic'])
    expect(run.result!.displaced).toBe(2)
  })
})
