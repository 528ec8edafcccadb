import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProblemError } from '../../src/engine/problem.ts'
import { readProblem } from '../../src/engine/problem-file.ts'
import { readResult, writeResult } from '../../src/engine/result-file.ts'
import { solve } from '../../src/engine/solve.ts'
import { smallProblem } from './support/arbitrary.ts'
import { validFile } from './support/problem-files.ts'

describe('result files', () => {
  const problem = readProblem(validFile())
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
    ['The field format must be "lifecircle-result/1", not missing.', {}],
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
