import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProblemError } from '../../src/engine/problem.ts'
import { readProblem, readResult, writeProblem, writeResult } from '../../src/engine/problem-file.ts'
import { solve } from '../../src/engine/solve.ts'
import { smallProblem } from './support/arbitrary.ts'

const valid = () => ({
  format: 'lifecircle-problem/1',
  accounts: [{ id: 'fund:A', limit: 1000 }] as unknown,
  residents: [
    {
      id: 'r1',
      accounts: [{ id: 'wallet', limit: 300 }] as unknown,
      needs: [
        {
          id: 'n1',
          options: [
            {
              id: 'o1',
              utility: 70 as unknown,
              uses: { 'fund:A': 20 } as unknown,
              privateUses: { wallet: 10 } as unknown,
            },
          ] as unknown,
        },
      ] as unknown,
    },
  ] as unknown,
})

/** A copy of `valid()` in which the field at `path` is replaced, or removed if undefined. */
function broken(path: readonly (string | number)[], value: unknown): unknown {
  const file = JSON.parse(JSON.stringify(valid()))
  let place = file
  for (const step of path.slice(0, -1)) place = place[step]
  const last = path.at(-1)!
  if (value === undefined) delete place[last]
  else place[last] = value
  return file
}

const OPTION = ['residents', 0, 'needs', 0, 'options', 0] as const

describe('problem files', () => {
  test('what is written reads back the same', () => {
    fc.assert(
      fc.property(smallProblem, (problem) => {
        expect(readProblem(JSON.parse(JSON.stringify(writeProblem(problem))))).toEqual(problem)
      }),
      { seed: 11, numRuns: 100 },
    )
    expect(writeProblem(readProblem(valid()))).toEqual(valid())
  })

  test('ids such as __proto__ are ids like any other', () => {
    const file = JSON.parse(
      JSON.stringify(valid()).replaceAll('fund:A', '__proto__').replaceAll('"n1"', '"__proto__"'),
    )
    const problem = readProblem(file)
    expect(problem.names.accounts).toEqual(['__proto__'])
    const solution = solve(problem, { rounds: 5 })
    const result = JSON.parse(JSON.stringify(writeResult(problem, solution)))
    expect(readResult(problem, result).choice).toEqual(Int32Array.of(0))
  })

  test.each<[string, unknown]>([
    ['The problem must be an object, not null.', null],
    ['The problem must be an object, not a list.', []],
    ['The field format must be "lifecircle-problem/1", not "other".', broken(['format'], 'other')],
    ['The field format must be "lifecircle-problem/1", not undefined.', {}],
    ['accounts must be a list, not missing.', broken(['accounts'], undefined)],
    ['residents must be a list, not an object.', broken(['residents'], {})],
    ['accounts[0].id must be a text, not 3.', broken(['accounts', 0, 'id'], 3)],
    ['accounts[0].limit must be a number, not "1000".', broken(['accounts', 0, 'limit'], '1000')],
    [
      'accounts[0].floor: floors are not supported yet; remove the field to solve without it.',
      broken(['accounts', 0, 'floor'], 2),
    ],
    [
      'residents[0].accounts[0].floor: floors are not supported yet; remove the field to solve without it.',
      broken(['residents', 0, 'accounts', 0, 'floor'], 2),
    ],
    ['residents[0].accounts must be a list, not missing.', broken(['residents', 0, 'accounts'], undefined)],
    [
      'residents[0].needs[0].options must be a list, not missing.',
      broken(['residents', 0, 'needs', 0, 'options'], undefined),
    ],
    [
      'residents[0].needs[0].options[0].utility must be a number, not missing.',
      broken([...OPTION, 'utility'], undefined),
    ],
    [
      'residents[0].needs[0].options[0].uses must be an object, not missing.',
      broken([...OPTION, 'uses'], undefined),
    ],
    [
      'residents[0].needs[0].options[0].privateUses must be an object, not missing.',
      broken([...OPTION, 'privateUses'], undefined),
    ],
    [
      'residents[0].needs[0].options[0].uses["fund:B"]: there is no such account here.',
      broken([...OPTION, 'uses'], { 'fund:B': 1 }),
    ],
    [
      'residents[0].needs[0].options[0].uses["fund:A"] must be a number, not null.',
      broken([...OPTION, 'uses'], { 'fund:A': null }),
    ],
    [
      'Need "n1", option "o1": the utility must be an integer from 0 to 9007199254740991, not -1.',
      broken([...OPTION, 'utility'], -1),
    ],
  ])('%s', (sentence, file) => {
    expect(() => readProblem(file)).toThrow(new ProblemError(sentence))
  })
})

describe('result files', () => {
  const problem = readProblem(valid())
  const solution = solve(problem, { rounds: 5 })
  const result = writeResult(problem, solution, { seconds: 0.5, peakMemoryMb: 80 })

  test('a solution survives the file, scale included up to a power of two', () => {
    fc.assert(
      fc.property(smallProblem, (small) => {
        const solved = solve(small, { rounds: 10 })
        const back = readResult(small, JSON.parse(JSON.stringify(writeResult(small, solved))))
        const { prices, scale, ...rest } = solved
        expect(back).toMatchObject(rest)
        expect(back.prices.map((price) => price / back.scale)).toEqual(prices.map((price) => price / scale))
      }),
      { seed: 12, numRuns: 100 },
    )
    expect(result).toMatchObject({ seconds: 0.5, peakMemoryMb: 80, assignment: { n1: 'o1' } })
  })

  test.each<[string, unknown]>([
    ['The result must be an object, not 7.', 7],
    ['The field format must be "lifecircle-result/1", not undefined.', {}],
    ['value must be a number, not "x".', { ...result, value: 'x' }],
    ['assignment must be an object, not missing.', { ...result, assignment: undefined }],
    ['assignment["n1"] must be the id of one of the need\'s options or null.', { ...result, assignment: {} }],
    [
      'assignment["n1"] must be the id of one of the need\'s options or null.',
      { ...result, assignment: { n1: 'o9' } },
    ],
    ['prices["fund:A"] must be a number, not missing.', { ...result, prices: {} }],
    ['prices: the prices are not on a common scale.', { ...result, prices: { 'fund:A': Number.NaN } }],
  ])('%s', (sentence, file) => {
    expect(() => readResult(problem, file)).toThrow(new ProblemError(sentence))
  })
})
