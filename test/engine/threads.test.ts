import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignmentOf, emptyAssignment } from '../../src/engine/assignment.ts'
import { improveInPasses } from '../../src/engine/passes.ts'
import { createPricing } from '../../src/engine/prices.ts'
import type { Problem, ProblemRows } from '../../src/engine/problem.ts'
import { drawRegions, linkResidents } from '../../src/engine/regions.ts'
import { repair } from '../../src/engine/repair.ts'
import { type SolveOptions, solve } from '../../src/engine/solve.ts'
import { gather } from '../../src/engine/team.ts'
import { recruitThreads } from '../../src/features/matching/recruit-threads.ts'
import { isFeasible, totalUtility } from './support/oracle.ts'
import { createRecruiter } from './support/recruiter.ts'
import { syntheticTown } from './support/town.ts'

/** A floor under the first fund above what the best answer without it uses, and two that are easily met. */
function withFloors(town: Problem): Problem {
  const floors = Int32Array.from(town.limits, (limit, k) => (k < 3 ? Math.floor(limit * 0.6) : 0))
  return { ...town, floors }
}

describe('threads', () => {
  const { recruit, place } = createRecruiter()
  const small = syntheticTown({ needs: 600, seed: 3 })
  const large = syntheticTown({ needs: 20_500, seed: 3 })
  /** Time passes with every look at the clock, and so it ends in the middle of pricing, or of improving. */
  const ticking = (ticks: number) => {
    let looks = 0
    return { seconds: ticks / 1000, now: () => looks++ }
  }

  test.each<[string, Problem, number[], () => Partial<SolveOptions>]>([
    ['one region', small, [2, 4], () => ({})],
    ['several regions', large, [2, 4], () => ({})],
    ['floors', withFloors(small), [2, 4], () => ({})],
    ['floors in several regions', withFloors(large), [2], () => ({ rounds: 2 })],
    ['no time after some pricing', small, [2, 4], () => ticking(20)],
    ['no time after some improving', small, [2, 4], () => ({ ...ticking(60), rounds: 40 })],
    ['prices and an answer to begin with', small, [2, 4], () => beginning],
  ])('any number of threads gives the same bits: %s', (_, town, others, more) => {
    const run = (threads: number) => solve(town, { rounds: 10, seed: 7, threads, recruit, ...more() })
    const alone = run(1)
    for (const threads of others) expect(run(threads)).toEqual(alone)
    expect(isFeasible(town, alone.choice)).toBe(true)
  })

  const before = solve(small, { rounds: 5, seed: 2 })
  const beginning = {
    start: before.choice,
    warmPrices: before.prices.map((price) => price / before.scale),
  }

  test('helpers really take part, in runs as short as these', () => {
    solve(small, { rounds: 10, threads: 2, recruit })
    expect(place().loadRounds[1]).toBeGreaterThan(0)
  })

  test('helpers that come late take part from then on', () => {
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
