/** Floors: what the proof makes of them, in memory and through every form of a file. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certify } from '../../src/engine/certify.ts'
import { certifyFile, startCertifying } from '../../src/engine/certify-file.ts'
import { feedBinary, feedText } from '../../src/engine/certify-forms.ts'
import { shadowPrices } from '../../src/engine/explain.ts'
import { firstShortfall, unmetFloors } from '../../src/engine/floors.ts'
import { createProblemBuilder, type Problem } from '../../src/engine/problem.ts'
import { readBinaryProblem, writeBinaryProblem } from '../../src/engine/problem-binary.ts'
import { problemDigest, problemJson, problemNdjson } from '../../src/engine/problem-lines.ts'
import { readResult, writeResult } from '../../src/engine/result-file.ts'
import { type Solution, solve } from '../../src/engine/solve.ts'
import { smallProblem, smallProblemWithFloors } from './support/arbitrary.ts'
import { bruteForceBest, bruteForceBound } from './support/oracle.ts'
import { bitsOf, changed, fileOf, pathsOf, readInPieces } from './support/problem-files.ts'

const SCALE = 4
const anyPrices = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -40, max: 40 })))
/** Prices that may prove something: none is negative where there is no floor. */
const lawful = (problem: Problem, prices: readonly number[]) =>
  Float64Array.from(prices, (price, k) => (problem.floors[k]! > 0 ? price : Math.abs(price)))

/** The best assignment with the bound that `prices` prove; undefined where no assignment meets all floors. */
function solved(problem: Problem, prices: Float64Array): Solution | undefined {
  const best = bruteForceBest(problem)
  if (best === undefined) return undefined
  const bound = bruteForceBound(problem, prices, SCALE)
  const gap = bound === 0 ? 0 : (bound - best.value) / bound
  return { ...best, bound, gap, prices, scale: SCALE, rounds: 1, unmetFloors: [] }
}

/** One resident with `count` needs, each of which can be met by one place. */
function placesFor(count: number, floor: number): Problem {
  const builder = createProblemBuilder()
  const place = builder.account('place', 10, floor)
  const meal = builder.account('meal', 1)
  builder.resident('r')
  const wallet = builder.privateAccount('wallet', 6)
  for (let n = 0; n < count; n++) {
    builder.need(`n${n}`)
    builder.option('place', 5, [[place, 1]], [[wallet, 2]])
    builder.option('both', 9, [[place, 1], [meal, 1]], []) // biome-ignore format: one option, one line
  }
  return builder.build()
}

describe('the proof', () => {
  test('signed prices prove exactly their dual bound, which is never below the optimum', () => {
    let signed = 0
    fc.assert(
      fc.property(smallProblemWithFloors, anyPrices, (problem, any) => {
        const prices = lawful(problem, any)
        const solution = solved(problem, prices)
        if (solution === undefined) return
        if (prices.some((price) => price < 0)) signed++
        const { value, bound } = solution
        expect(bound).toBeGreaterThanOrEqual(value)
        expect(certify(problem, solution)).toEqual({ ok: true, value, bound })
        expect(certify(problem, { ...solution, bound: bound - 1 }).ok).toBe(false)
      }),
      { seed: 71, numRuns: 800 },
    )
    expect(signed).toBeGreaterThan(50)
  })

  test('without a floor, no price is below 0', () => {
    fc.assert(
      fc.property(smallProblemWithFloors, fc.nat({ max: 2 }), (problem, account) => {
        fc.pre(problem.floors[account] === 0)
        const solution = solved(problem, new Float64Array(3))
        if (solution === undefined) return
        const prices = solution.prices.with(account, -1)
        expect(certify(problem, { ...solution, prices, bound: 10_000 })).toEqual({
          ok: false,
          fault: 'claim',
          reason: `The price of account "a${account}" is below 0, but the account has no floor.`,
        })
      }),
      { seed: 72, numRuns: 100 },
    )
  })

  test('what misses a floor is refused, whatever it claims', () => {
    let missed = 0
    fc.assert(
      fc.property(smallProblemWithFloors, anyPrices, (problem, any) => {
        const prices = lawful(problem, any)
        const best = bruteForceBest({ ...problem, floors: new Float64Array(3) })!
        if (unmetFloors(problem, best.choice).length === 0) return
        missed++
        const claim = { ...best, prices, scale: SCALE, bound: 10_000 }
        expect(certify(problem, claim)).toMatchObject({
          ok: false,
          fault: 'claim',
          reason: expect.stringMatching(/^Account "a\d" is used for \d+, below its floor of \d+\.$/),
        })
      }),
      { seed: 73, numRuns: 300 },
    )
    expect(missed).toBeGreaterThan(50)
  })

  test('a reward may make an option worth taking whose utility is 0', () => {
    const builder = createProblemBuilder()
    const seat = builder.account('seat', 3, 1)
    builder.resident('r')
    builder.need('n')
    builder.option('sit', 0, [[seat, 1]], [])
    const problem = builder.build()
    const claim = { choice: Int32Array.of(0), value: 0, prices: Float64Array.of(-7), scale: 1 }
    expect(certify(problem, { ...claim, bound: 0 })).toEqual({ ok: true, value: 0, bound: 0 })
    expect(certify(problem, { ...claim, bound: 0, choice: Int32Array.of(-1) })).toMatchObject({
      ok: false,
      reason: 'Account "seat" is used for 0, below its floor of 1.',
    })
  })
})

describe('files', () => {
  test('carry floors and signed prices in every form, and each form proves them', () => {
    fc.assert(
      fc.property(smallProblemWithFloors, anyPrices, (problem, any) => {
        const json = [...problemJson(problem)].join('')
        const ndjson = [...problemNdjson(problem)].join('')
        const binary = writeBinaryProblem(problem)
        for (const read of [readInPieces(json), readInPieces(ndjson), readBinaryProblem(binary)]) {
          expect(bitsOf(read)).toEqual(bitsOf(problem))
        }
        const lines = ndjson.replace(/,"residentCount":\d+/, '')
        expect(problemDigest(problem)).toBe(`sha256:${createHash('sha256').update(lines).digest('hex')}`)

        const solution = solved(problem, lawful(problem, any))
        if (solution === undefined) return
        const result = JSON.parse(JSON.stringify(writeResult(problem, solution)))
        const back = readResult(problem, result)
        expect({ ...back, prices: back.prices.map((price) => price * (SCALE / back.scale)) }).toEqual({
          ...solution,
          scale: back.scale,
        })
        const proven = { ok: true, value: solution.value, bound: solution.bound }
        for (const text of [json, ndjson]) {
          const feed = feedText(startCertifying(result))
          feed.push(text)
          expect(feed.end()).toEqual(proven)
        }
        expect(feedBinary(startCertifying(result), binary)).toEqual(proven)
      }),
      { seed: 74, numRuns: 150 },
    )
  })

  test('without floors are as they were before there were any', () => {
    const columnsOf = (file: Uint8Array) => new DataView(file.buffer).getUint32(12, true)
    fc.assert(
      fc.property(smallProblem, (problem) => {
        expect([...problemNdjson(problem)].join('')).not.toContain('floor')
        expect(columnsOf(writeBinaryProblem(problem))).toBe(19)
      }),
      { seed: 75, numRuns: 50 },
    )
    expect(columnsOf(writeBinaryProblem(placesFor(1, 1)))).toBe(20)
    const file = fileOf(placesFor(1, 0))
    file.accounts[0].floor = 0
    expect(problemDigest(readInPieces(JSON.stringify(file)))).toBe(problemDigest(placesFor(1, 0)))
  })

  const problem = placesFor(3, 3)
  const solution = solved(problem, Float64Array.of(-3, 4))!
  const problemFile = fileOf(problem)
  const result = JSON.parse(JSON.stringify(writeResult(problem, solution)))
  const tampered = (change: (problemCopy: typeof problemFile, resultCopy: typeof result) => void) => {
    const copies = structuredClone([problemFile, result])
    change(copies[0], copies[1])
    return certifyFile(copies[0], copies[1])
  }

  test.each<[string, (p: typeof problemFile, r: typeof result) => void, string]>([
    ['a floor raised', (p) => (p.accounts[0].floor = 4), 'is used for 3, below its floor of 4'],
    ['a floor lowered', (p) => (p.accounts[0].floor = 2), 'of another problem'],
    ['a floor taken out', (p) => delete p.accounts[0].floor, 'has no floor'],
    ['a floor added', (p) => (p.accounts[1].floor = 1), 'of another problem'],
    ['a floor above the limit', (p) => (p.accounts[0].floor = 11), 'is above its limit'],
    ['a floor as text', (p) => (p.accounts[0].floor = '3'), 'The floor of account "place" is not'],
    ['a private floor', (p) => (p.residents[0].accounts[0].floor = 1), 'The private account "wallet"'],
    ['a price without its sign', (_, r) => (r.prices.place = 0.75), 'prove a bound of'],
    ['a price that is none', (_, r) => (r.prices.place = null), 'is not a number'],
    ['a sign too many', (_, r) => (r.prices.meal = -1), 'has no floor'],
    ['a need given up', (_, r) => (r.assignment.n0 = null), 'below its floor of 3'],
    ['a price rounded', (_, r) => (r.prices.place = -0.7500000000000001), 'changed after'],
  ])('%s is rejected', (_what, change, mention) => {
    expect(certifyFile(problemFile, result).ok).toBe(true)
    expect(tampered(change)).toMatchObject({ ok: false, reason: expect.stringContaining(mention) })
  })

  test('whatever single value is changed, in the problem or in the result', () => {
    const others = (file: unknown) =>
      [-1, 7, 0.5, 'x', null, [], {}, undefined]
        .flatMap((value) => pathsOf(file).map((path) => changed(file, path, value)))
        .map((other) => JSON.parse(JSON.stringify(other)))
        .filter((other) => JSON.stringify(other) !== JSON.stringify(file))
    for (const other of others(problemFile)) expect(certifyFile(other, result)).toMatchObject({ ok: false })
    for (const other of others(result)) expect(certifyFile(problemFile, other)).toMatchObject({ ok: false })
  })

  test('a binary file whose columns do not match its accounts, under a checksum that holds', () => {
    const file = writeBinaryProblem(problem)
    for (let at = 56; at < 56 + 20 * 8; at++) {
      const forged = file.with(at, (file[at]! + 1) % 256)
      forged.set(createHash('sha256').update(forged.subarray(56)).digest(), 24)
      expect(() => readBinaryProblem(forged)).toThrow('The binary problem is damaged')
      expect(feedBinary(startCertifying(result), forged)).toMatchObject({ ok: false, fault: 'problem' })
    }
  })

  test('there is no result that misses a floor', () => {
    const miss = { ...solution, choice: Int32Array.of(-1, -1, -1), unmetFloors: [0] }
    expect(() => writeResult(problem, miss)).toThrow(RangeError)
    expect(readResult(problem, { ...result, assignment: { n0: null, n1: null, n2: null } })).toMatchObject({
      unmetFloors: [0],
    })
  })
})

describe('a missed floor', () => {
  const none = (count: number) => ({ choice: new Int32Array(count).fill(-1), bound: 100 })

  test.each<[string, Problem, ReturnType<typeof none>, ReturnType<typeof firstShortfall>]>([
    ['is none where it is met', placesFor(2, 0), none(2), undefined],
    ['asks for more than there are needs', placesFor(2, 3), none(2), shortfall(3, 'too_high')],
    ['can be met', placesFor(3, 3), none(3), shortfall(3, 'not_found')],
    // A wallet of 6 pays three places, and the one meal a fourth; but that is two accounts.
    ['is beyond all limits together', placesFor(9, 9), none(9), shortfall(9, 'not_found')],
    [
      'cannot be met, by the bound',
      placesFor(9, 9),
      { ...none(9), bound: -1 },
      shortfall(9, 'contradictory'),
    ],
  ])('%s', (_what, problem, claim, expected) => {
    expect(firstShortfall(problem, claim)).toEqual(expected)
  })

  function shortfall(floor: number, cause: 'too_high' | 'contradictory' | 'not_found') {
    return { account: 0, floor, used: 0, cause }
  }

  test('is proved beyond reach by prices where it takes several limits to see it', () => {
    for (const floor of [4, 5]) {
      const problem = placesFor(9, floor)
      const shortfall = firstShortfall(problem, solve(problem, { rounds: 50 }))
      expect(shortfall?.cause).toBe(floor === 4 ? undefined : 'contradictory')
    }
  })

  test('that is called too high is met by no assignment', () => {
    let tooHigh = 0
    fc.assert(
      fc.property(smallProblemWithFloors, (problem) => {
        const claim = { choice: new Int32Array(problem.names.needs.length).fill(-1), bound: 0 }
        const found = firstShortfall(problem, claim)
        if (found?.cause !== 'too_high') return
        tooHigh++
        const alone = new Float64Array(3)
        alone[found.account] = found.floor
        expect(bruteForceBest({ ...problem, floors: alone })).toBeUndefined()
      }),
      { seed: 76, numRuns: 300 },
    )
    expect(tooHigh).toBeGreaterThan(20)
  })
})

test('a shadow price below 0 comes with its floor', () => {
  const problem = placesFor(3, 3)
  const [place, meal] = shadowPrices(problem, solved(problem, Float64Array.of(-3, 4))!)
  expect(place).toEqual({ account: 0, price: -0.75, used: 3, limit: 10, floor: 3 })
  expect(meal).toEqual({ account: 1, price: 1, used: 1, limit: 1, floor: 0 })
})
