/** Whatever the engine answers is reckoned again from the snapshot, by code that shares none with it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstComeFirstServed } from '../../../src/engine/first-come.ts'
import { rowsOf } from '../../../src/engine/problem.ts'
import { type BuiltProblem, buildProblem } from '../../../src/features/matching/build-problem.ts'
import { explainNeeds } from '../../../src/features/matching/explain-needs.ts'
import { RunResult } from '../../../src/features/matching/schemas.ts'
import type { Snapshot } from '../../../src/features/matching/snapshot.ts'
import { solveRun } from '../../../src/features/matching/solve-run.ts'
import { summarize } from '../../../src/features/matching/summarize.ts'
import { randomSnapshot } from './snapshots.ts'

interface Chosen {
  needId: string
  offeringId: string
  programId: string | null
  subsidy: number
  copayment: number
  utility: number
}

function run(snapshot: Snapshot) {
  const built = buildProblem(snapshot)
  const solution = solveRun(built, snapshot.policy.order, { seed: 7, rounds: 15 })
  const order = Int32Array.from(built.needs.keys())
  const firstCome = firstComeFirstServed(rowsOf(built.problem), order, 7)
  const reasons = explainNeeds(snapshot, built, solution).map(({ explanation }) => explanation.reason)
  const result = summarize(snapshot, built, solution, firstCome, reasons)
  return { chosen: chosenOf(built, solution.choice), byOrder: chosenOf(built, firstCome.choice), result }
}

function chosenOf(built: BuiltProblem, choice: Int32Array): Chosen[] {
  return [...choice].flatMap((index, at) => {
    const option = built.options[index]
    if (!option) return []
    const { offering, program, subsidy, copayment, utility } = option
    const needId = built.needs[at]!.need.id
    return [{ needId, offeringId: offering.id, programId: program?.id ?? null, subsidy, copayment, utility }]
  })
}

/** Adds up what the choices take of everything scarce, from the snapshot's own figures. */
function recount(snapshot: Snapshot, chosen: Chosen[]) {
  const used = new Map<string, number>()
  const limits = new Map<string, number>()
  const use = (name: string, amount: number, limit: number) => {
    used.set(name, (used.get(name) ?? 0) + amount)
    limits.set(name, limit)
  }
  for (const { needId, offeringId, programId, subsidy, copayment } of chosen) {
    const need = snapshot.needs.find(({ id }) => id === needId)!
    const person = snapshot.residents.find(({ id }) => id === need.residentId)!
    const place = snapshot.offerings.find(({ id }) => id === offeringId)!
    const payer = snapshot.programs.find(({ id }) => id === programId)
    expect([place.category, place.term]).toEqual([need.category, need.term])
    expect(subsidy + copayment).toBe(place.price * need.quantity)
    use(`places ${place.id}`, need.quantity, place.capacity.available)
    if (place.staffTime) {
      use(place.staffTime.accountId, need.quantity * place.staffMinutesPerUnit, place.staffTime.available)
    }
    use(`wallet ${person.id}`, copayment, person.wallet ? person.wallet.available : 0)
    if (!payer) expect(subsidy).toBe(0)
    else {
      use(`fund ${payer.id}`, subsidy, payer.fund.available)
      expect(subsidy).toBeLessThanOrEqual((payer.unitCap ?? Number.POSITIVE_INFINITY) * need.quantity)
      const drawn = snapshot.drawn[`${payer.id} ${person.id}`] ?? 0
      const cap = payer.residentCap ?? Number.POSITIVE_INFINITY
      use(`cap ${payer.id} ${person.id}`, subsidy, cap - drawn)
    }
  }
  return { used, limits }
}

function refuseOvercommitment(snapshot: Snapshot, chosen: Chosen[]): void {
  expect(new Set(chosen.map(({ needId }) => needId)).size).toBe(chosen.length)
  const { used, limits } = recount(snapshot, chosen)
  for (const [name, amount] of used) {
    expect(amount, `${name} is overcommitted`).toBeLessThanOrEqual(limits.get(name)!)
  }
}

const total = (chosen: Chosen[]) => chosen.reduce((sum, { utility }) => sum + utility, 0)

function countMet(snapshot: Snapshot, chosen: Chosen[], groupOf: (needId: string) => string) {
  const groups: Record<string, { needs: number; met: number }> = {}
  const met = new Set(chosen.map(({ needId }) => needId))
  for (const { id } of snapshot.needs) {
    groups[groupOf(id)] ??= { needs: 0, met: 0 }
    const group = groups[groupOf(id)]!
    group.needs++
    if (met.has(id)) group.met++
  }
  return groups
}

const without = (groups: Record<string, { needs: number }>) =>
  Object.fromEntries(Object.entries(groups).filter(([, { needs }]) => needs > 0))

describe('a solved snapshot', () => {
  it('never takes more of anything than there is, nor does first come, first served', () => {
    fc.assert(
      fc.property(randomSnapshot, (snapshot) => {
        const { chosen, byOrder } = run(snapshot)
        refuseOvercommitment(snapshot, chosen)
        refuseOvercommitment(snapshot, byOrder)
      }),
      { numRuns: 250 },
    )
  })

  it('reports a value that is the sum of its choices and a bound that is not below it', () => {
    fc.assert(
      fc.property(randomSnapshot, (snapshot) => {
        const { chosen, byOrder, result } = run(snapshot)
        expect(result.value).toBe(total(chosen))
        expect(result.matched).toBe(chosen.length)
        expect(result.firstCome).toMatchObject({ value: total(byOrder), matched: byOrder.length })
        expect(result.bound).toBeGreaterThanOrEqual(result.value)
        // In the order of tiers, more in all may be possible, at the cost of an earlier tier.
        if (!snapshot.policy.order) expect(result.bound).toBeGreaterThanOrEqual(result.firstCome.value)
        const gap = result.bound === 0 ? 0 : (result.bound - result.value) / result.bound
        expect(result.gap).toBeCloseTo(gap, 12)
      }),
      { numRuns: 150 },
    )
  })

  it('reports, where tiers go one after the other, what each gets: together, it is the whole', () => {
    fc.assert(
      fc.property(randomSnapshot, (snapshot) => {
        const { chosen, byOrder, result } = run(snapshot)
        if (snapshot.policy.order !== 'by_tier') {
          expect(result).not.toHaveProperty('stages')
          return
        }
        const stages = result.stages!
        const tierOf = (id: string) => snapshot.needs.find((need) => need.id === id)!.tier
        expect(stages.map(({ tier }) => tier)).toEqual(['basic', 'inclusive', 'personalized'])
        for (const { tier, value, bound, gap } of stages) {
          expect(value).toBe(total(chosen.filter(({ needId }) => tierOf(needId) === tier)))
          expect(bound).toBeGreaterThanOrEqual(value)
          expect(gap).toBeCloseTo(bound === 0 ? 0 : (bound - value) / bound, 12)
        }
        // Nothing comes before the first tier, so nobody does better by it.
        const basic = total(byOrder.filter(({ needId }) => tierOf(needId) === 'basic'))
        expect(stages[0]!.bound).toBeGreaterThanOrEqual(basic)
        const sum = (figure: 'value' | 'bound') => stages.reduce((all, stage) => all + stage[figure], 0)
        expect(result).toMatchObject({ value: sum('value'), bound: sum('bound') })
      }),
      { numRuns: 150 },
    )
  })

  it('reports figures by group, fund and category that equal a recount', () => {
    fc.assert(
      fc.property(randomSnapshot, (snapshot) => {
        const { chosen, result } = run(snapshot)
        expect(RunResult.parse(withIds(result))).toBeDefined()
        expect(result).toMatchObject({
          residents: snapshot.residents.length,
          needs: snapshot.needs.length,
          offerings: snapshot.offerings.length,
          displaced: 0,
        })
        const needOf = (id: string) => snapshot.needs.find((need) => need.id === id)!
        const classOf = (id: string) =>
          snapshot.residents.find((person) => person.id === needOf(id).residentId)!.statistics?.incomeClass ??
          'unknown'
        expect(without(result.byTier)).toEqual(countMet(snapshot, chosen, (id) => needOf(id).tier))
        expect(without(result.byIncomeClass)).toEqual(countMet(snapshot, chosen, classOf))
        expect(without(result.byCategory)).toEqual(countMet(snapshot, chosen, (id) => needOf(id).category))
        const unmet = Object.values(result.unmetReasons).reduce((sum, count) => sum + count, 0)
        expect(unmet).toBe(snapshot.needs.length - chosen.length)
        expect(result.funds).toEqual(fundsOf(snapshot, chosen))
        expect(result.capacity).toEqual(capacityOf(snapshot, chosen))
      }),
      { numRuns: 150 },
    )
  })
})

/** The schema wants real ids where the small snapshots have names. */
const withIds = (result: RunResult) => ({
  ...result,
  funds: result.funds.map((fund) => ({ ...fund, programId: '00000000-0000-7000-8000-00000000000a' })),
})

function fundsOf({ programs }: Snapshot, chosen: Chosen[]) {
  return programs.map(({ id, name, fund }) => {
    const paid = chosen
      .filter(({ programId }) => programId === id)
      .reduce((sum, { subsidy }) => sum + subsidy, 0)
    return { programId: id, name, limit: fund.limit, used: fund.limit - fund.available + paid }
  })
}

function capacityOf({ offerings, needs }: Snapshot, chosen: Chosen[]) {
  if (offerings.length === 0) return {}
  const taken = chosen.reduce((sum, { needId }) => sum + needs.find(({ id }) => id === needId)!.quantity, 0)
  const limit = offerings.reduce((sum, { capacity }) => sum + capacity.limit, 0)
  const left = offerings.reduce((sum, { capacity }) => sum + capacity.available, 0)
  return { elderly_care: { limit, used: limit - left + taken } }
}
