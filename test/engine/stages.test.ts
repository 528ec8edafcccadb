/** Staged problems: every stage a problem with a proof of its own, the whole in strict order. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certify } from '../../src/engine/certify.ts'
import { certifyFile } from '../../src/engine/certify-file.ts'
import { createProblemBuilder, needCount, type Problem } from '../../src/engine/problem.ts'
import { readProblem } from '../../src/engine/problem-file.ts'
import { writeResult } from '../../src/engine/result-file.ts'
import { solve } from '../../src/engine/solve.ts'
import { stageProblem } from '../../src/engine/stage-rows.ts'
import { type StagedSolution, solveInStages } from '../../src/engine/stages.ts'
import { smallProblem, smallProblemWithFloors } from './support/arbitrary.ts'
import { bestOfStage, isFeasible, totalUtility } from './support/oracle.ts'
import { bitsOf, fileOf } from './support/problem-files.ts'
import { syntheticTown } from './support/town.ts'

const STAGES = 3
const anyStages = fc.array(fc.nat({ max: STAGES - 1 }), { minLength: 12, maxLength: 12 })
const stagesFor = (problem: Problem, any: readonly number[]) => any.slice(0, needCount(problem))

/** What needs of a stage get from a choice. */
const worthOf = (problem: Problem, stageOfNeed: readonly number[], choice: Int32Array, stage: number) =>
  totalUtility(
    problem,
    choice.map((option, need) => (stageOfNeed[need] === stage ? option : -1)),
  )

/** Everything that a staged solution says, checked against its stages' problems. */
function checkStages(problem: Problem, stageOfNeed: readonly number[], staged: StagedSolution) {
  expect(isFeasible(problem, staged.choice)).toBe(true)
  expect(staged.value).toBe(totalUtility(problem, staged.choice))
  const gets = staged.stages.map((_, stage) => worthOf(problem, stageOfNeed, staged.choice, stage))
  for (const [stage, { kept, solution }] of staged.stages.entries()) {
    expect(solution.value).toBe(gets[stage])
    for (const [earlier, floor] of kept.entries()) expect(gets[earlier]).toBeGreaterThanOrEqual(floor)
    const own = stageProblem(problem, stageOfNeed, stage, kept)
    expect(bitsOf(readProblem(fileOf(own)))).toEqual(
      bitsOf({ ...own, names: readProblem(fileOf(own)).names }),
    )
    const proven = { ok: true, value: solution.value, bound: solution.bound }
    expect(certify(own, solution)).toEqual(proven)
    expect(certifyFile(fileOf(own), JSON.parse(JSON.stringify(writeResult(own, solution))))).toEqual(proven)
  }
}

describe('small random problems', () => {
  const check = (problem: Problem, any: readonly number[]) => {
    const stageOfNeed = stagesFor(problem, any)
    const staged = solveInStages(problem, stageOfNeed, { rounds: 10, stages: STAGES })
    if (staged.unmetFloors.length > 0) return false
    expect(staged.stages.length).toBe(STAGES)
    checkStages(problem, stageOfNeed, staged)
    for (const [stage, { kept, solution }] of staged.stages.entries()) {
      const optimum = bestOfStage(problem, stageOfNeed, stage, kept)!
      expect(solution.value).toBeLessThanOrEqual(optimum)
      expect(solution.bound).toBeGreaterThanOrEqual(optimum)
    }
    return true
  }

  test('no stage is worth more than its optimum beside what the earlier ones keep, nor is that above its bound', () => {
    fc.assert(
      fc.property(smallProblem, anyStages, (problem, any) => {
        expect(check(problem, any)).toBe(true)
      }),
      { seed: 81, numRuns: 250 },
    )
  })

  test('nor with floors of their own, which needs of any stage may have to meet', () => {
    let met = 0
    fc.assert(
      fc.property(smallProblemWithFloors, anyStages, (problem, any) => {
        if (check(problem, any) && problem.floors.some((floor) => floor > 0)) met++
      }),
      { seed: 82, numRuns: 250 },
    )
    expect(met).toBeGreaterThan(20)
  })
})

/** One place; a cheap need of the first stage wants it, and a dear one of the second. */
function onePlace(): Problem {
  const builder = createProblemBuilder()
  const place = builder.account('place', 1)
  builder.account('stage:0', 5)
  builder.resident('r')
  for (const [id, utility] of [
    ['cheap', 1],
    ['dear', 100],
  ] as const) {
    builder.need(id)
    builder.option('there', utility, [[place, 1]], [])
  }
  return builder.build()
}

describe('the order', () => {
  test('is strict: the least of an earlier stage goes before any amount of a later one', () => {
    const problem = onePlace()
    expect(solve(problem).choice).toEqual(Int32Array.of(-1, 1))
    expect(solveInStages(problem, [0, 1]).choice).toEqual(Int32Array.of(0, -1))
    expect(solveInStages(problem, [1, 0]).choice).toEqual(Int32Array.of(-1, 1))
  })

  test('one stage for all is the plain problem, option for option', () => {
    const town = syntheticTown({ needs: 120, seed: 6, options: 8 })
    const staged = solveInStages(town, new Uint8Array(120), { rounds: 20, seed: 4 })
    const { choice, value, bound, gap, rounds, unmetFloors } = solve(town, { rounds: 20, seed: 4 })
    expect(staged).toMatchObject({ choice, value, bound, gap, rounds, unmetFloors })
  })

  test('accounts of stages have ids of their own', () => {
    const problem = stageProblem(onePlace(), [0, 1], 1, [1])
    expect(problem.names.accounts).toEqual(['place', 'stage:0', "stage:0'"])
    expect([...problem.floors]).toEqual([0, 0, 1])
    expect([...problem.utilities]).toEqual([0, 100])
  })
})

describe('a town', () => {
  const town = syntheticTown({ needs: 300, seed: 11 })
  const stageOfNeed = Array.from({ length: 300 }, (_, need) => (need * 7) % STAGES)
  const OPTIONS = { rounds: 40, seed: 2 }
  const staged = solveInStages(town, stageOfNeed, OPTIONS)

  test('every stage is proved, and the whole adds up', () => {
    checkStages(town, stageOfNeed, staged)
    const sum = (figure: 'value' | 'bound' | 'rounds') =>
      staged.stages.reduce((total, { solution }) => total + solution[figure], 0)
    expect(staged).toMatchObject({ value: sum('value'), bound: sum('bound'), rounds: sum('rounds') })
    expect(staged.gap).toBe((staged.bound - staged.value) / staged.bound)
  })

  test('the first stage gets what it would get alone, the weighted optimum gives it less', () => {
    const alone = solve(stageProblem(town, stageOfNeed, 0, []), OPTIONS)
    const first = staged.stages[0]!.solution
    expect(first.value).toBeGreaterThanOrEqual(alone.value)
    expect(first.bound).toBe(alone.bound)
    const weighted = solve(town, OPTIONS)
    expect(first.value).toBeGreaterThan(worthOf(town, stageOfNeed, weighted.choice, 0))
    expect(staged.value).toBeLessThan(weighted.value)
  })

  test('is the same to the bit every time, and stops in time with something feasible', () => {
    expect(solveInStages(town, stageOfNeed, OPTIONS)).toEqual(staged)
    let clock = 0
    const hurried = solveInStages(town, stageOfNeed, { ...OPTIONS, seconds: 0.03, now: () => clock++ })
    expect(hurried.rounds).toBeLessThan(staged.rounds)
    checkStages(town, stageOfNeed, hurried)
  })

  test('rounds are reported with their stage and count through', () => {
    const seen: [stage: number, round: number][] = []
    const { rounds } = solveInStages(town, stageOfNeed, {
      ...OPTIONS,
      onRound: ({ stage, round }) => seen.push([stage, round]),
    })
    expect(seen.at(-1)).toEqual([2, rounds])
    for (const [i, [stage, round]] of seen.entries()) {
      const [stageBefore, roundBefore] = seen[i - 1] ?? [0, 0]
      expect(round).toBeGreaterThan(roundBefore)
      expect([stageBefore, stageBefore + 1]).toContain(stage)
    }
  })
})

test.each<[string, ArrayLike<number>]>([
  ['There are stages for 1 needs, not for 2.', [0]],
  ['The stage of need number 1 must be an integer from 0 on, not -1.', [0, -1]],
  ['The stage of need number 0 must be an integer from 0 on, not 0.5.', [0.5, 1]],
])('%s', (sentence, stageOfNeed) => {
  expect(() => solveInStages(onePlace(), stageOfNeed)).toThrow(new RangeError(sentence))
})

test('what `solve` refuses is refused', () => {
  expect(() => solveInStages(onePlace(), [0, 1], { seconds: 1 })).toThrow(RangeError)
  expect(() => solveInStages(onePlace(), [0, 1], { rounds: 0 })).toThrow(RangeError)
})
