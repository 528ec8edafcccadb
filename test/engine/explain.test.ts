import { describe, expect, test } from 'vitest'
import { assignmentOf, fits } from '../../src/engine/assignment.ts'
import { createExplainer, explainNeed, shadowPrices } from '../../src/engine/explain.ts'
import { createProblemBuilder } from '../../src/engine/problem.ts'
import { solve } from '../../src/engine/solve.ts'
import { syntheticTown } from './support/town.ts'

/** Three needs want one of two places; the third can also be served at home, beyond a thin wallet. */
function contest() {
  const builder = createProblemBuilder()
  const place = builder.account('place', 2)
  const fund = builder.account('fund', 5)
  for (const [id, utility] of [
    ['a', 30],
    ['b', 20],
    ['c', 10],
  ] as const) {
    builder.resident(id)
    const wallet = builder.privateAccount('wallet', 3)
    builder.need(`need of ${id}`)
    builder.option('place', utility, [[place, 1]], [])
    if (id !== 'c') continue
    builder.option('home', 9, [], [[wallet, 8]])
    builder.option(
      'both',
      8,
      [
        [place, 1],
        [fund, 2],
      ],
      [[wallet, 4]],
    )
    builder.option('never', 7, [[fund, 6]], [])
  }
  return builder.build()
}

describe('explaining a contest', () => {
  const problem = contest()
  const solution = solve(problem, { rounds: 50 })

  test('a match: utility, reduced value, runner-up', () => {
    expect(solution.choice).toEqual(Int32Array.of(0, 1, -1))
    const price = solution.prices[0]! / solution.scale
    expect(explainNeed(problem, solution, 0)).toEqual({
      met: true,
      chosen: { option: 0, utility: 30, reducedValue: 30 - price },
    })
  })

  test('an unmet need: every option with what blocks it and the smallest single change', () => {
    const explanation = explainNeed(problem, solution, 2)
    if (explanation.met) throw new Error('The need is met.')
    const byOption = new Map(
      explanation.options.map((option) => [problem.names.options.at(option.option)!, option]),
    )
    expect(byOption.get('place')).toMatchObject({
      standing: 'outranked',
      blockers: [{ kind: 'shared', account: 0, amount: 1, room: 0, limit: 2 }],
      change: { kind: 'shared', account: 0, by: 1 },
    })
    expect(byOption.get('home')).toMatchObject({
      standing: 'over_limit',
      change: { kind: 'private', account: 2, by: 5 },
    })
    expect(byOption.get('both')).not.toHaveProperty('change')
    expect(byOption.get('both')!.blockers.map((blocker) => blocker.kind)).toEqual(['shared', 'private'])
    expect(byOption.get('never')).toMatchObject({
      standing: 'over_limit',
      change: { kind: 'shared', account: 1, by: 1 },
    })
    expect(explanation.best).toBe(explanation.options[0])
  })

  test('shadow prices name what is scarce and what is not', () => {
    const [place, fund] = shadowPrices(problem, solution)
    expect(place).toMatchObject({ account: 0, used: 2, limit: 2 })
    expect(place!.price).toBeGreaterThan(0)
    expect(fund).toEqual({ account: 1, price: 0, used: 0, limit: 5, floor: 0 })
  })

  test('a need that does not exist is refused', () => {
    expect(() => explainNeed(problem, solution, 3)).toThrow(new RangeError('There is no need number 3.'))
  })
})

test('in a town, every option of an unmet need is blocked, and every named change unblocks it, no less', () => {
  const town = syntheticTown({ needs: 600, seed: 5, lump: 1 })
  const solution = solve(town, { rounds: 40 })
  const explain = createExplainer(town, solution)
  let changes = 0
  for (const [need, choice] of solution.choice.entries()) {
    const explanation = explain(need)
    expect(explanation.met).toBe(choice >= 0)
    if (explanation.met) continue
    for (const { option, standing, change } of explanation.options) {
      expect(standing).not.toBe('fits')
      if (change === undefined) continue
      changes++
      const fitsWith = (by: number) => {
        const { room, privateRoom } = assignmentOf(town, solution.choice)
        const accounts = change.kind === 'shared' ? room : privateRoom
        accounts[change.account]! += by
        return fits(town, { room, privateRoom }, option)
      }
      expect([fitsWith(change.by), fitsWith(change.by - 1)]).toEqual([true, false])
    }
  }
  expect(changes).toBeGreaterThan(20)
})
