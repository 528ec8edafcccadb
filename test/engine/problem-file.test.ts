import { describe, expect, test } from 'vitest'
import { certifyFile } from '../../src/engine/certify-file.ts'
import { createProblemBuilder, ProblemError } from '../../src/engine/problem.ts'
import { readProblem } from '../../src/engine/problem-file.ts'
import { readResult, writeResult } from '../../src/engine/result-file.ts'
import { solve } from '../../src/engine/solve.ts'
import { changed, fileOf, linesOf, OPTION, readInPieces, validFile } from './support/problem-files.ts'

const MOST = Number.MAX_SAFE_INTEGER
const broken = (path: readonly (string | number)[], value: unknown) => changed(validFile(), path, value)

const VALID = readProblem(validFile())
const RESULT = JSON.parse(JSON.stringify(writeResult(VALID, solve(VALID, { rounds: 2 }))))

const AMOUNT = `must be an integer from 0 to ${MOST}, not`
const firstUse = [...OPTION, 'uses', 'fund:A']
const two = (path: readonly (string | number)[]) => {
  let items: unknown = validFile()
  for (const step of path) items = (items as Record<string | number, unknown>)[step]
  return broken(path, [...(items as unknown[]), ...(items as unknown[])])
}

/** What a problem can get wrong: path and rest of the sentence, and the file. */
const WRONG: [path: string, rest: string, file: unknown][] = [
  ['accounts[0]', ' must be an object, not 5.', broken(['accounts'], [5])],
  ['accounts[0].id', ' must be a text, not 3.', broken(['accounts', 0, 'id'], 3)],
  ['accounts[0]', ': Account ids must not be empty.', broken(['accounts', 0, 'id'], '')],
  ['accounts[0].limit', ` ${AMOUNT} "1000".`, broken(['accounts', 0, 'limit'], '1000')],
  ['accounts[0].limit', ` ${AMOUNT} -1.`, broken(['accounts', 0, 'limit'], -1)],
  ['accounts[0].limit', ` ${AMOUNT} 0.5.`, broken(['accounts', 0, 'limit'], 0.5)],
  ['accounts[0].limit', ` ${AMOUNT} ${MOST + 1}.`, broken(['accounts', 0, 'limit'], MOST + 1)],
  ['accounts[0].floor', ` ${AMOUNT} "2".`, broken(['accounts', 0, 'floor'], '2')],
  ['accounts[0].floor', ` ${AMOUNT} null.`, broken(['accounts', 0, 'floor'], null)],
  [
    'accounts[0]',
    ': Account "fund:A": the floor 1001 is above the limit 1000.',
    broken(['accounts', 0, 'floor'], 1001),
  ],
  ['accounts[1]', ': Account "fund:A" is listed twice.', two(['accounts'])],
  ['residents[0]', ' must be an object, not a list.', broken(['residents', 0], [])],
  ['residents[0].id', ' must be a text, not missing.', broken(['residents', 0, 'id'], undefined)],
  ['residents[1]', ': Resident "r1" is listed twice.', two(['residents'])],
  ['residents[0].accounts', ' must be a list, not missing.', broken(['residents', 0, 'accounts'], undefined)],
  [
    'residents[0].accounts[0].floor',
    ': only shared accounts can have a floor, private ones cannot.',
    broken(['residents', 0, 'accounts', 0, 'floor'], 2),
  ],
  ['residents[0].accounts[0].limit', ` ${AMOUNT} -3.`, broken(['residents', 0, 'accounts', 0, 'limit'], -3)],
  [
    'residents[0]',
    ': Private account "wallet" is listed twice for resident "r1".',
    two(['residents', 0, 'accounts']),
  ],
  ['residents[0].needs', ' must be a list, not "many".', broken(['residents', 0, 'needs'], 'many')],
  ['residents[0].needs[0]', ' must be an object, not null.', broken(['residents', 0, 'needs', 0], null)],
  ['residents[0].needs[0].id', ' must be a text, not 1.', broken(['residents', 0, 'needs', 0, 'id'], 1)],
  ['residents[0].needs[1]', ': Need "n1" is listed twice.', two(['residents', 0, 'needs'])],
  [
    'residents[0].needs[0].options',
    ' must be a list, not missing.',
    broken(['residents', 0, 'needs', 0, 'options'], undefined),
  ],
  ['residents[0].needs[0].options[0]', ' must be an object, not 7.', broken(OPTION, 7)],
  ['residents[0].needs[0].options[0].id', ' must be a text, not null.', broken([...OPTION, 'id'], null)],
  [
    'residents[0].needs[0].options[1]',
    ': Option "o1" is listed twice for need "n1".',
    two(['residents', 0, 'needs', 0, 'options']),
  ],
  [
    'residents[0].needs[0].options[0].utility',
    ` ${AMOUNT} missing.`,
    broken([...OPTION, 'utility'], undefined),
  ],
  ['residents[0].needs[0].options[0].utility', ` ${AMOUNT} -1.`, broken([...OPTION, 'utility'], -1)],
  ['residents[0].needs[0].options[0].utility', ` ${AMOUNT} 1.5.`, broken([...OPTION, 'utility'], 1.5)],
  [
    'residents[0].needs[0].options[0].uses',
    ' must be an object, not missing.',
    broken([...OPTION, 'uses'], undefined),
  ],
  [
    'residents[0].needs[0].options[0].privateUses',
    ' must be an object, not a list.',
    broken([...OPTION, 'privateUses'], []),
  ],
  [
    'residents[0].needs[0].options[0].uses["fund:B"]',
    ': there is no such account here.',
    broken([...OPTION, 'uses'], { 'fund:B': 1 }),
  ],
  [
    'residents[0].needs[0].options[0].privateUses["fund:A"]',
    ': there is no such account here.',
    broken([...OPTION, 'privateUses'], { 'fund:A': 1 }),
  ],
  ['residents[0].needs[0].options[0].uses["fund:A"]', ` ${AMOUNT} null.`, broken(firstUse, null)],
  ['residents[0].needs[0].options[0].uses["fund:A"]', ` ${AMOUNT} -20.`, broken(firstUse, -20)],
  [
    'residents[0].needs[0].options[1]',
    ': The uses of account "fund:A" add up to more than 2^53 − 1.',
    broken(
      ['residents', 0, 'needs', 0, 'options'],
      [1, 2].map((k) => ({ id: `o${k}`, utility: 1, uses: { 'fund:A': MOST }, privateUses: {} })),
    ),
  ],
  [
    'residents[0].needs[1].options[0]',
    ': The best utilities of all needs add up to more than 2^53 − 1.',
    broken(
      ['residents', 0, 'needs'],
      [1, 2].map((k) => ({
        id: `n${k}`,
        options: [{ id: 'o', utility: MOST, uses: {}, privateUses: {} }],
      })),
    ),
  ],
]

describe('what is wrong is named by path, or by line and path', () => {
  test.each(WRONG)('%s%s', (path, rest, file) => {
    expect(() => readProblem(file)).toThrow(new ProblemError(`${path}${rest}`))
    expect(() => readInPieces(JSON.stringify(file))).toThrow(new ProblemError(`Line 1: ${path}${rest}`))
    const residents = (file as { residents: unknown[] }).residents
    const line = path.startsWith('residents[1]') ? residents.length + 1 : path.startsWith('accounts') ? 1 : 2
    const inLine = `${path.replace(/^residents\[\d\]\.?/, '')}${rest}`.replace(/^ must/, 'The resident must')
    expect(() => readInPieces(linesOf(file as ReturnType<typeof validFile>))).toThrow(
      new ProblemError(`Line ${line}: ${inLine.replace(/^: /, '')}`),
    )
    expect(certifyFile(file, RESULT)).toMatchObject({ ok: false })
  })

  test.each<[string, unknown]>([
    ['The problem must be an object, not null.', null],
    ['The problem must be an object, not a list.', []],
    ['The field format must be "lifecircle-problem/1", not "other".', broken(['format'], 'other')],
    ['The field format must be "lifecircle-problem/1", not missing.', {}],
    [
      'The field format must be "lifecircle-problem/1", not "lifecircle-problem/2".',
      broken(['format'], 'lifecircle-problem/2'),
    ],
    ['accounts must be a list, not missing.', broken(['accounts'], undefined)],
    ['residents must be a list, not an object.', broken(['residents'], {})],
  ])('%s', (sentence, file) => {
    expect(() => readProblem(file)).toThrow(new ProblemError(sentence))
    expect(certifyFile(file, RESULT)).toMatchObject({ ok: false, fault: 'problem' })
  })
})

describe('what is odd but legal', () => {
  const option = (id: string, more = {}) => ({ id, utility: 5, uses: {}, privateUses: {}, ...more })
  const resident = (id: string, needs: unknown[]) => ({ id, accounts: [], needs })
  const problem = (limit: number, residents: unknown[]) =>
    readProblem({ format: 'lifecircle-problem/1', accounts: [{ id: 'a', limit }], residents })

  test.each<[string, ReturnType<typeof problem>, number]>([
    ['nobody at all', problem(1, []), 0],
    ['no accounts and nobody', createProblemBuilder().build(), 0],
    ['a resident without needs', problem(1, [resident('r', [])]), 0],
    ['a need without options', problem(1, [resident('r', [{ id: 'n', options: [] }])]), 0],
    ['an option that uses nothing', problem(0, [resident('r', [{ id: 'n', options: [option('o')] }])]), 5],
    [
      'a limit of 0',
      problem(0, [resident('r', [{ id: 'n', options: [option('o', { uses: { a: 1 } })] }])]),
      0,
    ],
    [
      'a use of 0 of an account with limit 0',
      problem(0, [resident('r', [{ id: 'n', options: [option('o', { uses: { a: 0 } })] }])]),
      5,
    ],
    [
      'equal utilities',
      problem(
        3,
        ['r', 's', 't', 'u'].map((id) =>
          resident(id, [{ id: `n${id}`, options: ['o', 'p'].map((o) => option(o, { uses: { a: 1 } })) }]),
        ),
      ),
      15,
    ],
    [
      '100,000 options on one need',
      problem(1, [
        resident('r', [
          { id: 'n', options: Array.from({ length: 100_000 }, (_, o) => option(`o${o}`, { utility: o })) },
        ]),
      ]),
      99_999,
    ],
  ])('%s', (_what, read, optimum) => {
    const solution = solve(read, { rounds: 10 })
    expect([solution.value, solution.bound]).toEqual([optimum, optimum])
    const result = JSON.parse(JSON.stringify(writeResult(read, solution)))
    expect(certifyFile(fileOf(read), result)).toEqual({ ok: true, value: optimum, bound: optimum })
  })

  test('fields that nobody knows', () => {
    expect(readProblem(broken([...OPTION, 'color'], 'green'))).toEqual(readProblem(validFile()))
  })

  test('ids such as __proto__ are ids like any other', () => {
    const text = JSON.stringify(validFile())
      .replaceAll('fund:A', '__proto__')
      .replaceAll('"n1"', '"__proto__"')
    const problem = readInPieces(text)
    expect(problem.names.accounts).toEqual(['__proto__'])
    const solution = solve(problem, { rounds: 5 })
    const result = JSON.parse(JSON.stringify(writeResult(problem, solution)))
    expect(readResult(problem, result).choice).toEqual(Int32Array.of(0))
    expect(certifyFile(JSON.parse(text), result).ok).toBe(true)
  })
})
