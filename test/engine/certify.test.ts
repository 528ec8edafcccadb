import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certify } from '../../src/engine/certify.ts'
import { certifyFile } from '../../src/engine/certify-file.ts'
import { createPricing, type ProvenBound, proveBound } from '../../src/engine/prices.ts'
import type { ProblemRows } from '../../src/engine/problem.ts'
import { writeResult } from '../../src/engine/result-file.ts'
import { solve } from '../../src/engine/solve.ts'
import { gather } from '../../src/engine/team.ts'
import { smallProblem } from './support/arbitrary.ts'
import { bruteForceOptimum } from './support/oracle.ts'
import { fileOf, pathsOf } from './support/problem-files.ts'
import { syntheticTown } from './support/town.ts'

const town = syntheticTown({ needs: 60, seed: 9, options: 6 })
const solution = solve(town, { rounds: 60 })
const problemFile = fileOf(town)
const resultFile = JSON.parse(JSON.stringify(writeResult(town, solution, { seconds: 1, peakMemoryMb: 50 })))
const metNeed = town.names.needs[solution.choice.findIndex((option) => option >= 0)]!
const pricedAccount = town.names.accounts[solution.prices.findIndex((price) => price > 0)]!

function proofOf(rows: ProblemRows): ProvenBound {
  const team = gather(rows, 1)
  const pricing = createPricing(rows, { seed: 1, steps: 300, boldness: 0.4 }, team)
  for (let step = 0; step < 300; step++) pricing.step()
  return proveBound(team, pricing.prices)
}

const tampered = (change: (result: typeof resultFile) => void) => {
  const copy = structuredClone(resultFile)
  change(copy)
  return certifyFile(problemFile, copy)
}

describe('a true claim', () => {
  const proven = { ok: true, value: solution.value, bound: solution.bound }

  test('is proved from memory and from files', () => {
    expect(certify(town, solution)).toEqual(proven)
    expect(certifyFile(problemFile, resultFile)).toEqual(proven)
  })

  test('is proved for small random problems from their files', () => {
    fc.assert(
      fc.property(smallProblem, (problem) => {
        const solved = solve(problem, { rounds: 10 })
        const result = JSON.parse(JSON.stringify(writeResult(problem, solved)))
        expect(certifyFile(fileOf(problem), result).ok).toBe(true)
      }),
      { seed: 31, numRuns: 150 },
    )
  })

  test('any non-negative prices prove some bound, and never one below the optimum', () => {
    const prices = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 40 })))
    fc.assert(
      fc.property(smallProblem, prices, (problem, scaled) => {
        const optimum = bruteForceOptimum(problem)
        const choice = new Int32Array(problem.names.needs.length).fill(-1)
        const claim = { choice, value: 0, bound: optimum - 1, prices: scaled, scale: 4 }
        if (optimum > 0) expect(certify(problem, claim).ok).toBe(false)
      }),
      { seed: 32, numRuns: 200 },
    )
  })
})

describe('a tampered claim in memory', () => {
  /** Proved by prices alone: those of charged accounts prove nothing, so that they may be anything. */
  const { charges: _charges, ...uncharged } = solution
  const priced = { ...uncharged, ...proofOf(town) }

  test.each([
    ['value', { value: priced.value + 1 }],
    ['value', { value: priced.value - 1 }],
    ['value', { value: Number.NaN }],
    ['bound', { bound: priced.bound - 1 }],
    ['bound', { bound: priced.bound + 0.5 }],
    ['prices', { prices: priced.prices.map((price) => -price - 1) }],
    ['prices', { prices: priced.prices.map(() => 0) }],
    ['prices', { prices: priced.prices.subarray(1) }],
    ['scale', { scale: 0 }],
    ['scale', { scale: priced.scale * 2 }],
    ['choice', { choice: priced.choice.subarray(1) }],
    ['choice', { choice: priced.choice.map(() => -1) }],
    ['choice', { choice: priced.choice.map((option) => option + 1_000_000) }],
    ['choice', { choice: priced.choice.map((option) => (option < 0 ? -2 : option)).fill(-2, 0, 1) }],
  ])('%s %#', (_field, change) => {
    expect(certify(town, { ...priced, ...change }).ok).toBe(false)
  })

  test('untampered, it is proved', () => {
    expect(certify(town, priced).ok).toBe(true)
  })
})

describe('a tampered result file', () => {
  test.each<[string, (result: typeof resultFile) => void]>([
    ['another format', (r) => (r.format = 'lifecircle-result/2')],
    ['a value raised', (r) => (r.value += 1)],
    ['a bound lowered', (r) => (r.bound -= 1)],
    ['a bound raised', (r) => (r.bound += 1)],
    ['a gap embellished', (r) => (r.gap /= 2)],
    ['a value as text', (r) => (r.value = String(r.value))],
    ['a bound left out', (r) => delete r.bound],
    ['a need taken out', (r) => delete r.assignment[metNeed]],
    ['a need unserved', (r) => (r.assignment[metNeed] = null)],
    ['a need invented', (r) => (r.assignment.nobody = null)],
    ['an option invented', (r) => (r.assignment[metNeed] = 'gold')],
    ['a price taken out', (r) => delete r.prices[pricedAccount]],
    ['a price of an unknown account', (r) => (r.prices.nobody = 1)],
    ['a negative price', (r) => (r.prices[pricedAccount] = -1)],
    ['a price raised a hundredfold', (r) => (r.prices[pricedAccount] *= 100)],
    ['a price of zero', (r) => (r.prices[pricedAccount] = 0)],
    ['a price as text', (r) => (r.prices[pricedAccount] = '1')],
    ['negative seconds', (r) => (r.seconds = -1)],
    ['rounds as text', (r) => (r.rounds = 'many')],
    ['negative memory', (r) => (r.peakMemoryMb = -1)],
  ])('%s is rejected with a sentence', (_what, change) => {
    const certificate = tampered(change)
    expect(certificate).toMatchObject({ ok: false, reason: expect.stringMatching(/^[A-Z].*\.$/) })
  })

  test('every other choice for a single need is rejected, one of the same utility too', () => {
    for (const [need, id] of town.names.needs.entries()) {
      for (let option = town.needOptions[need]!; option < town.needOptions[need + 1]!; option++) {
        if (option === solution.choice[need]!) continue
        expect(tampered((r) => (r.assignment[id] = town.names.options.at(option)!)).ok).toBe(false)
      }
    }
  })

  test('whatever single value is changed, removed or added, anywhere in the file', () => {
    const path = fc.constantFrom(...pathsOf(resultFile))
    fc.assert(
      fc.property(path, fc.jsonValue({ maxDepth: 1 }), fc.string(), (place, value, name) => {
        const copy = structuredClone(resultFile)
        let parent = copy
        for (const step of place.slice(0, -1)) parent = parent[step]
        const last = place.at(-1)!
        const isNew = name !== '__proto__' && !Object.hasOwn(parent, name)
        const before = parent[last]
        delete parent[last]
        expect(certifyFile(problemFile, copy)).toMatchObject({ ok: false })
        if (JSON.stringify(value) !== JSON.stringify(before)) {
          parent[last] = value
          expect(certifyFile(problemFile, copy)).toMatchObject({ ok: false })
        }
        parent[last] = before
        expect(certifyFile(problemFile, copy)).toMatchObject({ ok: true })
        if (isNew) expect(certifyFile(problemFile, { ...copy, [name]: value }).ok).toBe(false)
      }),
      { seed: 33, numRuns: 250 },
    )
  })

  test.each([
    ['the smallest step of a number', (r: typeof resultFile) => (r.prices[pricedAccount] *= 1 + 2 ** -52)],
    ['other seconds', (r: typeof resultFile) => (r.seconds = 0.9)],
    ['other rounds', (r: typeof resultFile) => (r.rounds -= 1)],
    ['other memory', (r: typeof resultFile) => (r.peakMemoryMb = 49)],
    ['a seed that was not there', (r: typeof resultFile) => (r.seed = 1)],
    ['another hash', (r: typeof resultFile) => (r.hash = r.hash.replace(/.$/, 'x'))],
    ['another problem', (r: typeof resultFile) => (r.problem = r.problem.replace(/.$/, 'x'))],
  ])('%s is rejected', (_what, change) => {
    expect(tampered(change)).toMatchObject({ ok: false, fault: 'claim' })
  })

  test('a result that proves as much under a hash of its own is still of this problem only', () => {
    const other = syntheticTown({ needs: 60, seed: 9, options: 6 })
    other.privateLimits[0]! += 1
    expect(certifyFile(fileOf(other), resultFile)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('is of another problem'),
    })
  })

  test('a tampered problem is noticed too', () => {
    const swapped = structuredClone(problemFile)
    for (const account of swapped.accounts) account.limit = 0
    expect(certifyFile(swapped, resultFile)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('overspent'),
    })
    const floored = structuredClone(problemFile)
    floored.accounts[0].floor = 1
    expect(certifyFile(floored, resultFile)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('is of another problem'),
    })
    expect(certifyFile(null, resultFile).ok).toBe(false)
    expect(certifyFile(problemFile, []).ok).toBe(false)
  })
})
