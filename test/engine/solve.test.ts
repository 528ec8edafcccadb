import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certify } from '../../src/engine/certify.ts'
import { firstComeFirstServed } from '../../src/engine/first-come.ts'
import { createProblemBuilder, needCount, type Problem, rowsOf } from '../../src/engine/problem.ts'
import { createRandom } from '../../src/engine/random.ts'
import { type Progress, solve } from '../../src/engine/solve.ts'
import { smallProblem } from './support/arbitrary.ts'
import { bruteForceOptimum, isFeasible, totalUtility } from './support/oracle.ts'
import { syntheticTown } from './support/town.ts'

const arrivals = (problem: Problem) => Int32Array.from({ length: needCount(problem) }, (_, need) => need)

describe('on small random problems', () => {
  test('value ≤ optimum ≤ bound, feasible, and certified', () => {
    fc.assert(
      fc.property(smallProblem, fc.integer({ min: 0, max: 99 }), (problem, seed) => {
        const solution = solve(problem, { rounds: 30, seed })
        const optimum = bruteForceOptimum(problem)
        expect(isFeasible(problem, solution.choice)).toBe(true)
        expect(solution.value).toBe(totalUtility(problem, solution.choice))
        expect(solution.value).toBeLessThanOrEqual(optimum)
        expect(solution.bound).toBeGreaterThanOrEqual(optimum)
        expect(certify(problem, solution)).toEqual({ ok: true, value: solution.value, bound: solution.bound })
      }),
      { seed: 20_260_301, numRuns: 300 },
    )
  })

  test('the optimum is found nearly always', () => {
    const problems = fc.sample(smallProblem, { seed: 7, numRuns: 200 })
    const found = problems.filter(
      (problem) => solve(problem, { rounds: 60 }).value === bruteForceOptimum(problem),
    )
    expect(found.length).toBeGreaterThanOrEqual(190)
  })
})

describe('on a synthetic town', () => {
  const town = syntheticTown({ needs: 600, seed: 3 })
  const solution = solve(town, { rounds: 100, seed: 5 })

  test('the answer is feasible, certified and far ahead of first come, first served', () => {
    expect(isFeasible(town, solution.choice)).toBe(true)
    expect(certify(town, solution).ok).toBe(true)
    expect(solution.gap).toBeLessThan(0.02)
    expect(solution.value).toBeGreaterThan(1.1 * firstComeFirstServed(town, arrivals(town)).value)
  })

  test('the same problem, seed and rounds give the same bits', () => {
    expect(solve(town, { rounds: 100, seed: 5 })).toEqual(solution)
    expect(solve(rowsOf(town), { rounds: 100, seed: 5 })).toEqual(solution)
    expect(solve(town, { rounds: 100, seed: 6 }).choice).not.toEqual(solution.choice)
  })

  test('a clock that is not reached changes nothing', () => {
    expect(solve(town, { rounds: 100, seed: 5, seconds: 1000, now: () => 0 })).toEqual(solution)
  })

  test('every way of running out of time leaves a feasible, certified answer', () => {
    for (const limit of [0, 1, 30, 105, 130, 160]) {
      let calls = 0
      const early = solve(town, { rounds: 100, seed: 5, seconds: limit / 1000, now: () => calls++ })
      expect(isFeasible(town, early.choice)).toBe(true)
      expect(certify(town, early).ok).toBe(true)
      expect(early.value).toBeGreaterThan(0)
    }
  })

  test('warm prices give a bound as good in a fraction of the rounds', () => {
    const warmPrices = solution.prices.map((price) => price / solution.scale)
    const warm = solve(town, { rounds: 50, seed: 5, warmPrices })
    expect(warm.bound).toBeLessThanOrEqual(solution.bound * 1.0005)
    expect(warm.rounds).toBeLessThan(solution.rounds / 2)
  })

  test('progress is reported by round and phase', () => {
    const seen: Progress[] = []
    const { rounds, value } = solve(town, { rounds: 20, onRound: (progress) => seen.push(progress) })
    const numbers = seen.map((progress) => progress.round)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(numbers.at(-1)).toBe(rounds)
    expect([...new Set(seen.map((progress) => progress.phase))]).toEqual(['prices', 'improve'])
    expect(seen.every((progress) => progress.value <= progress.bound)).toBe(true)
    expect(seen.at(-1)!.value).toBeLessThanOrEqual(value)
  })

  test('the search ends where the gap is small enough', () => {
    const whole = solve(town, { rounds: 40 })
    const early = solve(town, { rounds: 40, targetGap: whole.gap * 2 })
    expect(early.gap).toBeLessThanOrEqual(whole.gap * 2)
    expect(early.rounds).toBeLessThan(whole.rounds)
  })
})

describe('small classes that many needs want at once', () => {
  /** One place or two each; every need takes one place, so the LP has an integer optimum (Birkhoff). */
  const classes = (seed: number) => {
    const random = createRandom(seed)
    const builder = createProblemBuilder()
    const places = Array.from({ length: 120 }, (_, k) => builder.account(`class ${k}`, 1 + random.below(2)))
    for (let r = 0; r < 300; r++) {
      builder.resident(`r${r}`)
      builder.need(`n${r}`)
      for (const k of new Set(Array.from({ length: 12 }, () => random.below(places.length)))) {
        builder.option(`class ${k}`, 1000 + random.below(1000), [[places[k]!, 1]], [])
      }
    }
    return builder.build()
  }

  test('bound and value meet at the optimum: prices settle although whole groups flip together', () => {
    for (const seed of [1, 2, 3]) {
      const problem = classes(seed)
      const solution = solve(problem, { rounds: 60 })
      expect(solution.gap).toBeLessThan(0.0005)
      expect(certify(problem, solution).ok).toBe(true)
    }
  })

  test('the bound is near its lowest after a third of the rounds, too', () => {
    const problem = classes(4)
    const optimum = solve(problem, { rounds: 60 }).value
    expect(solve(problem, { rounds: 20 }).bound).toBeLessThan(1.01 * optimum)
  })
})

describe('odd but legal input', () => {
  const solved = (fill: (builder: ReturnType<typeof createProblemBuilder>) => void) => {
    const builder = createProblemBuilder()
    fill(builder)
    const problem = builder.build()
    const solution = solve(problem, { rounds: 20 })
    expect(certify(problem, solution)).toEqual({ ok: true, value: solution.value, bound: solution.bound })
    return solution
  }

  test('nothing at all', () => {
    const solution = solved(() => {})
    expect(solution).toMatchObject({ value: 0, bound: 0, gap: 0 })
  })

  test('a resident without needs and a need without options', () => {
    const solution = solved((builder) => {
      builder.resident('r1')
      builder.resident('r2')
      builder.need('n1')
      builder.resident('r3')
    })
    expect(solution).toMatchObject({ value: 0, bound: 0, choice: Int32Array.of(-1) })
  })

  test('an option that uses nothing', () => {
    const solution = solved((builder) => {
      builder.resident('r')
      builder.need('n')
      builder.option('o', 5, [], [])
    })
    expect(solution).toMatchObject({ value: 5, bound: 5, gap: 0 })
  })

  test('an account with limit 0', () => {
    const solution = solved((builder) => {
      const closed = builder.account('closed', 0)
      builder.resident('r')
      builder.need('n')
      builder.option('o', 5, [[closed, 1]], [])
      builder.option('p', 3, [[closed, 0]], [])
    })
    expect(solution).toMatchObject({ value: 3, bound: 3, choice: Int32Array.of(1) })
  })

  test('utilities that are all equal, or all zero', () => {
    for (const utility of [0, 10]) {
      const solution = solved((builder) => {
        const place = builder.account('place', 7)
        for (let r = 0; r < 30; r++) {
          builder.resident(`r${r}`)
          builder.need(`n${r}`)
          builder.option('o', utility, [[place, 1]], [])
        }
      })
      expect(solution.value).toBe(7 * utility)
      expect(solution.bound).toBeLessThanOrEqual(7.5 * utility)
    }
  })

  test('ten thousand options on one need', () => {
    const solution = solved((builder) => {
      const place = builder.account('place', 4)
      builder.resident('r')
      const wallet = builder.privateAccount('wallet', 9000)
      for (const need of ['n', 'm']) {
        builder.need(need)
        for (let o = 0; o < 10_000; o++) builder.option(`o${o}`, o, [[place, 1]], [[wallet, o]])
      }
    })
    // Two needs that share a wallet this finely are a subset-sum: the search ends early, the bound is loose.
    expect(solution.value).toBe(9000)
    expect(solution.bound).toBeLessThanOrEqual(18_000)
  })

  test('figures close to 2^53', () => {
    const most = Number.MAX_SAFE_INTEGER
    const solution = solved((builder) => {
      const fund = builder.account('fund', most)
      builder.resident('r')
      builder.need('n')
      builder.option('o', most, [[fund, most]], [])
    })
    expect(solution).toMatchObject({ value: most, bound: most })
  })

  test('a resident whose private choices are too many to search exactly still gets a valid bound', () => {
    const solution = solved((builder) => {
      builder.resident('r')
      const wallet = builder.privateAccount('wallet', 1000)
      for (let n = 0; n < 40; n++) {
        builder.need(`n${n}`)
        for (let o = 1; o <= 5; o++)
          builder.option(`o${o}`, 20 * o + (n % 7), [], [[wallet, 17 * o + (n % 5)]])
      }
    })
    expect(solution.value).toBeGreaterThan(0)
    expect(solution.bound).toBeGreaterThanOrEqual(solution.value)
  })
})

describe('refusals', () => {
  const empty = createProblemBuilder().build()

  test.each([
    [{ rounds: 0 }, 'The number of rounds must be a positive integer, not 0.'],
    [{ rounds: 1.5 }, 'The number of rounds must be a positive integer, not 1.5.'],
    [{ seconds: 1 }, 'A limit in seconds needs a clock: pass `now`.'],
    [{ warmPrices: new Float64Array(2) }, 'Warm prices are for 2 accounts, not for 0.'],
    [
      { warmPrices: Float64Array.of(), rounds: -1 },
      'The number of rounds must be a positive integer, not -1.',
    ],
  ])('%j', (options, sentence) => {
    expect(() => solve(empty, options)).toThrow(new RangeError(sentence))
  })
})
