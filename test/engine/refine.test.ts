import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generateGap } from '../../scripts/bench/gap-types.ts'
import { generateMmkp } from '../../scripts/bench/mmkp.ts'
import { ceilingsOf, createArena, roomUnder, spend } from '../../src/engine/arena.ts'
import { assignmentOf } from '../../src/engine/assignment.ts'
import { isDense } from '../../src/engine/dense.ts'
import { firstComeFirstServed } from '../../src/engine/first-come.ts'
import { createNeighborhoodSolver } from '../../src/engine/freed-needs.ts'
import { createPricing } from '../../src/engine/prices.ts'
import { needCount, type ProblemRows } from '../../src/engine/problem.ts'
import { refine } from '../../src/engine/refine.ts'
import { smallProblem, smallProblemWithFloors } from './support/arbitrary.ts'
import { bruteForceOptimum, isFeasible, totalUtility } from './support/oracle.ts'
import { syntheticTown } from './support/town.ts'

const inOrder = (rows: ProblemRows) => Int32Array.from({ length: needCount(rows) }, (_, need) => need)
const plan = { rounds: 20, seed: 4, goal: Number.POSITIVE_INFINITY }

function pricesOf(rows: ProblemRows): Float64Array {
  const pricing = createPricing(rows, { seed: 1, steps: 200, boldness: 0.05 })
  for (let step = 0; step < 200; step++) pricing.step()
  return pricing.prices
}

const smallGap = fc
  .record({
    type: fc.constantFrom('C' as const, 'D' as const, 'E' as const),
    agents: fc.integer({ min: 2, max: 3 }),
    items: fc.integer({ min: 2, max: 7 }),
    seed: fc.nat(),
  })
  .map((gap) => generateGap(gap).problem)

/** Solves a problem with every need freed, from nothing. */
function solveWhole(rows: ProblemRows, prices: Float64Array): number {
  const arena = createArena(rows, prices, 24)
  const choice = new Int32Array(needCount(rows)).fill(-1)
  const room = roomUnder(arena, choice)
  const solver = createNeighborhoodSolver(arena, ceilingsOf(arena, room))
  const limits = { highestRegret: Number.POSITIVE_INFINITY, mayLose: 0, nodes: 1e6 }
  const gain = solver.solve({ needs: inOrder(rows), size: needCount(rows) }, choice, room, limits)
  if (gain === Number.NEGATIVE_INFINITY) return 0
  expect(totalUtility(rows, solver.found.subarray(0, needCount(rows)))).toBe(gain)
  return gain
}

describe('neighborhood', () => {
  test('with every need freed it finds the optimum, whatever the prices', () => {
    fc.assert(
      fc.property(fc.oneof(smallProblem, smallGap), fc.boolean(), (problem, priced) => {
        const prices = priced ? pricesOf(problem) : new Float64Array(problem.limits.length)
        expect(solveWhole(problem, prices)).toBe(bruteForceOptimum(problem))
      }),
      { seed: 51, numRuns: 150 },
    )
  })

  test('says so where nothing is as good, and goes down to what it may lose', () => {
    const { problem } = generateGap({ type: 'D', agents: 3, items: 7, seed: 3 })
    const prices = pricesOf(problem)
    const { choice } = refine(problem, new Int32Array(7).fill(-1), prices, plan)
    const arena = createArena(problem, prices, 24)
    const room = roomUnder(arena, choice)
    const solver = createNeighborhoodSolver(arena, ceilingsOf(arena, room))
    for (const option of choice) spend(arena, room, option, -1)
    const freed = { needs: inOrder(problem), size: 7 }
    const limits = { highestRegret: Number.POSITIVE_INFINITY, mayLose: 0, nodes: 1e6 }
    expect(solver.solve(freed, choice, room, limits)).toBeLessThanOrEqual(0)
    const loss = solver.solve(freed, choice, room, { ...limits, mayLose: 100 })
    expect(loss).toBeLessThanOrEqual(0)
    expect(loss).toBeGreaterThanOrEqual(-100)
    const found = Int32Array.from(solver.found.subarray(0, 7))
    expect(found).not.toEqual(choice)
    expect(isFeasible(problem, found)).toBe(true)
  })
})

describe('refine', () => {
  test('never worsens and stays feasible, whatever the start', () => {
    fc.assert(
      fc.property(fc.oneof(smallProblem, smallGap), fc.integer(), (problem, seed) => {
        const start = firstComeFirstServed(problem, inOrder(problem), seed)
        const better = refine(problem, start.choice, pricesOf(problem), { ...plan, seed })
        expect(better.value).toBeGreaterThanOrEqual(start.value)
        expect(better.value).toBe(totalUtility(problem, better.choice))
        expect(isFeasible(problem, better.choice)).toBe(true)
      }),
      { seed: 52, numRuns: 150 },
    )
  })

  test('breaks no floor that the start meets, and takes none further away', () => {
    fc.assert(
      fc.property(smallProblemWithFloors, fc.integer(), (problem, seed) => {
        const start = firstComeFirstServed(problem, inOrder(problem), seed)
        const better = refine(problem, start.choice, pricesOf(problem), { ...plan, seed })
        const [before, after] = [start.choice, better.choice].map(
          (choice) => assignmentOf(problem, choice).room,
        )
        for (const [k, floor] of problem.floors.entries()) {
          const used = problem.limits[k]! - after![k]!
          expect(used).toBeGreaterThanOrEqual(Math.min(floor, problem.limits[k]! - before![k]!))
        }
      }),
      { seed: 53, numRuns: 150 },
    )
  })

  test('reaches the optimum of tiny dense problems from nothing', () => {
    fc.assert(
      fc.property(smallGap, (problem) => {
        const nothing = new Int32Array(needCount(problem)).fill(-1)
        expect(refine(problem, nothing, pricesOf(problem), plan).value).toBe(bruteForceOptimum(problem))
      }),
      { seed: 54, numRuns: 40 },
    )
  })

  test('serves every need where that is possible but tight, and comes close to the bound', () => {
    const gap = generateGap({ type: 'C', agents: 5, items: 50, seed: 2 })
    const mmkp = generateMmkp({ groups: 30, items: 10, resources: 10, correlated: true, seed: 1 })
    for (const [rows, each, most] of [
      [gap.problem, gap.perItem, 0.02],
      [mmkp.problem, mmkp.perGroup, 0.03],
    ] as const) {
      const pricing = createPricing(rows, { seed: 1, steps: 600, boldness: 0.4 })
      for (let step = 0; step < 600; step++) pricing.step()
      const start = firstComeFirstServed(rows, inOrder(rows))
      const { value, choice } = refine(rows, start.choice, pricing.prices, { ...plan, rounds: 40 })
      expect(choice).not.toContain(-1)
      const atStake = Math.abs(pricing.bound - needCount(rows) * each)
      expect((pricing.bound - value) / atStake).toBeLessThan(most)
    }
  })

  test('the same seed gives the same choice, another one may not', () => {
    const { problem } = generateGap({ type: 'D', agents: 10, items: 60, seed: 1 })
    const prices = pricesOf(problem)
    const start = firstComeFirstServed(problem, inOrder(problem))
    const run = (seed: number) => refine(problem, start.choice, prices, { ...plan, rounds: 5, seed }).choice
    expect(run(1)).toEqual(run(1))
    expect([2, 3, 4].some((seed) => String(run(seed)) !== String(run(1)))).toBe(true)
  })

  test('stops when asked and at the goal, and reports a value that only rises', () => {
    const { problem } = generateGap({ type: 'E', agents: 5, items: 40, seed: 1 })
    const prices = pricesOf(problem)
    const start = firstComeFirstServed(problem, inOrder(problem)).choice
    const values: number[] = []
    const onRound = (value: number) => values.push(value)
    refine(problem, start, prices, { ...plan, onRound, stopped: () => values.length === 7 })
    expect(values).toHaveLength(7)
    expect(values).toEqual([...values].sort((a, b) => a - b))
    const rounds = values.length
    refine(problem, start, prices, { ...plan, onRound, goal: values[0]! })
    expect(values.length - rounds).toBe(1)
  })
})

test('a problem is dense where needs reach most accounts, not in a town', () => {
  expect(isDense(generateGap({ type: 'C', agents: 20, items: 100, seed: 1 }).problem)).toBe(true)
  expect(
    isDense(generateMmkp({ groups: 30, items: 5, resources: 5, correlated: false, seed: 1 }).problem),
  ).toBe(true)
  expect(isDense(syntheticTown({ needs: 500, seed: 1 }))).toBe(false)
})
