import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountRef } from '../../src/engine/neighborhood-problem.ts'
import { createProblemBuilder, needCount, type ProblemRows, rowsOf } from '../../src/engine/problem.ts'
import { createStagedCounterfactuals } from '../../src/engine/stage-counterfactuals.ts'
import { solveInStages } from '../../src/engine/stages.ts'
import { smallProblem } from './support/arbitrary.ts'
import { smallestRaises } from './support/counterfactual-oracle.ts'
import { syntheticTown } from './support/town.ts'

/** One option per need: so many places of one account. */
function queue(limit: number, needs: readonly (readonly [utility: number, places: number])[]): ProblemRows {
  const builder = createProblemBuilder()
  const place = builder.account('place', limit)
  needs.forEach(([utility, places], n) => {
    builder.resident(`r${n}`)
    builder.need(`n${n}`)
    builder.option('o', utility, [[place, places]], [])
  })
  return builder.build()
}

function ask(rows: ProblemRows, stageOfNeed: readonly number[], need: number) {
  const staged = solveInStages(rows, stageOfNeed, { rounds: 20 })
  expect(staged.choice[need]).toBe(-1)
  return createStagedCounterfactuals(rows, stageOfNeed, staged)(need)
}

test('a raise goes to earlier stages first, however little they make of it', () => {
  const rows = queue(1, [
    [10, 1],
    [1, 2],
    [900, 1],
  ])
  // One more place is too little for the need of the first stage that is worth next to nothing…
  expect(ask(rows, [0, 0, 1], 2)).toMatchObject({
    outcome: 'change',
    change: { kind: 'shared', account: 0, by: 1 },
    others: [],
  })
  // …but where it is enough, that need takes it.
  const alike = queue(1, [
    [10, 1],
    [1, 1],
    [900, 1],
  ])
  expect(ask(alike, [0, 0, 1], 2)).toMatchObject({
    change: { by: 2 },
    option: 2,
    others: [{ need: 1, from: -1, to: 1 }],
  })
})

test('later stages stand aside: what they hold counts as free', () => {
  const rows = queue(3, [
    [5, 2],
    [9, 2],
    [900, 1],
  ])
  // Stage 0 takes two of three places and lacks one for its other need; stage 1 holds the third.
  expect(ask(rows, [0, 0, 1], 0)).toMatchObject({ change: { by: 1 }, option: 0, others: [] })
})

test('options are named by their number in the whole problem', () => {
  const town = syntheticTown({ needs: 300, seed: 3, lump: 3 })
  const stageOfNeed = Array.from({ length: 300 }, (_, need) => need % 3)
  const staged = solveInStages(town, stageOfNeed, { rounds: 15 })
  const counterfactual = createStagedCounterfactuals(town, stageOfNeed, staged)
  let changes = 0
  for (const [need, choice] of staged.choice.entries()) {
    if (choice >= 0) continue
    const answer = counterfactual(need)
    if (answer.outcome === 'none') continue
    changes++
    for (const { need: moved, to } of [{ need, to: answer.option }, ...answer.others]) {
      if (to < 0) continue
      expect(to).toBeGreaterThanOrEqual(town.needOptions[moved]!)
      expect(to).toBeLessThan(town.needOptions[moved + 1]!)
    }
  }
  expect(changes).toBeGreaterThan(10)
})

/** Utilities as a need of `stage` sees them: a unit of an earlier stage outweighs all of its own, later ones are 0. */
function seenFrom(rows: ProblemRows, stageOfNeed: readonly number[], stage: number): ProblemRows {
  const utilities = Float64Array.from(rows.utilities)
  for (let need = 0; need < needCount(rows); need++) {
    const weight = stageOfNeed[need]! < stage ? 1000 : stageOfNeed[need] === stage ? 1 : 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      utilities[option] = utilities[option]! * weight
    }
  }
  return { ...rows, utilities, floors: new Float64Array(rows.floors.length) }
}

test('in small problems of two stages, the answers are those of plain enumeration', () => {
  const stages = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 12, maxLength: 12 })
  const small = smallProblem.filter((problem) => needCount(problem) <= 6)
  const seen = { change: 0, unneeded: 0, none: 0 }
  fc.assert(
    fc.property(small, stages, (problem, drawn) => {
      const rows = { ...rowsOf(problem), floors: new Float64Array(problem.limits.length) }
      const stageOfNeed = drawn.slice(0, needCount(rows))
      const staged = solveInStages(rows, stageOfNeed, { rounds: 4, stages: 2 })
      const counterfactual = createStagedCounterfactuals(rows, stageOfNeed, staged)
      const raisesOf = (raised: AccountRef, stage: number) =>
        smallestRaises(seenFrom(rows, stageOfNeed, stage), raised, staged.choice)
      for (const [need, choice] of staged.choice.entries()) {
        if (choice >= 0) continue
        const answer = counterfactual(need)
        seen[answer.outcome]++
        if (answer.outcome === 'none') continue
        const { kind, account, by } = answer.change
        expect(raisesOf({ kind, account }, stageOfNeed[need]!)[need]).toBe(by)
      }
    }),
    { numRuns: 200 },
  )
  expect(Math.min(seen.change, seen.none)).toBeGreaterThan(20)
})
