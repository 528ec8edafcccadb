/** Fairness floors against an oracle that tries every assignment of a tiny town. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstComeFirstServed } from '../../../src/engine/first-come.ts'
import { rowsOf } from '../../../src/engine/problem.ts'
import { type BuiltProblem, buildProblem } from '../../../src/features/matching/build-problem.ts'
import { explainNeeds } from '../../../src/features/matching/explain-needs.ts'
import type { Snapshot, SnapshotNeed } from '../../../src/features/matching/snapshot.ts'
import { solveRun } from '../../../src/features/matching/solve-run.ts'
import { summarize } from '../../../src/features/matching/summarize.ts'
import type { Floor } from '../../../src/features/policies/schemas.ts'
import { need, offering, POLICY, program, resident, snapshot } from './snapshots.ts'

const NORTH = '00000000-0000-7000-8000-000000000001'
const DISTRICT = '00000000-0000-7000-8000-000000000002'
const SOUTH = '00000000-0000-7000-8000-000000000003'

function solved(given: Snapshot) {
  const built = buildProblem(given)
  const solution = solveRun(built, given.policy.order, { seed: 5, rounds: 15 })
  const explained = explainNeeds(given, built, solution)
  const firstCome = firstComeFirstServed(rowsOf(built.problem), Int32Array.from(built.needs.keys()), 5)
  const reasons = explained.map(({ explanation }) => explanation.reason)
  return { built, solution, explained, result: summarize(given, built, solution, firstCome, reasons) }
}

/** Who a floor's group is, said once more. */
function isIn({ by, value }: Floor['group'], { residents }: Snapshot, one: SnapshotNeed): boolean {
  const person = residents.find(({ id }) => id === one.residentId)!
  if (by === 'tier') return one.tier === value
  if (by === 'category') return one.category === value
  if (by === 'income_class') return person.statistics?.incomeClass === value
  return value === DISTRICT || person.areaId === value
}

/** Every choice that no account stands against, with its value and whom it serves. */
function* everyChoice({ problem, needs, options }: BuiltProblem) {
  const choice = new Array<number>(needs.length).fill(-1)
  const left = new Map<string, number>()
  for (const [account, name] of problem.names.accounts.entries()) {
    if (!name.startsWith('floor ')) left.set(name, problem.limits[account]!)
  }
  const wallets = new Map(
    needs.map(({ resident: { id, wallet } }): [string, number] => [id, wallet?.available ?? 0]),
  )
  function* from(at: number, value: number): Generator<{ choice: number[]; value: number }> {
    if (at === needs.length) {
      yield { choice: [...choice], value }
      return
    }
    choice[at] = -1
    yield* from(at + 1, value)
    const { resident: person, need: wanted } = needs[at]!
    for (let index = problem.needOptions[at]!; index < problem.needOptions[at + 1]!; index++) {
      const { offering: place, program: payer, subsidy, copayment, utility } = options[index]!
      const uses: [string, number][] = [[place.capacity.accountId, wanted.quantity]]
      if (payer) uses.push([payer.fund.accountId, subsidy])
      if (uses.some(([name, amount]) => left.get(name)! < amount)) continue
      if (wallets.get(person.id)! < copayment) continue
      for (const [name, amount] of uses) left.set(name, left.get(name)! - amount)
      wallets.set(person.id, wallets.get(person.id)! - copayment)
      choice[at] = index
      yield* from(at + 1, value + utility)
      for (const [name, amount] of uses) left.set(name, left.get(name)! + amount)
      wallets.set(person.id, wallets.get(person.id)! + copayment)
    }
    choice[at] = -1
  }
  yield* from(0, 0)
}

const share = fc.constantFrom(0, 30, 50, 60, 100)
const anyFloors = fc
  .tuple(share, share, share, share)
  .map(([basic, low, north, personalized]): Floor[] => [
    { group: { by: 'tier', value: 'personalized' }, share: personalized },
    { group: { by: 'income_class', value: 'low' }, share: low },
    { group: { by: 'area', value: NORTH }, share: north },
    { group: { by: 'tier', value: 'basic' }, share: basic },
  ])
  .chain((floors) => fc.subarray(floors, { minLength: 1 }))

const anyTown = fc
  .record({
    floors: anyFloors,
    people: fc.array(
      fc.record({
        areaId: fc.constantFrom(NORTH, SOUTH),
        counted: fc.option(fc.constantFrom('low' as const, 'general' as const)),
        tier: fc.constantFrom('basic' as const, 'personalized' as const),
        waitingDays: fc.integer({ min: 0, max: 60 }),
        wallet: fc.constantFrom(0, 60, 200),
      }),
      { minLength: 2, maxLength: 5 },
    ),
    places: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
    fund: fc.constantFrom(0, 100, 150),
    order: fc.constantFrom('weighted' as const, 'by_tier' as const),
  })
  .map(({ floors, people, places, fund, order }) =>
    snapshot({
      policy: { ...POLICY, floors, order },
      parents: { [DISTRICT]: null, [NORTH]: DISTRICT, [SOUTH]: DISTRICT },
      residents: people.map(({ areaId, counted, wallet }, at) =>
        person(`r${at}`, areaId, counted ?? undefined, wallet),
      ),
      needs: people.map(({ tier, waitingDays }, at) =>
        need({ id: `n${at}`, residentId: `r${at}`, tier, waitingDays }),
      ),
      offerings: places.map((available, at) =>
        offering({
          id: `o${at}`,
          price: 50 + 50 * at,
          capacity: { accountId: `c${at}`, available, limit: 5 },
        }),
      ),
      programs: [program({ areaId: DISTRICT, fund: { accountId: 'fund', available: fund, limit: 500 } })],
    }),
  )

function person(id: string, areaId: string, incomeClass?: 'low' | 'general', available = 1000) {
  const { statistics: _, ...known } = resident({ id, areaId, wallet: { accountId: `w-${id}`, available } })
  return incomeClass ? { ...known, statistics: { incomeClass } } : known
}

describe('fairness floors', () => {
  it('hold wherever any assignment holds them, at a price that adds up; where not, they say so', () => {
    let held = 0
    let missed = 0
    let costly = 0
    fc.assert(
      fc.property(anyTown, (given) => {
        const { built, solution, result } = solved(given)
        const floors = given.policy.floors!
        const members = floors.map(({ group }) => built.needs.map((one) => isIn(group, given, one.need)))
        const asked = floors.map((floor, at) =>
          Math.ceil((members[at]!.filter(Boolean).length * floor.share) / 100),
        )
        const met = (choice: ArrayLike<number>, at: number) =>
          members[at]!.filter((isMember, index) => isMember && choice[index]! >= 0).length
        let best = 0
        let bestFair = -1
        for (const { choice, value } of everyChoice(built)) {
          best = Math.max(best, value)
          if (asked.every((least, at) => met(choice, at) >= least)) bestFair = Math.max(bestFair, value)
        }
        expect(result.floors!.map(({ group, needs, floor, met }) => ({ group, needs, floor, met }))).toEqual(
          floors.map(({ group }, at) => {
            const needs = members[at]!.filter(Boolean).length
            return { group, needs, floor: asked[at], met: met(solution.choice, at) }
          }),
        )
        for (const one of result.floors!) {
          expect(one.missed).toBe(one.met < one.floor)
          expect(one.attainable).toBeGreaterThanOrEqual(one.met)
          expect(one.price).toBeGreaterThanOrEqual(0)
        }
        const isHeld = result.floors!.every((one) => !one.missed)
        expect(isHeld).toBe(bestFair >= 0)
        isHeld ? held++ : missed++
        expect(result.bound).toBeGreaterThanOrEqual(result.value)
        const withoutFloors = result.value + result.priceOfFairness!
        expect(withoutFloors).toBeLessThanOrEqual(best)
        if (result.priceOfFairness! > 0) costly++
        if (given.policy.order === 'by_tier') return
        expect(result.priceOfFairness).toBeGreaterThanOrEqual(0)
        if (!isHeld) return
        expect(result.value).toBeLessThanOrEqual(bestFair)
        expect(result.bound).toBeGreaterThanOrEqual(bestFair)
      }),
      { numRuns: 80, seed: 20261201 },
    )
    // The towns are of all sorts.
    for (const count of [held, missed, costly]) expect(count).toBeGreaterThan(5)
  })

  /** One place, and two who want it: the one who has waited longer, and one of low income. */
  const contested = (floors: Floor[], order: 'weighted' | 'by_tier' = 'weighted') =>
    snapshot({
      policy: { ...POLICY, floors, order },
      residents: [resident({ id: 'r1' }), resident({ id: 'r2', statistics: { incomeClass: 'low' } })],
      needs: [need({ waitingDays: 70 }), need({ id: 'n2', residentId: 'r2' })],
      offerings: [offering({ capacity: { accountId: 'c', available: 1, limit: 1 } })],
    })
  const LOW: Floor[] = [{ group: { by: 'income_class', value: 'low' }, share: 100 }]

  it.each(['weighted', 'by_tier'] as const)('give a group its share, and name the price (%s)', (order) => {
    const plain = solved(contested([], order))
    expect(plain.explained.map(({ explanation }) => explanation.outcome)).toEqual(['matched', 'unmet'])
    expect(plain.result).not.toHaveProperty('floors')
    const fair = solved(contested(LOW, order))
    expect(fair.explained.map(({ explanation }) => explanation.outcome)).toEqual(['unmet', 'matched'])
    expect(fair.explained[0]!.explanation).toMatchObject({
      reason: 'outranked',
      change: { kind: 'capacity' },
    })
    const { floors, priceOfFairness, value } = fair.result
    expect(floors).toMatchObject([{ needs: 1, floor: 1, met: 1, missed: false }])
    expect(floors![0]!.price).toBeGreaterThan(0)
    expect(priceOfFairness).toBe(plain.result.value - value)
    // No account of the ledger is named after a floor.
    expect(fair.built.kindOfAccount).toEqual(['capacity', 'floor'])
    expect(fair.solution.unitPrices[1]).toBe(0)
  })

  it('does not count those who have not consented to be counted', () => {
    const given = contested(LOW)
    const { statistics: _, ...silent } = given.residents[1]!
    const { result } = solved({ ...given, residents: [given.residents[0]!, silent] })
    expect(result.floors).toEqual([
      { group: LOW[0]!.group, needs: 0, attainable: 0, floor: 0, met: 0, missed: false, price: 0 },
    ])
    expect(result.priceOfFairness).toBe(0)
  })

  it('leaves later tiers served where an earlier floor cannot be held', () => {
    const given = contested([{ group: { by: 'tier', value: 'basic' }, share: 100 }], 'by_tier')
    const more = {
      needs: [...given.needs, need({ id: 'n3', residentId: 'r2', tier: 'personalized', term: 'bathing' })],
      offerings: [...given.offerings, offering({ id: 'o2', term: 'bathing' })],
    }
    const { result } = solved({ ...given, ...more })
    expect(result.floors).toMatchObject([{ needs: 2, floor: 2, attainable: 2, met: 1, missed: true }])
    expect(result.byTier.personalized).toEqual({ needs: 1, met: 1 })
  })
})

describe('what reviewers have decided', () => {
  const kept = { offeringId: 'o1', programId: null, subsidy: 0, utility: 700 }

  it('counts a pinned match in all figures and leaves it out of the problem', () => {
    const floors: Floor[] = [{ group: { by: 'tier', value: 'basic' }, share: 50 }]
    const given = snapshot({
      policy: { ...POLICY, floors },
      needs: [need({ pinned: kept }), need({ id: 'n2', term: 'unheard_of' })],
    })
    const { built, result } = solved(given)
    expect(built.needs.map((one) => one.need.id)).toEqual(['n2'])
    expect(result).toMatchObject({ needs: 2, matched: 1, pinned: 1, value: 700, bound: 700, gap: 0 })
    expect(result.byTier.basic).toEqual({ needs: 2, met: 1 })
    expect(result.floors).toMatchObject([{ needs: 2, attainable: 1, floor: 1, met: 1, missed: false }])
    expect(result.firstCome).toMatchObject({ matched: 1, value: 700 })
  })

  it('never pairs a need with what was taken from it, and says why', () => {
    const other = offering({ id: 'o2', tier: 'inclusive' })
    const first = solved(snapshot({ offerings: [offering(), other] }))
    expect(first.explained[0]!.explanation.option).toMatchObject({ offeringId: 'o1' })
    const taken = need({ excludedOfferingIds: ['o1'] })
    const second = solved(snapshot({ needs: [taken], offerings: [offering(), other] }))
    expect(second.explained[0]!.explanation).toMatchObject({
      outcome: 'matched',
      option: { offeringId: 'o2' },
      ruledOut: { excluded_by_review: 1 },
    })
    const none = solved(
      snapshot({ needs: [need({ excludedOfferingIds: ['o1', 'o2'] })], offerings: [offering(), other] }),
    )
    expect(none.explained[0]!.explanation).toMatchObject({
      outcome: 'unmet',
      reason: 'excluded_by_review',
      option: null,
      change: null,
    })
  })
})
