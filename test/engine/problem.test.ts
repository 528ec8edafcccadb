import { describe, expect, test } from 'vitest'
import { createProblemBuilder, type ProblemBuilder, ProblemError, rowsOf } from '../../src/engine/problem.ts'

const MOST = Number.MAX_SAFE_INTEGER

describe('building', () => {
  test('lays residents, needs, options and uses out in rows', () => {
    const builder = createProblemBuilder()
    expect(builder.account('fund', 100)).toBe(0)
    expect(builder.account('places', 5)).toBe(1)
    expect(builder.resident('r1')).toBe(0)
    expect(builder.privateAccount('wallet', 30)).toBe(0)
    expect(builder.need('n1')).toBe(0)
    expect(
      builder.option(
        'o1',
        7,
        [
          [0, 20],
          [1, 1],
        ],
        [[0, 10]],
      ),
    ).toBe(0)
    expect(builder.option('o2', 6, [[0, 0]], [])).toBe(1)
    expect(builder.resident('r2')).toBe(1)
    expect(builder.privateAccount('wallet', 40)).toBe(1)
    expect(builder.need('n2')).toBe(1)
    expect(builder.option('o1', 5, [[1, 2]], [[1, 3]])).toBe(2)
    const problem = builder.build()
    expect(rowsOf(problem)).toEqual({
      limits: Uint16Array.of(100, 5),
      floors: Uint16Array.of(0, 0),
      privateLimits: Uint16Array.of(30, 40),
      residentAccounts: Int32Array.of(0, 1, 2),
      residentNeeds: Int32Array.of(0, 1, 2),
      needOptions: Int32Array.of(0, 2, 3),
      utilities: Uint16Array.of(7, 6, 5),
      optionUses: Int32Array.of(0, 2, 2, 3),
      useAccounts: Int32Array.of(0, 1, 1),
      useAmounts: Uint16Array.of(20, 1, 2),
      optionPrivateUses: Int32Array.of(0, 1, 1, 2),
      privateUseAccounts: Int32Array.of(0, 1),
      privateUseAmounts: Uint16Array.of(10, 3),
    })
    expect([...problem.names.options]).toEqual(['o1', 'o2', 'o1'])
  })

  test('posting the numbers to a worker copies none of them', () => {
    const rows = rowsOf(createProblemBuilder().build())
    for (const column of Object.values(rows)) expect(column.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  test.each([
    [Uint16Array, 65_535, 2],
    [Int32Array, 65_536, 4],
    [Int32Array, 2 ** 31 - 1, 4],
    [Float64Array, 2 ** 31, 8],
  ])('amounts are %o where the largest is %i', (kind, largest, width) => {
    const builder = createProblemBuilder()
    for (let k = 0; k < 2000; k++) builder.account(`a${k}`, k)
    builder.account('largest', largest)
    builder.account('after', 7)
    const { limits } = builder.build()
    expect(limits).toBeInstanceOf(kind)
    expect(limits.BYTES_PER_ELEMENT).toBe(width)
    expect([...limits.subarray(1998)]).toEqual([1998, 1999, largest, 7])
  })

  test('a floor is an amount of at most the limit', () => {
    const builder = createProblemBuilder()
    builder.account('a', 5, 5)
    expect(() => builder.account('b', 5, 6)).toThrow('Account "b": the floor 6 is above the limit 5.')
    expect(() => builder.account('c', 5, -1)).toThrow('Account "c": the floor must be an integer')
  })

  test('columns grow past their first size', () => {
    const builder = createProblemBuilder()
    builder.resident('r')
    builder.need('n')
    for (let o = 0; o < 5000; o++) builder.option(`o${o}`, o, [], [])
    const { utilities } = builder.build()
    expect([utilities.length, utilities[0], utilities[4999]]).toEqual([5000, 0, 4999])
  })
})

describe('refusals', () => {
  const started = (): ProblemBuilder => {
    const builder = createProblemBuilder()
    builder.account('fund', 100)
    builder.resident('r0')
    builder.privateAccount('wallet', 10)
    builder.need('n0')
    builder.option('o', 1, [], [])
    builder.resident('r1')
    builder.privateAccount('wallet', 10)
    return builder
  }
  const inNeed = (): ProblemBuilder => {
    const builder = started()
    builder.need('n1')
    return builder
  }

  test.each<[string, () => ProblemBuilder, (builder: ProblemBuilder) => unknown]>([
    ['Account "fund" is listed twice.', started, (b) => b.account('fund', 1)],
    ['Account ids must not be empty.', started, (b) => b.account('', 1)],
    [
      `Account "x": the limit must be an integer from 0 to ${MOST}, not -1.`,
      started,
      (b) => b.account('x', -1),
    ],
    [
      `Account "x": the limit must be an integer from 0 to ${MOST}, not 0.5.`,
      started,
      (b) => b.account('x', 0.5),
    ],
    [
      `Account "x": the limit must be an integer from 0 to ${MOST}, not NaN.`,
      started,
      (b) => b.account('x', Number.NaN),
    ],
    ['Resident "r1" is listed twice.', started, (b) => b.resident('r1')],
    [
      'Private account "wallet" is listed twice for resident "r1".',
      started,
      (b) => b.privateAccount('wallet', 1),
    ],
    [
      `Resident "r1", private account "x": the limit must be an integer from 0 to ${MOST}, not ${MOST + 1}.`,
      started,
      (b) => b.privateAccount('x', MOST + 1),
    ],
    ['Need "n0" is listed twice.', started, (b) => b.need('n0')],
    ['Option "o" comes before any need of its resident.', started, (b) => b.option('o', 1, [], [])],
    ['Need "n" comes before any resident.', createProblemBuilder, (b) => b.need('n')],
    ['Private account "w" comes before any resident.', createProblemBuilder, (b) => b.privateAccount('w', 1)],
    [
      `Need "n1", option "o": the utility must be an integer from 0 to ${MOST}, not 1.5.`,
      inNeed,
      (b) => b.option('o', 1.5, [], []),
    ],
    [
      'Need "n1", option "o": account number 1 does not exist here.',
      inNeed,
      (b) => b.option('o', 1, [[1, 1]], []),
    ],
    [
      'Need "n1", option "o": private account number 0 does not exist here.',
      inNeed,
      (b) => b.option('o', 1, [], [[0, 1]]),
    ],
    [
      `Need "n1", option "o": the use of account "fund" must be an integer from 0 to ${MOST}, not -3.`,
      inNeed,
      (b) => b.option('o', 1, [[0, -3]], []),
    ],
    [
      'Need "n1", option "o": account "fund" is used twice.',
      inNeed,
      (b) =>
        b.option(
          'o',
          1,
          [
            [0, 1],
            [0, 2],
          ],
          [],
        ),
    ],
    [
      'The best utilities of all needs add up to more than 2^53 − 1.',
      inNeed,
      (b) => b.option('o', MOST, [], []),
    ],
    [
      'The uses of account "fund" add up to more than 2^53 − 1.',
      inNeed,
      (b) => [b.option('o', 1, [[0, MOST]], []), b.option('p', 1, [[0, 1]], [])],
    ],
    [
      'Option "o" is listed twice for need "n1".',
      inNeed,
      (b) => [b.option('o', 1, [], []), b.option('o', 1, [], [])],
    ],
  ])('%s', (sentence, start, act) => {
    const builder = start()
    expect(() => act(builder)).toThrow(new ProblemError(sentence))
  })
})
