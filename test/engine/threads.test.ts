import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignmentOf, emptyAssignment } from '../../src/engine/assignment.ts'
import { improveInPasses } from '../../src/engine/passes.ts'
import { createPricing } from '../../src/engine/prices.ts'
import type { ProblemRows } from '../../src/engine/problem.ts'
import { drawRegions, linkResidents } from '../../src/engine/regions.ts'
import { repair } from '../../src/engine/repair.ts'
import { solve } from '../../src/engine/solve.ts'
import { gather } from '../../src/engine/team.ts'
import { recruitThreads } from '../../src/features/matching/recruit-threads.ts'
import { isFeasible, totalUtility } from './support/oracle.ts'
import { syntheticTown } from './support/town.ts'

describe('threads', () => {
  test.each([
    ['one region', 600],
    ['several regions', 20_500],
  ])('1, 2 and 4 threads give the same bits: %s', (_, needs) => {
    const town = syntheticTown({ needs, seed: 3 })
    const run = (threads: number) => solve(town, { rounds: 10, seed: 7, threads, recruit: recruitThreads })
    const alone = run(1)
    expect(run(2)).toEqual(alone)
    expect(run(4)).toEqual(alone)
    expect(isFeasible(town, alone.choice)).toBe(true)
  })

  test('helpers really take part', () => {
    const town = syntheticTown({ needs: 2000, seed: 3 })
    const team = gather(town, 1, 1, 2, recruitThreads)
    const pricing = createPricing(town, { seed: 1, steps: 400, boldness: 0.4 }, team)
    const helped = () => team.place.loadRounds[1]! >= 0
    for (let step = 0; step < 4000 && !helped(); step++) pricing.step()
    expect(helped()).toBe(true)
    team.crew.dismiss()
  })
})

describe('regions', () => {
  const priced = (rows: ProblemRows, seed: number) => {
    const team = gather(rows, seed)
    const pricing = createPricing(rows, { seed, steps: 60, boldness: 0.4 }, team)
    for (let step = 0; step < 60; step++) pricing.step()
    team.place.prices.set(pricing.prices)
    const start = emptyAssignment(rows)
    repair(rows, start, pricing.choice, pricing.prices, seed)
    return { team, start }
  }
  const plan = { rounds: 12, goal: Number.POSITIVE_INFINITY, stopped: () => false, onPass: () => {} }

  test('every resident is in exactly one, however they are drawn', () => {
    const { team } = priced(syntheticTown({ needs: 500, seed: 5 }), 5)
    team.crew.run(1, team.place.chunkTotals.length)
    const links = linkResidents(team.place)
    const all = team.place.order.map((_, resident) => resident)
    for (let pass = 0; pass < 5; pass++) {
      drawRegions(team.place, links, 7, pass)
      expect([...team.place.order].sort((a, b) => a - b)).toEqual([...all])
      const starts = [...team.place.regionStarts.subarray(0, 8)]
      expect(starts).toEqual([...starts].sort((a, b) => a - b))
      expect(starts.at(-1)).toBe(all.length)
    }
  })

  test('whatever they do fits together, and never worsens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 2, max: 9 }), (seed, regions) => {
        const town = syntheticTown({ needs: 150, seed })
        const { team, start } = priced(town, seed)
        const better = improveInPasses(team, start.choice, { ...plan, regions })
        expect(isFeasible(town, better.choice)).toBe(true)
        expect(better.value).toBe(totalUtility(town, better.choice))
        expect(better.value).toBeGreaterThanOrEqual(assignmentOf(town, start.choice).value)
      }),
      { seed: 44, numRuns: 40 },
    )
  })
})
