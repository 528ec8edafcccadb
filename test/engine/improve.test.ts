import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyAssignment } from '../../src/engine/assignment.ts'
import { firstComeFirstServed } from '../../src/engine/first-come.ts'
import { improve } from '../../src/engine/improve.ts'
import { createPricing } from '../../src/engine/prices.ts'
import { createProblemBuilder, needCount, type ProblemRows } from '../../src/engine/problem.ts'
import { createRandom, lot } from '../../src/engine/random.ts'
import { fill, repair } from '../../src/engine/repair.ts'
import { smallProblem } from './support/arbitrary.ts'
import { isFeasible, totalUtility } from './support/oracle.ts'
import { syntheticTown } from './support/town.ts'

const inOrder = (rows: ProblemRows) => Int32Array.from({ length: needCount(rows) }, (_, need) => need)
const plan = { rounds: 20, seed: 4, goal: Number.POSITIVE_INFINITY, stopped: () => false, onRound: () => {} }

function pricesOf(rows: ProblemRows): { prices: Float64Array; choice: Int32Array } {
  const pricing = createPricing(rows, { seed: 1, steps: 200, boldness: 0.4 })
  for (let step = 0; step < 200; step++) pricing.step()
  return pricing
}

describe('improve', () => {
  test('never worsens and stays feasible, whatever the start', () => {
    fc.assert(
      fc.property(smallProblem, fc.integer(), (problem, seed) => {
        const start = firstComeFirstServed(problem, inOrder(problem), seed)
        const better = improve(problem, start.choice, pricesOf(problem).prices, { ...plan, seed })
        expect(better.value).toBeGreaterThanOrEqual(start.value)
        expect(better.value).toBe(totalUtility(problem, better.choice))
        expect(isFeasible(problem, better.choice)).toBe(true)
      }),
      { seed: 41, numRuns: 200 },
    )
  })

  test('good prices lead further than none', () => {
    let led = 0
    let unled = 0
    for (const seed of [2, 3, 4, 5, 6, 7]) {
      const town = syntheticTown({ needs: 600, seed })
      const start = firstComeFirstServed(town, inOrder(town))
      led += improve(town, start.choice, pricesOf(town).prices, plan).value
      unled += improve(town, start.choice, new Float64Array(town.limits.length), plan).value
    }
    expect(led).toBeGreaterThan(unled)
  })

  test('gains a lot on first come, first served, and reports a value that only rises', () => {
    const town = syntheticTown({ needs: 300, seed: 2 })
    const start = firstComeFirstServed(town, inOrder(town))
    const values: number[] = []
    const onRound = (value: number) => values.push(value)
    const better = improve(town, start.choice, pricesOf(town).prices, { ...plan, rounds: 60, onRound })
    expect(better.value).toBeGreaterThan(1.05 * start.value)
    expect(values).toEqual([...values].sort((a, b) => a - b))
    expect(isFeasible(town, better.choice)).toBe(true)
  })
})

describe('construction', () => {
  test('repair gives a feasible assignment, and fill only adds to it', () => {
    fc.assert(
      fc.property(smallProblem, (problem) => {
        const { prices, choice } = pricesOf(problem)
        const repaired = emptyAssignment(problem)
        repair(problem, repaired, choice, prices, 1)
        expect(isFeasible(problem, repaired.choice)).toBe(true)
        const before = Int32Array.from(repaired.choice)
        fill(problem, repaired, new Float64Array(prices.length), 1)
        expect(isFeasible(problem, repaired.choice)).toBe(true)
        expect(before.every((option, need) => option < 0 || repaired.choice[need] === option)).toBe(true)
      }),
      { seed: 42, numRuns: 150 },
    )
  })

  test('first come, first served takes the best that fits, in order of arrival', () => {
    const builder = createProblemBuilder()
    const place = builder.account('place', 1)
    for (const id of ['a', 'b']) {
      builder.resident(id)
      builder.need(`need of ${id}`)
      builder.option('home', id === 'a' ? 3 : 4, [], [])
      builder.option('place', id === 'a' ? 5 : 9, [[place, 1]], [])
    }
    const problem = builder.build()
    expect(firstComeFirstServed(problem, Int32Array.of(0, 1))).toMatchObject({
      choice: Int32Array.of(1, 2),
      value: 9,
    })
    expect(firstComeFirstServed(problem, Int32Array.of(1, 0))).toMatchObject({
      choice: Int32Array.of(0, 3),
      value: 12,
    })
    expect(firstComeFirstServed(problem, Int32Array.of(1)).choice).toEqual(Int32Array.of(-1, 3))
  })

  test('equal options are drawn by lot, not by their place in the list', () => {
    const builder = createProblemBuilder()
    builder.resident('r')
    builder.need('n')
    for (let o = 0; o < 10; o++) builder.option(`o${o}`, 5, [], [])
    const problem = builder.build()
    const drawn = Array.from(
      { length: 40 },
      (_, seed) => firstComeFirstServed(problem, Int32Array.of(0), seed).choice[0],
    )
    expect(new Set(drawn).size).toBeGreaterThan(5)
  })
})

describe('random', () => {
  test('a stream is fixed by its seed', () => {
    const draw = (seed: number) => Array.from({ length: 3 }, createRandom(seed).next)
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(lot(1, 2)).toBe(lot(1, 2))
  })

  test('draws and lots are spread evenly', () => {
    const { below } = createRandom(8)
    const counts = [new Int32Array(10), new Int32Array(10)]
    for (let i = 0; i < 20_000; i++) {
      counts[0]![below(10)]!++
      counts[1]![Math.floor((lot(8, i) * 10) / 2 ** 32)]!++
    }
    for (const count of [...counts[0]!, ...counts[1]!]) expect(Math.abs(count - 2000)).toBeLessThan(250)
  })
})
