import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readGapInstances } from '../../scripts/bench/gap-instances.ts'
import { certify } from '../../src/engine/certify.ts'
import { certifyFile } from '../../src/engine/certify-file.ts'
import { type DecompositionLimits, decompose } from '../../src/engine/decomposition.ts'
import { createPricing, type ProvenBound, proveBound } from '../../src/engine/prices.ts'
import { createProblemBuilder, type Problem } from '../../src/engine/problem.ts'
import { createRandom } from '../../src/engine/random.ts'
import { createResidentSolver } from '../../src/engine/resident.ts'
import { readResult, writeResult } from '../../src/engine/result-file.ts'
import type { Solution } from '../../src/engine/solve.ts'
import { solve } from '../../src/engine/solve.ts'
import { gather } from '../../src/engine/team.ts'
import {
  proveCharges,
  type TightenedBound,
  type TightenPlan,
  tightenBound,
} from '../../src/engine/tighten.ts'
import { smallProblem, smallProblemWithFloors } from './support/arbitrary.ts'
import { bruteForceBest, bruteForceOptimum } from './support/oracle.ts'
import { fileOf } from './support/problem-files.ts'
import { syntheticTown } from './support/town.ts'

const SEED = 5
const plan: TightenPlan = { rounds: 60, goal: 0, stopped: () => false }

function priced(problem: Problem, steps = 60) {
  const team = gather(problem, SEED)
  const pricing = createPricing(problem, { seed: SEED, steps, boldness: 0.4 }, team)
  for (let step = 0; step < steps; step++) pricing.step()
  return { place: team.place, proof: proveBound(team, pricing.prices) }
}

/** A claim that serves nobody. */
const claimOf = (problem: Problem, { prices, scale }: ProvenBound, { bound, charges }: TightenedBound) => ({
  choice: new Int32Array(problem.names.needs.length).fill(-1),
  value: 0,
  bound,
  prices,
  scale,
  charges,
})

/** A town with its solution, whose bound charges tighten. */
function chargedTown(): { town: Problem; solution: Solution; loose: number } {
  const town = syntheticTown({ needs: 60, seed: 9, options: 6 })
  const solved = solve(town, { rounds: 60 })
  const { place, proof } = priced(town)
  const { bound, charges } = tightenBound(place, proof, plan)!
  const solution = { ...solved, ...proof, bound, charges, gap: (bound - solved.value) / bound }
  return { town, solution, loose: proof.bound }
}

describe('the tightened bound', () => {
  test('is never below the optimum nor above the bound of the prices, and certified to the unit', () => {
    let tightened = 0
    fc.assert(
      fc.property(smallProblem, (problem) => {
        const { place, proof } = priced(problem)
        const found = tightenBound(place, proof, plan)
        if (found === undefined) return
        tightened++
        expect(found.bound).toBeLessThan(proof.bound)
        expect(found.bound).toBeGreaterThanOrEqual(bruteForceOptimum(problem))
        const claim = claimOf(problem, proof, found)
        expect(certify(problem, claim).ok).toBe(true)
        expect(certify(problem, { ...claim, bound: found.bound - 1 }).ok).toBe(false)
      }),
      { seed: 71, numRuns: 900 },
    )
    expect(tightened).toBeGreaterThan(50)
  })

  test('holds where accounts ask for a floor, which keep their price', () => {
    let tightened = 0
    fc.assert(
      fc.property(smallProblemWithFloors, (problem) => {
        const best = bruteForceBest(problem)
        const { place, proof } = priced(problem)
        const found = tightenBound(place, proof, plan)
        if (found === undefined || best === undefined) return
        tightened++
        expect(found.bound).toBeGreaterThanOrEqual(best.value)
        for (const account of found.charges.accounts) expect(problem.floors[account]).toBe(0)
        const claim = { ...claimOf(problem, proof, found), choice: best.choice, value: best.value }
        expect(certify(problem, claim)).toEqual({ ok: true, value: best.value, bound: found.bound })
        expect(certify(problem, { ...claim, bound: found.bound - 1 }).ok).toBe(false)
      }),
      { seed: 72, numRuns: 900 },
    )
    expect(tightened).toBeGreaterThan(20)
  })

  test('of any charges is never below the optimum; solver and proof agree on it', () => {
    const charge = fc.nat(80)
    fc.assert(
      fc.property(smallProblem, fc.infiniteStream(charge), (problem, stream) => {
        const { place, proof } = priced(problem, 3)
        const decomposition = decompose(problem, place.usable, proof.prices)
        const { accounts, accountGroups, groups, itemOptions } = decomposition
        // In quarters of utility, no more than what the option is worth.
        const scale = 4
        const amounts = Int32Array.from(itemOptions, (option) =>
          Math.min(stream.next().value, problem.utilities[option]! * scale),
        )
        const starts = accountGroups.map((group) => groups.starts[group]!)
        const charges = { accounts, starts, amounts, scale }
        const bound = proveCharges(place, proof, decomposition, charges)
        expect(bound).toBeGreaterThanOrEqual(bruteForceOptimum(problem))
        const claim = claimOf(problem, proof, { bound, charges })
        expect(certify(problem, claim).ok).toBe(true)
        if (bound > 0) expect(certify(problem, { ...claim, bound: bound - 1 }).ok).toBe(false)
      }),
      { seed: 73, numRuns: 300 },
    )
  })

  test('reaches the optimum where a price cannot: two needs of 2 on an account of 3', () => {
    const builder = createProblemBuilder()
    builder.account('places', 3)
    for (const [id, utility] of [
      ['n1', 10],
      ['n2', 8],
    ] as const) {
      builder.resident(id)
      builder.need(id)
      builder.option('o', utility, [[0, 2]], [])
    }
    const problem = builder.build()
    const { place, proof } = priced(problem, 400)
    expect(proof.bound).toBe(14)
    expect(tightenBound(place, proof, plan)?.bound).toBe(10)
  })

  test('closes a part of the gap of a town, and the same part every time', () => {
    const { solution, loose } = chargedTown()
    expect(loose - solution.bound).toBeGreaterThan(0.1 * (loose - solution.value))
    expect(chargedTown().solution).toEqual(solution)
  })

  test('stops when told to, and charges no more than the limits allow', () => {
    const { place, proof } = priced(syntheticTown({ needs: 60, seed: 9, options: 6 }), 200)
    let asked = 0
    tightenBound(place, proof, { ...plan, stopped: () => ++asked === 4 })
    expect(asked).toBe(4)
    const charged = (limits?: DecompositionLimits) =>
      decompose(place.rows, place.usable, proof.prices, limits).itemOptions.length
    expect(charged()).toBeGreaterThan(40)
    expect(charged({ uses: 40, work: 1e6 })).toBeGreaterThan(0)
    expect(charged({ uses: 40, work: 1e6 })).toBeLessThanOrEqual(40)
    expect(charged({ uses: 1e6, work: 1e4 })).toBeLessThan(charged())
    expect(tightenBound(place, proof, { ...plan, limits: { uses: 1e6, work: 0 } })).toBeUndefined()
  })
})

describe('a claim with charges', () => {
  const { town, solution } = chargedTown()
  const charges = solution.charges!
  const change = (changed: Partial<typeof charges>) =>
    certify(town, { ...solution, charges: { ...charges, ...changed } })

  test('is true', () => {
    expect(certify(town, solution)).toEqual({ ok: true, value: solution.value, bound: solution.bound })
    expect(certify(town, { ...solution, bound: solution.bound - 1 }).ok).toBe(false)
    expect(certify(town, { ...solution, charges: undefined }).ok).toBe(false)
  })

  test.each<[string, Partial<typeof charges>]>([
    ['a charge too few', { amounts: charges.amounts.subarray(1) }],
    ['a charge too many', { starts: charges.starts.map((start, i) => (i === 0 ? 0 : start - 1)) }],
    ['a negative charge', { amounts: charges.amounts.map((amount, i) => (i === 0 ? -1 : amount)) }],
    ['no charges at all', { amounts: charges.amounts.map(() => 0) }],
    ['another scale', { scale: charges.scale * 2 }],
    ['a scale that is no power of two', { scale: 3 }],
    ['a scale finer than the prices', { scale: solution.scale * 2 }],
    ['a scale that is no number', { scale: Number.NaN }],
    ['an account that is none', { accounts: charges.accounts.map((account) => account + 1000) }],
    ['an account twice', { accounts: charges.accounts.map(() => charges.accounts[0]!) }],
    ['accounts in another order', { accounts: charges.accounts.toReversed() }],
  ])('%s is rejected', (_what, changed) => {
    expect(change(changed)).toMatchObject({ ok: false, fault: 'claim' })
  })

  test('with any other charge never proves less than a value that is reached', () => {
    const place = fc.nat(charges.amounts.length - 1)
    fc.assert(
      fc.property(place, fc.nat(2 ** 31 - 1), (at, amount) => {
        const amounts = charges.amounts.map((before, i) => (i === at ? amount : before))
        const claim = { ...solution, charges: { ...charges, amounts } }
        expect(
          certify(town, { ...claim, value: 0, choice: claim.choice.map(() => -1), bound: solution.value - 1 })
            .ok,
        ).toBe(false)
      }),
      { seed: 74, numRuns: 100 },
    )
  })

  test('of knapsacks too large to solve is rejected', () => {
    const builder = createProblemBuilder()
    builder.account('fund', 2 ** 40)
    builder.resident('r')
    builder.need('n')
    builder.option('o', 5, [[0, 3]], [])
    builder.option('p', 5, [[0, 2]], [])
    const problem = builder.build()
    const accounts = Int32Array.of(0)
    const starts = Int32Array.of(0, 2)
    const claim = claimOf(
      problem,
      { prices: Float64Array.of(0), scale: 1, bound: 5 },
      { bound: 5, charges: { accounts, starts, amounts: Int32Array.of(0, 0), scale: 1 } },
    )
    expect(certify(problem, claim)).toMatchObject({ ok: false, reason: expect.stringContaining('too large') })
  })
})

describe('a result file with charges', () => {
  const { town, solution } = chargedTown()
  const problemFile = fileOf(town)
  const resultFile = JSON.parse(JSON.stringify(writeResult(town, solution)))
  const [account] = Object.keys(resultFile.charges.accounts) as [string]
  const tampered = (change: (charges: typeof resultFile.charges, result: typeof resultFile) => void) => {
    const copy = structuredClone(resultFile)
    change(copy.charges, copy)
    return certifyFile(problemFile, copy)
  }

  test('is certified, and read as it was written', () => {
    expect(certifyFile(problemFile, resultFile)).toEqual({
      ok: true,
      value: solution.value,
      bound: solution.bound,
    })
    const back = readResult(town, resultFile)
    expect(back.charges).toEqual(solution.charges)
    expect(certify(town, back).ok).toBe(true)
    expect(writeResult(town, back)).toEqual(resultFile)
  })

  test('stands on a scale of its own where the prices need none', () => {
    const bare = {
      ...resultFile,
      prices: Object.fromEntries(Object.keys(resultFile.prices).map((id) => [id, 0])),
    }
    expect(certifyFile(problemFile, bare)).toMatchObject({ reason: expect.stringMatching(/prove|changed/) })
    expect(certify(town, { ...readResult(town, bare), bound: Number.MAX_SAFE_INTEGER }).ok).toBe(true)
  })

  test.each<[string, (charges: typeof resultFile.charges, result: typeof resultFile) => void]>([
    ['are not an object', (_c, result) => (result.charges = 7)],
    ['are not an object', (c) => delete c.accounts],
    ['not a power of two', (c) => delete c.scale],
    ['not a power of two', (c) => (c.scale = 3)],
    ['prove a bound', (c) => (c.scale *= 2)],
    ['which is no account', (c) => (c.accounts.nobody = [])],
    ['are not a list', (c) => (c.accounts[account] = 1)],
    ['more charges than uses', (c) => c.accounts[account].push(0)],
    ['more uses than charges', (c) => c.accounts[account].pop()],
    ['not an integer', (c) => (c.accounts[account][0] = 0.5)],
    ['not an integer', (c) => (c.accounts[account][0] = -1)],
    ['not an integer', (c) => (c.accounts[account][0] = 2 ** 31)],
    ['not an integer', (c) => (c.accounts[account][0] = '1')],
    ['not an integer', (c) => (c.accounts[account][0] = null)],
    ['prove a bound', (c) => c.accounts[account].fill(0)],
    ['prove a bound', (_c, result) => delete result.charges],
    ['was changed', (c) => (c.note = 1)],
  ])('%s', (reason, change) => {
    expect(tampered(change)).toMatchObject({
      ok: false,
      fault: 'claim',
      reason: expect.stringContaining(reason),
    })
  })

  test.each<[string, unknown]>([
    ['charges must be an object, not 7.', 7],
    ['charges.scale must be a power of two from 2^−60 to 2^60, not 3.', { scale: 3, accounts: {} }],
    ['charges.accounts must be an object, not missing.', { scale: 1 }],
    ['charges.accounts["x"] is of no account.', { scale: 1, accounts: { x: [] } }],
    [`charges.accounts["${account}"] must be a list, not 1.`, { scale: 1, accounts: { [account]: 1 } }],
    [
      `charges.accounts["${account}"] must list integers from 0 to 2147483647, not -1.`,
      { scale: 1, accounts: { [account]: [-1] } },
    ],
  ])('%s', (sentence, charges) => {
    expect(() => readResult(town, { ...resultFile, charges })).toThrow(sentence)
  })
})

test('residents of many needs, whose private accounts take a long search, are certified', () => {
  const random = createRandom(4)
  const builder = createProblemBuilder()
  for (let k = 0; k < 20; k++) builder.account(`a${k}`, 7 + random.below(6))
  for (let r = 0; r < 12; r++) {
    builder.resident(`r${r}`)
    const own = [0, 1].map((k) => builder.privateAccount(`p${k}`, 4000 + random.below(5000)))
    for (let n = 0; n < 12; n++) {
      builder.need(`r${r}n${n}`)
      const [units, worth, first] = [4 + random.below(3), 1000 + random.below(3000), random.below(20)]
      for (let o = 0; o < 8; o++) {
        const cost = random.below(2) * (300 + random.below(2000))
        builder.option(
          `o${o}`,
          worth + random.below(600),
          [[(first + o) % 20, units]],
          [
            [own[0]!, 500 + random.below(3000)],
            [own[1]!, cost],
          ],
        )
      }
    }
  }
  const problem = builder.build()
  const { place, proof } = priced(problem, 200)
  const search = createResidentSolver(problem, SEED, place.usable)
  const choice = new Int32Array(problem.names.needs.length)
  const cutAt = (nodes: number) =>
    Array.from({ length: 12 }, (_, r) => search.solve(r, proof.prices, proof.scale, nodes, choice))
  expect(cutAt(100)).not.toEqual(cutAt(20_000))
  const found = tightenBound(place, proof, plan)!
  expect(found.bound).toBeLessThan(proof.bound)
  expect(certify(problem, claimOf(problem, proof, found)).ok).toBe(true)
  expect(
    certify(problem, { ...claimOf(problem, proof, found), bound: proof.bound, charges: undefined }).ok,
  ).toBe(true)
})

const FOLDER = fileURLToPath(new URL('../../../shared/data/gap', import.meta.url))

describe.skipIf(!existsSync(FOLDER))('generalized assignment instances of Cattrysse et al. 1994', () => {
  test('four fifths of the gap between the prices and the optimum are closed', () => {
    let before = 0
    let after = 0
    for (const { problem, items, perItem, optimum } of readGapInstances(FOLDER)) {
      const { place, proof } = priced(problem, 240)
      const most = items * perItem - optimum
      const bound = tightenBound(place, proof, plan)?.bound ?? proof.bound
      expect(bound).toBeGreaterThanOrEqual(most)
      before += (proof.bound - most) / optimum
      after += (bound - most) / optimum
    }
    expect(after).toBeLessThan(before / 5)
  })
})
