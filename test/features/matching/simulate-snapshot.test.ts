/** What another policy or budget would have changed, on towns that can be reckoned by hand. */
import { describe, expect, it } from 'vitest'
import { simulateSnapshot } from '../../../src/features/matching/simulate-snapshot.ts'
import type {
  PolicySimulationReport,
  ProgramSimulationReport,
} from '../../../src/features/matching/simulation-schemas.ts'
import type { Snapshot } from '../../../src/features/matching/snapshot.ts'
import type { PolicyDocument } from '../../../src/features/policies/schemas.ts'
import { need, offering, POLICY, program, resident, snapshot } from './snapshots.ts'

const EFFORT = { seed: 1, rounds: 20 }

describe('a draft beside the policy in force', () => {
  /** One place for two who want it: the basic need next door, the personalized one half a mile away. */
  const place = offering({ capacity: { accountId: 'places', available: 1, limit: 1 }, price: 40 })
  const given = snapshot({
    residents: [resident({ id: 'r1' }), resident({ id: 'r2' })],
    needs: [
      need({ id: 'n1', residentId: 'r1', tier: 'basic' }),
      need({ id: 'n2', residentId: 'r2', tier: 'personalized' }),
    ],
    offerings: [place],
  })
  const reversed: PolicyDocument = {
    ...POLICY,
    tierWeights: { basic: 1, inclusive: 10, personalized: 1000 },
  }
  const simulate = (town: Snapshot, draft: PolicyDocument) =>
    simulateSnapshot(
      town,
      { kind: 'policy', version: 2, adopted: { id: 'p', document: POLICY }, draft },
      EFFORT,
    ) as PolicySimulationReport

  it('says who would gain and lose, and what stays', () => {
    const report = simulate(given, reversed)
    expect(report).toMatchObject({ version: 2, adoptedPolicyId: 'p', needs: 2, gained: 1, lost: 1, moved: 0 })
    expect(report.adopted).toMatchObject({ matched: 1, subsidies: 0, walkingMinutesMean: 0 })
    expect(report.adopted.byTier).toMatchObject({ basic: { met: 1 }, personalized: { met: 0 } })
    expect(report.draft.byTier).toMatchObject({ basic: { met: 0 }, personalized: { met: 1 } })
    expect(simulate(given, POLICY)).toMatchObject({ gained: 0, lost: 0, moved: 0 })
  })

  it('says what the funds would pay, how far people would walk, and which floors are missed', () => {
    const near = offering({ id: 'near', price: 100 })
    const far = offering({
      id: 'far',
      price: 100,
      tier: 'inclusive',
      point: { latitude: 25.035, longitude: 121.54 },
    })
    const town = snapshot({
      residents: [resident({ wallet: { accountId: 'w', available: 60 } })],
      offerings: [near, far],
      programs: [program()],
    })
    const fitsFar: PolicyDocument = {
      ...POLICY,
      reach: { ...POLICY.reach, onsiteMinutes: 1 },
      floors: [{ group: { by: 'tier', value: 'basic' }, share: 100 }],
    }
    const report = simulate(town, fitsFar)
    expect(report.adopted).toMatchObject({ matched: 1, subsidies: 50, walkingMinutesMean: 0 })
    expect(report.adopted.floors ?? []).toEqual([])
    expect(report.draft.floors).toMatchObject([{ floor: 1, met: 1, missed: false }])
    const nothingNear = { ...town, offerings: [far] }
    const closed = simulate(nothingNear, fitsFar)
    expect(closed).toMatchObject({ gained: 0, lost: 1 })
    expect(closed.adopted.walkingMinutesMean).toBeCloseTo((556 * 1.3) / 1.2 / 60, 1)
    expect(closed.draft).toMatchObject({ matched: 0, subsidies: 0, walkingMinutesMean: null })
    expect(closed.draft.floors).toMatchObject([{ floor: 1, met: 0, missed: true }])
  })

  it('tells income classes only where each has enough to hide in', () => {
    const many = (count: number) =>
      snapshot({
        residents: Array.from({ length: count }, (_, at) => resident({ id: `r${at}` })),
        needs: Array.from({ length: count }, (_, at) => need({ id: `n${at}`, residentId: `r${at}` })),
      })
    expect(simulate(many(4), POLICY).draft.byIncomeClass).toBeNull()
    expect(simulate(many(5), POLICY).draft.byIncomeClass).toMatchObject({ general: { needs: 5, met: 5 } })
    const oneOther = many(6)
    oneOther.residents[5]!.statistics = { incomeClass: 'low' }
    expect(simulate(oneOther, POLICY).draft.byIncomeClass).toBeNull()
  })
})

describe('a program with another budget', () => {
  const TWELVE = Array.from({ length: 12 }, (_, at) => `${at}`.padStart(2, '0'))
  /** Twelve equals without money; the fund pays the 100 that a day costs. */
  const town = snapshot({
    residents: TWELVE.map((at) => resident({ id: `r${at}`, wallet: null })),
    needs: TWELVE.map((at) => need({ id: `n${at}`, residentId: `r${at}` })),
    offerings: [offering({ capacity: { accountId: 'places', available: 20, limit: 20 } })],
  })
  const { fund, ...terms } = program({ id: 'fund', subsidyShare: 10_000 })
  const simulate = (given: Snapshot, budget: number, changePercent: number[]) =>
    simulateSnapshot(
      given,
      { kind: 'program', version: 1, program: terms, accountId: fund.accountId, budget, changePercent },
      EFFORT,
    ) as ProgramSimulationReport

  it('buys what it pays for, and as much more as the shadow price says, until there is nothing more to buy', () => {
    const report = simulate(town, 500, [-100, -20, 0, 20, 1000])
    expect(report.needs).toBe(12)
    expect(report.budgets.map(({ matched }) => matched)).toEqual([0, 4, 5, 6, 12])
    expect(report.budgets.map(({ spent }) => spent)).toEqual([0, 400, 500, 600, 1200])
    expect(report.budgets.map(({ gained, lost }) => gained - lost)).toEqual([-5, -1, 0, 1, 7])
    const each = report.budgets[2]!.value / 5
    expect(report.shadowPrice).toBeCloseTo(each / 100, 0)
    for (const { budget, value, bound, estimatedValue, matched } of report.budgets) {
      expect(value).toBe(each * matched)
      expect(bound).toBeGreaterThanOrEqual(value)
      expect(estimatedValue).toBe(report.budgets[2]!.value + report.shadowPrice * (budget - 500))
    }
    // Solving again tells what the price cannot know: that seven more is all there is to buy.
    expect(report.budgets[4]!.estimatedValue).toBeGreaterThan(2 * report.budgets[4]!.value)
  })

  it('keeps what had been taken from its fund, and takes the place of the program as it was', () => {
    const taken = { ...terms, fund: { ...fund, limit: 1000, available: 700 } }
    const other = program({
      id: 'a',
      areaId: 'south',
      fund: { accountId: 'other', limit: 900, available: 900 },
    })
    const report = simulate({ ...town, programs: [other, taken] }, 800, [0, -50, -75])
    // 300 are gone: 500, 100 and nothing are left, and no budget can be less than what is gone.
    expect(report.budgets.map(({ matched }) => matched)).toEqual([5, 1, 0])
    expect(report.budgets.map(({ spent, budget }) => [spent, budget])).toEqual([
      [800, 800],
      [400, 400],
      [300, 300],
    ])
    expect(report.budgets[0]!.funds).toMatchObject([
      { programId: 'a', used: 0, limit: 900 },
      { programId: 'fund', used: 800, limit: 800 },
    ])
  })

  it('asks no price where money is not scarce', () => {
    const report = simulate(town, 5000, [0, 10])
    expect(report.shadowPrice).toBe(0)
    expect(report.budgets).toMatchObject([
      { matched: 12, spent: 1200 },
      { matched: 12, gained: 0, lost: 0, spent: 1200 },
    ])
  })
})
