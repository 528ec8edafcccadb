/**
 * Every problem of seven small universes, solved, certified and compared with its true optimum.
 *
 * A universe is a short list of kinds of options, the most options that a need may have, a number of residents,
 * and a list of limits. All its problems are there, up to these symmetries: residents are not told apart (a
 * multiset of them is one problem), nor the options of a need, nor the needs of a resident. A need has no two
 * options of the same kind, and none at all is among the choices: four residents, one of whom has no options,
 * stand for three.
 */
import { describe, expect, test } from 'vitest'
import { certify } from '../../src/engine/certify.ts'
import { firstShortfall } from '../../src/engine/floors.ts'
import type { Problem } from '../../src/engine/problem.ts'
import { solve } from '../../src/engine/solve.ts'
import { bruteForceBest, isFeasible, totalUtility } from './support/oracle.ts'
import {
  type Household,
  type Kind,
  type Market,
  multisets,
  optimumOf,
  problemOf,
  range,
  subsets,
  tuples,
  under,
} from './support/universe.ts'

interface Universe {
  readonly what: string
  readonly households: readonly (readonly Household[])[]
  readonly markets: readonly Market[]
  /** Problems in it, and how many of them no assignment can solve for their floors. */
  readonly problems: number
  readonly hopeless?: number
  /**
   * How many of the others the engine may miss the optimum of, and how many it may leave below a floor: half as
   * many again as it does.
   */
  readonly worse: number
  readonly belowFloor?: number
  /** How many gaps are 0, at least. The rest is mostly slack of the bound. */
  readonly closed: number
}

const ROUNDS = 10

/** Residents with one need each. */
const single = (kinds: readonly Kind[], most: number): Household[] =>
  subsets(kinds, most).map((menu) => ({ needs: [menu] }))
/** Residents with two needs each and `wallet` to pay both. */
const double = (kinds: readonly Kind[], most: number, wallet: number): Household[] =>
  multisets(subsets(kinds, most), 2).map((needs) => ({ needs, wallet }))
const limitsOf = (limits: number[][]): Market[] => limits.map((limit) => ({ limits: limit }))

// biome-ignore format: kinds in columns
const UNIVERSES: readonly Universe[] = [
  {
    what: '4 residents × ≤ 3 options, one account of 1 to 6, utilities 2 and 3, uses 1 and 2',
    households: multisets(single([[2, [1]], [3, [1]], [2, [2]], [3, [2]]], 3), 4),
    markets: limitsOf(tuples(range(1, 6))),
    problems: 18_360, worse: 0, closed: 18_000,
  },
  {
    what: '2 residents × ≤ 3 options, one account of 1 or 2, utilities 1 to 3, uses 0 to 2',
    households: multisets(single(tuples(range(1, 3), range(0, 2)).map(([u, a]): Kind => [u!, [a!]]), 3), 2),
    markets: limitsOf(tuples(range(1, 2))),
    problems: 17_030, worse: 0, closed: 16_900,
  },
  {
    what: '4 residents × ≤ 3 options, two accounts of 0 to 4, each alone or both at once',
    households: multisets(single([[2, [1, 0]], [2, [0, 1]], [3, [1, 1]]], 3), 4),
    markets: limitsOf(tuples(range(0, 4), range(0, 4))),
    problems: 8250, worse: 0, closed: 8200,
  },
  {
    what: '4 residents × ≤ 3 options, three accounts in pairs: their LP has no integer optimum',
    households: multisets(single([[2, [1, 1, 0]], [2, [0, 1, 1]], [2, [1, 0, 1]], [1, [1, 0, 0]]], 3), 4),
    markets: limitsOf([[1, 1, 1], [2, 1, 1], [2, 2, 1], [2, 2, 2]]),
    problems: 12_240, worse: 4, closed: 11_600,
  },
  {
    what: '2 residents × 2 needs × ≤ 2 options, wallets of 2 or 3 (the same for both), one account of 2 or 3',
    households: range(2, 3).flatMap((wallet) =>
      multisets(double([[2, [1], 1], [3, [1], 2], [2, [0], 2], [3, [2], 0]], 2, wallet), 2)),
    markets: limitsOf(tuples(range(2, 3))),
    problems: 8844, worse: 20, closed: 8300,
  },
  {
    what: '3 residents × ≤ 3 options, one account of 1 to 5 with every floor, utilities 0 and 3',
    households: multisets(single([[0, [1]], [0, [2]], [3, [1]], [3, [2]]], 3), 3),
    markets: range(1, 5).flatMap((limit) => range(1, limit).map((floor) => ({ limits: [limit], floors: [floor] }))),
    problems: 10_200, hopeless: 453, worse: 0, closed: 8400,
  },
  {
    what: '3 residents × ≤ 3 options, two accounts of 2 or 3 with floors of 0 or 1, and 1 or 2',
    households: multisets(single([[2, [1, 0]], [0, [0, 1]], [3, [1, 1]], [1, [0, 2]]], 3), 3),
    markets: tuples([2, 3], [2, 3]).flatMap((limits) =>
      tuples([0, 1], [1, 2]).map((floors) => ({ limits, floors }))),
    problems: 10_880, hopeless: 424, worse: 9, closed: 10_100,
  },
]

/** What is wrong with the engine's answer to one problem, if anything; counts how good it is. */
function examine(households: readonly Household[], market: Market, base: Problem, tally: Tally) {
  const problem = under(base, market)
  const solution = solve(problem, { rounds: ROUNDS })
  const { choice, value, bound, gap, unmetFloors } = solution
  const optimum = optimumOf(households, market)
  tally.problems++
  if (bruteForceBest(problem)?.value !== optimum) return 'two enumerations differ'
  if (unmetFloors.length > 0) {
    const cause = firstShortfall(problem, solution)?.cause
    if (optimum === undefined) tally.hopeless++
    else tally.belowFloor++
    return optimum !== undefined && cause !== 'not_found' ? `calls it ${cause}` : undefined
  }
  if (optimum === undefined || !isFeasible(problem, choice)) return 'not feasible'
  if (totalUtility(problem, choice) !== value) return 'another value'
  if (value > optimum || bound < optimum) return `${value} ≤ ${optimum} ≤ ${bound} is not so`
  const certificate = certify(problem, solution)
  if (!certificate.ok || certificate.value !== value || certificate.bound !== bound) return 'not certified'
  if (value < optimum) tally.worse++
  if ((gap === 0) !== (value === bound)) return `a gap of ${gap}`
  if (gap === 0) tally.closed++
  return undefined
}

const newTally = () => ({ problems: 0, hopeless: 0, worse: 0, belowFloor: 0, closed: 0 })
type Tally = ReturnType<typeof newTally>

describe('value ≤ optimum ≤ bound, on all of', () => {
  test.each(UNIVERSES)('$what', ({ households, markets, ...expected }) => {
    const tally = newTally()
    const wrong: unknown[] = []
    for (const residents of households) {
      const base = problemOf(residents, markets[0]!.limits.length)
      for (const market of markets) {
        const fault = examine(residents, market, base, tally)
        if (fault !== undefined) wrong.push([fault, residents, market])
      }
    }
    expect(wrong.slice(0, 3)).toEqual([])
    expect(tally.problems).toBe(expected.problems)
    expect(tally.hopeless).toBe(expected.hopeless ?? 0)
    expect(tally.worse).toBeLessThanOrEqual(expected.worse)
    expect(tally.belowFloor).toBeLessThanOrEqual(expected.belowFloor ?? 0)
    expect(tally.closed).toBeGreaterThanOrEqual(expected.closed)
  })
})
