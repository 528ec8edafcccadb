/** The pure parts of `scripts/bench-engine.ts`: what peers are asked and answer, and what is computed from measurements. */
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { logScale } from '../../scripts/bench/axes.ts'
import { changeTown } from '../../scripts/bench/changed-town.ts'
import { growthOf, type MedianTown, median, medians, type TownFigures } from '../../scripts/bench/figures.ts'
import { readHighsReply, solveWithHighs } from '../../scripts/bench/highs.ts'
import { lpModel } from '../../scripts/bench/lp-model.ts'
import {
  NOT_INSTALLED,
  readCbcAnswer,
  readGlpsolAnswer,
  solveWithNativeSolvers,
} from '../../scripts/bench/native-solvers.ts'
import { judge } from '../../scripts/bench/peer-answer.ts'
import { readPlan, readRounds, WrongArgument } from '../../scripts/bench/plan.ts'
import { syntheticTown } from '../../scripts/bench/town.ts'
import { createProblemBuilder } from '../../src/engine/problem.ts'
import { smallProblemWithFloors } from '../engine/support/arbitrary.ts'
import { bruteForceBest } from '../engine/support/oracle.ts'

/** Two needs of one resident who can pay one of them, and a fund with a floor. */
function tinyProblem() {
  const builder = createProblemBuilder()
  const fund = builder.account('fund', 9, 2)
  builder.account('unused', 4)
  builder.resident('r')
  const wallet = builder.privateAccount('wallet', 5)
  builder.need('first')
  builder.option('paid', 7, [[fund, 3]], [[wallet, 4]])
  builder.option('free', 5, [[fund, 1]], [])
  builder.need('nothing offered')
  builder.need('second')
  builder.option('paid', 6, [[fund, 2]], [[wallet, 3]])
  return builder.build()
}

describe('the model that peers get', () => {
  test('has a column per option, and a row per need, limit, floor and private limit that is used', () => {
    const lines = [
      'Maximize',
      'obj: 7 x0\n + 5 x1\n + 6 x2',
      'Subject To',
      'n0: x0\n + x1 <= 1',
      'n2: x2 <= 1',
      's0: 3 x0\n + 1 x1\n + 2 x2 <= 9',
      'f0: 3 x0\n + 1 x1\n + 2 x2 >= 2',
      'p0: 4 x0\n + 3 x2 <= 5',
      'Binary',
      'x0\nx1\nx2',
      'End',
    ]
    expect(lpModel(tinyProblem())).toBe(`${lines.join('\n')}\n`)
  })

  test('has the optimum of the problem', async () => {
    await fc.assert(
      fc.asyncProperty(smallProblemWithFloors, async (problem) => {
        fc.pre(problem.utilities.length > 0)
        const { value } = await solveWithHighs(problem, 10)
        expect(value).toBe(bruteForceBest(problem)?.value ?? null)
      }),
      { seed: 11, numRuns: 200 },
    )
  })
})

describe('answers of peers', () => {
  const highs = (ObjectiveValue: number, ones: number[]) => ({
    Status: 'Time limit reached',
    ObjectiveValue,
    Columns: Object.fromEntries(
      [0, 1, 2].map((x) => [`x${x}`, { Primal: ones.includes(x) ? 0.9999999 : -0 }]),
    ),
  })

  test('HiGHS', () => {
    expect(readHighsReply(highs(11, [1, 2])).chosen).toEqual([1, 2])
    expect(readHighsReply(highs(Number.POSITIVE_INFINITY, []))).toEqual({
      status: 'Time limit reached',
      chosen: null,
    })
  })

  test('glpsol', () => {
    const answer = (status: string) =>
      `c Status:     INTEGER\nc Objective:  obj = 11 (MAXimum)\nc\ns mip 2 3 ${status} 11\ni 1 1\ni 2 1\nj 1 0\nj 2 1\nj 3 1\ne o f\n`
    expect(readGlpsolAnswer(answer('o'))).toEqual({ status: 'optimal', chosen: [1, 2] })
    expect(readGlpsolAnswer(answer('f'))).toEqual({ status: 'feasible', chosen: [1, 2] })
    expect(readGlpsolAnswer(answer('u'))).toEqual({ status: 'nothing found', chosen: null })
    expect(readGlpsolAnswer(answer('n'))).toEqual({ status: 'infeasible', chosen: null })
    expect(readGlpsolAnswer('').chosen).toBeNull()
  })

  test('cbc', () => {
    const columns =
      '      1 x1                     1                 5\n**    2 x2            0.99999999    130143.39\n'
    expect(readCbcAnswer(`Optimal - objective value 11.00000000\n${columns}`)).toEqual({
      status: 'optimal',
      chosen: [1, 2],
    })
    expect(readCbcAnswer(`Stopped on time - objective value 11.00000000\n${columns}`)).toEqual({
      status: 'stopped on time',
      chosen: [1, 2],
    })
    const none = 'Stopped on time (no integer solution - continuous used) - objective value 19.2\n'
    expect(readCbcAnswer(none + columns)).toEqual({
      status: 'stopped on time, no integer solution',
      chosen: null,
    })
    expect(readCbcAnswer(`Infeasible - objective value 5.00000000\n${columns}`).chosen).toBeNull()
  })

  test('are counted by us, and only where they are feasible', () => {
    const problem = tinyProblem()
    const worth = (chosen: number[]) => judge(problem, { status: 'optimal', chosen })
    expect(worth([1, 2])).toEqual({ status: 'optimal', value: 11 })
    const refused = { status: 'optimal, but not feasible', value: null }
    expect(worth([0, 2]), 'beyond the wallet').toEqual(refused)
    expect(worth([0, 1]), 'two options of a need').toEqual(refused)
    expect(worth([1]), 'below the floor').toEqual(refused)
    expect(worth([3]), 'no such option').toEqual(refused)
    expect(judge(problem, { status: 'late', chosen: null })).toEqual({ status: 'late', value: null })
  })

  describe('that are not installed', () => {
    afterEach(() => vi.unstubAllEnvs())

    test('say so', async () => {
      vi.stubEnv('PATH', '')
      const outcomes = await solveWithNativeSolvers(tinyProblem(), 1, 1)
      expect(outcomes.map(({ peer, status, value }) => [peer, status, value])).toEqual([
        ['glpsol', NOT_INSTALLED, null],
        ['cbc', NOT_INSTALLED, null],
      ])
    })
  })
})

describe('arguments', () => {
  test('rounds are one number, or one from each size on', () => {
    expect(readRounds('7')(123)).toBe(7)
    const rounds = readRounds('10000:100,1000:400')
    expect([1, 1000, 9999, 10_000, 1_000_000].map(rounds)).toEqual([400, 400, 400, 100, 100])
  })

  test('no sizes are none, lists are lists', () => {
    expect(readPlan(['--sizes', 'none']).sizes).toEqual([])
    expect(readPlan(['--sizes', '5,60', '--seeds', '1,2,3'])).toMatchObject({
      sizes: [5, 60],
      seeds: [1, 2, 3],
    })
  })

  test.each([
    [['--rounds', '100:'], '--rounds'],
    [['--rounds', '100:2:3'], '--rounds'],
    [['--rounds', '0'], '--rounds'],
    [['--sizes', '1e3x'], '--sizes'],
    [['--sizes', ''], '--sizes'],
    [['--seconds', ''], '--seconds'],
    [['--highs', '-1'], '--highs'],
    [['--tyops'], '--tyops'],
  ])('%j is refused', (args, named) => {
    expect(() => readPlan(args)).toThrow(WrongArgument)
    expect(() => readPlan(args)).toThrow(named)
  })
})

describe('figures', () => {
  const town = (needs: number, seconds: number, gap: number) =>
    ({ needs, options: needs * 20, rounds: 9, seconds, gap }) as TownFigures

  test('medians', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 100])).toBe(3)
    const rows = medians([town(20, 8, 0.1), town(10, 5, 0.1), town(10, 1, 0.3), town(10, 2, 0.2)])
    expect(rows.map(({ needs, seeds, seconds, gap }) => [needs, seeds, seconds, gap])).toEqual([
      [10, 3, 2, 0.2],
      [20, 1, 8, 0.1],
    ])
  })

  const row = (needs: number, microsPerOption: number, peakMemoryMb: number, rounds = 9) => {
    const options = needs * 16
    const bytesPerOption = ((peakMemoryMb - 100) * 2 ** 20) / options
    return {
      ...{ needs, options, rounds, microsPerOption, cpuMicrosPerOption: 1 },
      ...{ peakMemoryMb, bytesPerOption },
    } as MedianTown
  }

  test('growth counts from 10,000 needs on', () => {
    const growth = growthOf([
      row(1000, 99, 101),
      row(16_384, 4, 116),
      row(32_768, 5, 124),
      row(65_536, 3, 140),
    ])!
    expect(growth).toEqual({
      sizes: [16_384, 32_768, 65_536],
      seconds: { spread: 5 / 3, ends: 3 / 4 },
      cpuSeconds: { spread: 1, ends: 1 },
      bytes: { spread: 64 / 40, ends: 40 / 64 },
      bytesPerFurtherOption: [32, 32],
      roundsDiffer: false,
    })
  })

  test('growth of small towns, of different rounds, of no memory, of one size', () => {
    const growth = growthOf([row(100, 2, 99), row(200, 6, 101, 8)])!
    expect(growth).toMatchObject({ sizes: [100, 200], seconds: { ends: 3 }, bytes: null, roundsDiffer: true })
    expect(growthOf([row(100, 2, 110)])).toBeNull()
  })

  test('an axis goes around the values, in steps that fit', () => {
    const scale = logScale([3, 700], 0, 100)
    expect(scale.ticks).toEqual([2, 5, 10, 20, 50, 100, 200, 500, 1000])
    expect([scale.at(2), scale.at(1000)]).toEqual([0, 100])
    expect(logScale([1000, 1_000_000, 1_200_000], 0, 1).ticks).toEqual([1e3, 1e4, 1e5, 1e6, 1e7])
    expect(logScale([5], 0, 1).ticks).toEqual([5, 10])
  })
})

test('a changed town has so many other limits, by at most a fifth, and nothing else', () => {
  const before = syntheticTown({ needs: 3000, seed: 2 })
  const { problem, capacities, wallets } = changeTown(before, 5)
  const places = (now: ArrayLike<number>, then: ArrayLike<number>) =>
    Array.from(now).flatMap((limit, place) => (limit === then[place] ? [] : [place]))
  const shared = places(problem.limits, before.limits)
  const own = places(problem.privateLimits, before.privateLimits)
  const all = before.names.accounts.filter((name) => name.startsWith('capacity:')).length
  expect([shared.length, own.length]).toEqual([capacities, wallets])
  expect(capacities).toBe(Math.ceil(all * 0.02))
  expect(wallets).toBe(Math.ceil(before.names.residents.length * 0.01))
  expect(shared.every((account) => before.names.accounts[account]!.startsWith('capacity:'))).toBe(true)
  expect(own.every((account) => before.names.privateAccounts.at(account) === 'wallet')).toBe(true)
  for (const account of own) {
    const [now, then] = [problem.privateLimits[account]!, before.privateLimits[account]!]
    expect(Math.abs(now - then)).toBeLessThanOrEqual(then * 0.2)
  }
  expect(problem.utilities).toBe(before.utilities)
  expect(Array.from(changeTown(before, 5).problem.limits)).toEqual(Array.from(problem.limits))
})
