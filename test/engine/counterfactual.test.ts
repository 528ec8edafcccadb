import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyAssignment, fits, take } from '../../src/engine/assignment.ts'
import {
  type Counterfactual,
  createCounterfactuals,
  createVerifier,
  verifyChange,
} from '../../src/engine/counterfactual.ts'
import type { AccountRef } from '../../src/engine/neighborhood-problem.ts'
import { createProblemBuilder, needCount, type ProblemRows, rowsOf } from '../../src/engine/problem.ts'
import { type Solution, solve } from '../../src/engine/solve.ts'
import { smallProblem } from './support/arbitrary.ts'
import { smallestRaises } from './support/counterfactual-oracle.ts'
import { syntheticTown } from './support/town.ts'

type Listed = { utility: number; uses: [number, number][]; wallet?: number }

/** One resident per need, each with a wallet of 5. */
function problemOf(limits: number[], needs: Listed[][]) {
  const builder = createProblemBuilder()
  limits.forEach((limit, k) => {
    builder.account(`a${k}`, limit)
  })
  needs.forEach((options, n) => {
    builder.resident(`r${n}`)
    const own = builder.privateAccount('wallet', 5)
    builder.need(`n${n}`)
    options.forEach(({ utility, uses, wallet }, o) => {
      builder.option(`o${o}`, utility, uses, wallet === undefined ? [] : [[own, wallet]])
    })
  })
  return builder.build()
}

/** A solution that holds `choice`, at prices of 1 per unit unless others are given. */
function solutionOf(rows: ProblemRows, choice: number[], prices?: number[]): Solution {
  return {
    choice: Int32Array.from(choice),
    value: 0,
    bound: 0,
    gap: 0,
    prices: prices ? Float64Array.from(prices) : new Float64Array(rows.limits.length).fill(1),
    scale: 1,
    rounds: 0,
    unmetFloors: [],
  }
}

/** The answer for the last need, which the verifier must confirm. */
function ask(rows: ProblemRows, solution: Solution, need = needCount(rows) - 1): Counterfactual {
  const answer = createCounterfactuals(rows, solution)(need)
  expect(createVerifier(rows, solution)(answer).holds).toBe(true)
  return answer
}

const place = (utility: number, account = 0, amount = 1): Listed => ({ utility, uses: [[account, amount]] })

describe('the smallest single change', () => {
  test('is one more place where nobody else wants it', () => {
    const rows = problemOf([2], [[place(30)], [place(20)], [place(10)]])
    expect(ask(rows, solutionOf(rows, [0, 1, -1]))).toMatchObject({
      outcome: 'change',
      change: { kind: 'shared', account: 0, by: 1 },
      option: 2,
      others: [],
    })
  })

  test('is enough for everybody who comes first as well', () => {
    const rows = problemOf([1], [[place(30)], [place(20)], [place(10)]])
    expect(ask(rows, solutionOf(rows, [0, -1, -1]))).toMatchObject({
      change: { by: 2 },
      others: [{ need: 1, from: -1, to: 1 }],
    })
  })

  test('does not hang on a lot: an equal claim must be met too', () => {
    const rows = problemOf([1], [[place(30)], [place(10)], [place(10)]])
    expect(ask(rows, solutionOf(rows, [0, -1, -1]))).toMatchObject({ change: { by: 2 } })
  })

  test('is smaller where others can step aside', () => {
    // As things stand the last need lacks 4; the first can leave 3 of them for little.
    const rows = problemOf([5, 3], [[place(30, 0, 3), place(28, 1, 3)], [place(20, 0, 2)], [place(10, 0, 4)]])
    expect(ask(rows, solutionOf(rows, [0, 2, -1]))).toMatchObject({
      change: { kind: 'shared', account: 0, by: 1 },
      others: [{ need: 0, from: 0, to: 1 }],
    })
  })

  test('may be money of the resident’s own', () => {
    const rows = problemOf([0], [[place(10), { utility: 9, uses: [], wallet: 6 }]])
    expect(ask(rows, solutionOf(rows, [-1], [20]))).toMatchObject({
      change: { kind: 'private', account: 0, by: 1 },
      option: 1,
    })
    expect(ask(rows, solutionOf(rows, [-1], [1]))).toMatchObject({ change: { kind: 'shared', by: 1 } })
  })

  test('is none where every option lacks two things, or is worth less than what it takes away', () => {
    const both: Listed = {
      utility: 9,
      uses: [
        [0, 1],
        [1, 1],
      ],
    }
    const alone = problemOf([0, 0], [[both]])
    expect(ask(alone, solutionOf(alone, [-1]))).toMatchObject({ outcome: 'none', reason: 'blocked' })
    const poor = problemOf([1, 0], [[place(30)], [both]])
    expect(ask(poor, solutionOf(poor, [0, -1]))).toMatchObject({ outcome: 'none', reason: 'outranked' })
    const empty = problemOf([], [[]])
    expect(ask(empty, solutionOf(empty, [-1]))).toMatchObject({ outcome: 'none', reason: 'blocked' })
  })

  test('is none needed where the solution is not the best', () => {
    const rows = problemOf([1], [[place(10)], [place(30)]])
    const solution = solutionOf(rows, [0, -1])
    expect(ask(rows, solution)).toMatchObject({
      outcome: 'unneeded',
      change: { by: 0 },
      others: [{ need: 0, from: 0, to: -1 }],
    })
  })

  test('leaves floors held up', () => {
    // The first need would gladly take the new place too, but the floor of the second account keeps it there.
    const rows = problemOf([0, 9], [[place(30), place(15, 1)], [place(10)]])
    const solution = solutionOf(rows, [1, -1])
    expect(ask(rows, solution)).toMatchObject({ change: { by: 2 }, others: [{ need: 0, from: 1, to: 0 }] })
    const floored = { ...rows, floors: Float64Array.of(0, 1) }
    expect(ask(floored, { ...solution, prices: Float64Array.of(9, -20) })).toMatchObject({
      change: { by: 1 },
      others: [],
    })
  })
})

test('a need that is met, or does not exist, is refused', () => {
  const rows = problemOf([1], [[place(30)]])
  const counterfactual = createCounterfactuals(rows, solutionOf(rows, [0]))
  expect(() => counterfactual(0)).toThrow(new RangeError('Need number 0 is met.'))
  expect(() => counterfactual(1)).toThrow(new RangeError('There is no need number 1.'))
})

/** Any feasible assignment: options are taken in the order of their draws while they fit. */
function someChoice(rows: ProblemRows, draws: readonly number[]): Int32Array {
  const assignment = emptyAssignment(rows)
  for (let need = 0; need < needCount(rows); need++) {
    const options = rows.needOptions[need + 1]! - rows.needOptions[need]!
    const option = rows.needOptions[need]! + (draws[need]! % (options + 1))
    if (option < rows.needOptions[need + 1]! && fits(rows, assignment, option)) {
      take(rows, assignment, need, option)
    }
  }
  return assignment.choice
}

/** Small problems with any feasible assignment, floors that it need not reach, and any prices. */
const smallSolution = fc
  .record({
    problem: smallProblem.filter((problem) => needCount(problem) <= 7),
    draws: fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 12, maxLength: 12 }),
    floors: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 }),
    prices: fc.array(fc.integer({ min: -12, max: 24 }), { minLength: 3, maxLength: 3 }),
    hasFloors: fc.boolean(),
  })
  .map(({ problem, draws, floors, prices, hasFloors }) => {
    const all = rowsOf(problem)
    const low = floors.map((floor, account) => (hasFloors ? Math.min(floor, all.limits[account]!) : 0))
    const rows = { ...all, floors: Float64Array.from(low) }
    const choice = someChoice(rows, draws)
    return { rows, solution: { ...solutionOf(rows, [...choice], prices), scale: 4 } }
  })

test('in small problems, the answers are those of plain enumeration', () => {
  const seen = { change: 0, unneeded: 0, none: 0 }
  fc.assert(
    fc.property(smallSolution, ({ rows, solution }) => {
      const accounts: AccountRef[] = [
        ...Array.from(rows.limits.keys(), (account) => ({ kind: 'shared', account }) as const),
        ...Array.from(rows.privateLimits.keys(), (account) => ({ kind: 'private', account }) as const),
      ]
      const raises = accounts.map((raised) => smallestRaises(rows, raised, solution.choice))
      const counterfactual = createCounterfactuals(rows, solution)
      const verify = createVerifier(rows, solution)
      for (const [need, option] of solution.choice.entries()) {
        if (option >= 0) continue
        const answer = counterfactual(need)
        seen[answer.outcome]++
        expect(verify(answer).holds).toBe(true)
        const own = accounts.flatMap((raised, index) =>
          uses(rows, need, raised) && raises[index]![need]! >= 0
            ? [{ raised, by: raises[index]![need]! }]
            : [],
        )
        if (answer.outcome === 'none') {
          expect(own).toEqual([])
          continue
        }
        const { kind, account, by } = answer.change
        expect(own).toContainEqual({ raised: { kind, account }, by })
        if (kind === 'private') continue
        const costs = own
          .filter(({ raised }) => raised.kind === 'shared')
          .map(({ raised, by: raise }) => Math.max(0, solution.prices[raised.account]!) * raise)
        expect(Math.max(0, solution.prices[account]!) * by).toBe(Math.min(...costs))
      }
    }),
    { numRuns: 300 },
  )
  expect(Math.min(seen.change, seen.unneeded, seen.none)).toBeGreaterThan(20)
})

function uses(rows: ProblemRows, need: number, { kind, account }: AccountRef): boolean {
  const starts = kind === 'shared' ? rows.optionUses : rows.optionPrivateUses
  const accounts = kind === 'shared' ? rows.useAccounts : rows.privateUseAccounts
  const first = starts[rows.needOptions[need]!]!
  return accounts.subarray(first, starts[rows.needOptions[need + 1]!]!).includes(account)
}

test('in a town, every answer verifies, and a wrong one does not', () => {
  const town = syntheticTown({ needs: 500, seed: 5, lump: 3 })
  const solution = solve(town, { rounds: 30 })
  const counterfactual = createCounterfactuals(town, solution)
  const verify = createVerifier(town, solution)
  let changes = 0
  for (const [need, option] of solution.choice.entries()) {
    if (option >= 0) continue
    const answer = counterfactual(need)
    expect(verify(answer)).toMatchObject({ holds: true })
    expect(counterfactual(need)).toEqual(answer)
    if (answer.outcome !== 'change') continue
    const { change, size } = answer
    for (const wrong of [
      { ...change, by: change.by + 1 },
      { ...change, by: change.by - 1 },
    ]) {
      expect(verify({ ...answer, change: wrong }).holds).toBe(false)
    }
    if (changes++ > 0) continue
    expect(verifyChange(town, solution, need, change, size)).toEqual({
      holds: true,
      met: true,
      metWithLess: false,
    })
  }
  expect(changes).toBeGreaterThan(20)
})

test('where a search would take too long, fewer needs may move, and the answer still holds', () => {
  const town = syntheticTown({ needs: 300, seed: 6, lump: 3 })
  const solution = solve(town, { rounds: 30 })
  const hasty = createCounterfactuals(town, solution, { nodes: 40 })
  const verify = createVerifier(town, solution)
  const unmet = [...solution.choice.keys()].filter((need) => solution.choice[need]! < 0)
  const answers = unmet.map(hasty)
  expect(answers.every((answer) => verify(answer).holds)).toBe(true)
  expect(Math.min(...answers.map(({ size }) => size))).toBeLessThan(8)
  const small = createVerifier(town, solution, { size: 4 })
  const large = answers.find(({ size }) => size > 4)!
  expect(() => small(large)).toThrow(RangeError)
})
