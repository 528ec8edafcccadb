/** `lifecircle solve` on problems that are wrong, odd or large, as processes: what a stranger would try first. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { certifyFile } from '../../src/engine/certify-file.ts'
import { changed, linesOf, OPTION, validFile } from '../engine/support/problem-files.ts'
import { outcome } from '../support/processes.ts'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'lifecircle-odd-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

function run(...args: string[]) {
  return outcome(spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], { cwd: ROOT }))
}

type Path = readonly (string | number)[]
const MOST = Number.MAX_SAFE_INTEGER
const NEED = ['residents', 0, 'needs', 0] as const
const twice = (path: Path) => {
  let list: unknown = validFile()
  for (const step of path) list = (list as Record<string | number, unknown>)[step]
  return [...(list as unknown[]), ...(list as unknown[])]
}
const greedy = (id: string, utility: number) => ({ id, utility, uses: { 'fund:A': MOST }, privateUses: {} })

describe.concurrent('what is refused: exit code 2, one sentence with line and field, nothing written', () => {
  /** The change to a valid file, its line as NDJSON, and the sentence behind it. */
  test.each<[what: string, path: Path, value: unknown, line: number, sentence: string]>([
    [
      'negative limit',
      ['accounts', 0, 'limit'],
      -1,
      1,
      `accounts[0].limit must be an integer from 0 to ${MOST}, not -1.`,
    ],
    [
      'floor above the limit',
      ['accounts', 0, 'floor'],
      1001,
      1,
      'accounts[0]: Account "fund:A": the floor 1001 is above the limit 1000.',
    ],
    [
      'floor on a private account',
      ['residents', 0, 'accounts', 0, 'floor'],
      1,
      2,
      'accounts[0].floor: only shared accounts can have a floor, private ones cannot.',
    ],
    [
      'unknown account',
      [...OPTION, 'uses'],
      { 'fund:B': 1 },
      2,
      'needs[0].options[0].uses["fund:B"]: there is no such account here.',
    ],
    [
      'account of somebody else',
      [...OPTION, 'privateUses'],
      { purse: 1 },
      2,
      'needs[0].options[0].privateUses["purse"]: there is no such account here.',
    ],
    [
      'fractional amount',
      [...OPTION, 'uses', 'fund:A'],
      2.5,
      2,
      `needs[0].options[0].uses["fund:A"] must be an integer from 0 to ${MOST}, not 2.5.`,
    ],
    [
      'uses beyond 2^53',
      [...NEED, 'options'],
      [greedy('o', 1), greedy('p', 1)],
      2,
      'needs[0].options[1]: The uses of account "fund:A" add up to more than 2^53 − 1.',
    ],
    [
      'missing field',
      [...OPTION, 'uses'],
      undefined,
      2,
      'needs[0].options[0].uses must be an object, not missing.',
    ],
    [
      'account listed twice',
      ['accounts'],
      twice(['accounts']),
      1,
      'accounts[1]: Account "fund:A" is listed twice.',
    ],
    ['resident listed twice', ['residents'], twice(['residents']), 3, 'Resident "r1" is listed twice.'],
    [
      'need listed twice',
      ['residents', 0, 'needs'],
      twice(['residents', 0, 'needs']),
      2,
      'needs[1]: Need "n1" is listed twice.',
    ],
    [
      'option listed twice',
      [...NEED, 'options'],
      twice([...NEED, 'options']),
      2,
      'needs[0].options[1]: Option "o1" is listed twice for need "n1".',
    ],
  ])('%s', async (what, path, value, line, sentence) => {
    const file = at(`${what.replaceAll(/\W/g, '-')}.ndjson`)
    const result = `${file}.result`
    writeFileSync(file, linesOf(changed(validFile(), path, value)))
    const { code, out, error } = await run('solve', file, '--out', result)
    expect({ code, out, error }).toEqual({ code: 2, out: '', error: `${file}: Line ${line}: ${sentence}\n` })
    expect(existsSync(result)).toBe(false)
  })
})

describe.concurrent('arguments out of range', () => {
  const file = at('valid.json')
  writeFileSync(file, JSON.stringify(validFile()))
  test.each([
    ['--threads', '0', 'whole number from 1'],
    ['--gap', '-1', 'above 0'],
    ['--seed', '-1', 'from 0'],
  ])('%s %s', async (option, value, mention) => {
    const { code, out, error } = await run('solve', file, option, value)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(error).toContain(`argument '${value}' is invalid. Give a `)
    expect(error).toContain(mention)
  })
})

describe.concurrent('what is odd but legal: solved, and the result certified', () => {
  type Option = { id: string; utility: number; uses: object; privateUses: object }
  const option = (id: string, utility: number, uses: object = {}, privateUses: object = {}): Option => ({
    id,
    utility,
    uses,
    privateUses,
  })
  const resident = (id: string, ...needs: Option[][]) => ({
    id,
    accounts: [{ id: 'wallet', limit: 3 }],
    needs: needs.map((options, n) => ({ id: `${id}.${n}`, options })),
  })
  const people = Array.from({ length: 30 }, (_, r) => `r${r}`)

  test.each<
    [what: string, limit: number, floor: number, residents: ReturnType<typeof resident>[], value: number]
  >([
    ['nobody at all', 4, 0, [], 0],
    ['a resident without needs', 4, 0, [resident('r'), resident('s', [option('o', 6, { a: 1 })])], 6],
    ['a need without options', 4, 0, [resident('r', [], [option('o', 6, { a: 1 })])], 6],
    ['an option that uses nothing', 0, 0, [resident('r', [option('o', 5), option('p', 9, { a: 1 })])], 5],
    ['a limit of 0', 0, 0, [resident('r', [option('o', 5, { a: 1 })])], 0],
    [
      'equal utilities',
      7,
      0,
      people.map((id) => resident(id, [option('o', 4, { a: 1 }), option('p', 4, { a: 2 })])),
      28,
    ],
    ['utilities of 0 under a floor', 7, 7, people.map((id) => resident(id, [option('o', 0, { a: 1 })])), 0],
    ['a floor that is the limit', 7, 7, people.map((id, r) => resident(id, [option('o', r, { a: 1 })])), 182],
    [
      '10⁵ options on one need',
      5004,
      0,
      [
        resident(
          'r',
          Array.from({ length: 100_000 }, (_, o) => option(`o${o}`, o, { a: o }, { wallet: o % 7 })),
        ),
      ],
      5001,
    ],
    ['the largest figures', MOST, 0, [resident('r', [option('o', MOST, { a: MOST }, { wallet: 3 })])], MOST],
  ])('%s', async (what, limit, floor, residents, value) => {
    const file = at(`${what.replaceAll(/\W/g, '-')}.json`)
    const result = `${file}.result`
    const accounts = [{ id: 'a', limit, ...(floor > 0 ? { floor } : {}) }]
    writeFileSync(file, JSON.stringify({ format: 'lifecircle-problem/1', accounts, residents }))
    expect(await run('solve', file, '--rounds', '10', '--out', result)).toEqual({
      code: 0,
      out: '',
      error: '',
    })
    const content = JSON.parse(readFileSync(result, 'utf8'))
    expect(content).toMatchObject({ value, bound: value, gap: 0 })
    // 0.1 s for the 10⁵ options.
    expect(content.seconds).toBeLessThan(10)
    const problem = JSON.parse(readFileSync(file, 'utf8'))
    expect(certifyFile(problem, content)).toEqual({ ok: true, value, bound: value })
  })

  test('more threads than processors', async () => {
    const residents = people.map((id, r) => resident(id, [option('o', 5 + r, { a: 1 + (r % 3) })]))
    const file = at('threads.json')
    writeFileSync(
      file,
      JSON.stringify({ format: 'lifecircle-problem/1', accounts: [{ id: 'a', limit: 20 }], residents }),
    )
    const [one, three] = await Promise.all(
      ['1', '3'].map((threads) => run('solve', file, '--threads', threads)),
    )
    const { seconds: _s, peakMemoryMb: _m, hash: _h, ...alone } = JSON.parse(one!.out)
    expect(JSON.parse(three!.out)).toMatchObject(alone)
    expect([one!.code, three!.code, one!.error, three!.error]).toEqual([0, 0, '', ''])
  })
})
