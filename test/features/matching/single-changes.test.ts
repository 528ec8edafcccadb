/** The single change that an explanation names is made in the snapshot, and everything is solved again, by another solver. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNeighborWorld } from '../../../scripts/bench/neighbor-world.ts'
import { createCounterfactuals } from '../../../src/engine/counterfactual.ts'
import { rowsOf } from '../../../src/engine/problem.ts'
import { solve } from '../../../src/engine/solve.ts'
import { buildProblem } from '../../../src/features/matching/build-problem.ts'
import { changeOf, createAnswers } from '../../../src/features/matching/explain-needs.ts'
import type { Explanation } from '../../../src/features/matching/schemas.ts'
import type { Snapshot } from '../../../src/features/matching/snapshot.ts'
import { metersNorth, need, offering, randomSnapshot, resident, snapshot } from './snapshots.ts'

/** So few needs that each is in the neighborhood of every other one. */
const FEW = 12

function answersFor(given: Snapshot) {
  const built = buildProblem(given)
  const solution = solve(rowsOf(built.problem), { seed: 1, rounds: 20 })
  const unmet = [...solution.choice.keys()].filter((at) => solution.choice[at]! < 0)
  const counterfactualsIn: Parameters<typeof createAnswers>[2]['counterfactualsIn'] = (problem, choice) =>
    createCounterfactuals(rowsOf(problem), { ...solution, choice })
  const { choice } = solution
  return {
    built,
    choice,
    unmet,
    answerFor: createAnswers(given, built, { choice, counterfactualsIn }, new Set(unmet)),
  }
}

/** The change that is named for the only need that is not met. */
function changeFor(given: Partial<Snapshot>): Explanation['change'] | 'none' {
  const { built, unmet, answerFor } = answersFor(snapshot(given))
  const [at] = unmet
  const { counterfactual, widened } = answerFor(at!)
  if (counterfactual.outcome === 'none') return 'none'
  return changeOf(widened, built.needs[at!]!, counterfactual.change)
}

describe('what would have met a need without any option', () => {
  const nothing = { accountId: null, programId: null, fact: null }

  it('is the rest of the price', () => {
    const wallet = { accountId: 'w', available: 70 }
    expect(changeFor({ residents: [resident({ wallet })] })).toEqual({
      ...nothing,
      kind: 'wallet',
      accountId: 'w',
      by: 30,
    })
  })

  it('is a longer walk, in whole minutes', () => {
    // 1100 m are 19.9 minutes on foot, where 15 are accepted.
    expect(changeFor({ offerings: [offering({ point: metersNorth(1100) })] })).toEqual({
      ...nothing,
      kind: 'reach',
      by: 5,
    })
  })

  it('is a refusal taken back, other hours, a rule, a fact', () => {
    const refusals = { sectors: ['market' as const] }
    expect(changeFor({ needs: [need({ refusals })] })).toEqual({
      ...nothing,
      kind: 'refusal',
      fact: 'sectors',
      by: null,
    })
    const eligibility = { fact: 'age', op: 'gte', value: 90 } as const
    const closed = [offering({ eligibility })]
    expect(changeFor({ offerings: closed })).toEqual({ ...nothing, kind: 'rule', fact: 'age', by: null })
    const untold = [resident({ facts: {} })]
    expect(changeFor({ offerings: closed, residents: untold })).toEqual({
      ...nothing,
      kind: 'fact',
      fact: 'age',
      by: null,
    })
  })

  it('is nothing where two things stand in the way', () => {
    const far = offering({ point: metersNorth(1100), price: 5000 })
    expect(changeFor({ offerings: [far] })).toBe('none')
  })
})

describe('a single change of a random town', () => {
  it('meets the need when it is made, and one unit less does not', { timeout: 120_000 }, async () => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(randomSnapshot, async (given) => {
        const { built, choice, unmet, answerFor } = answersFor(given)
        fc.pre(built.needs.length <= FEW)
        const { meets } = await createNeighborWorld(given, built, choice)
        for (const at of unmet) {
          const { counterfactual, widened } = answerFor(at)
          if (counterfactual.outcome !== 'change') continue
          const change = changeOf(widened, built.needs[at]!, counterfactual.change)
          const missed = widened.options[counterfactual.option]!
          const everybody = [at, ...built.needs.keys()].filter(
            (one, place, all) => all.indexOf(one) === place,
          )
          expect(meets(everybody, change, missed, change.by ?? 1), `with ${JSON.stringify(change)}`).toBe(
            true,
          )
          const less = change.by === null ? null : change.by - 1
          expect(meets(everybody, change, missed, less), `less than ${JSON.stringify(change)}`).toBe(false)
          seen.set(change.kind, (seen.get(change.kind) ?? 0) + 1)
        }
      }),
      { numRuns: 40, seed: 4 },
    )
    expect(seen.size).toBeGreaterThan(4)
  })
})
