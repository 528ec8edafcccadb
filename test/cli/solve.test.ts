/** `lifecircle solve` and `lifecircle certify` as processes: files, standard input, exit codes. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { writeBinaryProblem } from '../../src/engine/problem-binary.ts'
import { problemJson, problemNdjson } from '../../src/engine/problem-lines.ts'
import { syntheticTown } from '../engine/support/town.ts'
import { outcome } from '../support/processes.ts'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'lifecircle-solve-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content)
  return at(name)
}

function run(args: string[], input?: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], { cwd: ROOT })
  child.stdin.end(input)
  return outcome(child)
}

const town = syntheticTown({ needs: 60, seed: 8, options: 6 })
const json = [...problemJson(town)].join('')
const ndjson = [...problemNdjson(town)].join('')
const problem = file('town.json', json)
const lines = file('town.ndjson', ndjson)
const binary = file('town.lcp', writeBinaryProblem(town))
const SOLVE = ['solve', '--rounds', '8', '--seed', '3']

describe('solve and certify', () => {
  test('every form of the problem gives the same result, which each form certifies', async () => {
    const [first, second, third] = await Promise.all([
      run([...SOLVE, problem, '--out', at('result.json')]),
      run([...SOLVE, lines]),
      run([...SOLVE, '-'], json),
    ])
    expect(first).toEqual({ code: 0, out: '', error: '' })
    const result = JSON.parse(readFileSync(at('result.json'), 'utf8'))
    expect(result).toMatchObject({ format: 'lifecircle-result/1', seed: 3, seconds: expect.any(Number) })
    const same = ({ value, bound, gap, rounds, prices, assignment, problem }: typeof result) => ({
      value,
      bound,
      gap,
      rounds,
      prices,
      assignment,
      problem,
    })
    for (const { code, out, error } of [second, third]) {
      expect({ code, error }).toEqual({ code: 0, error: '' })
      expect(same(JSON.parse(out))).toEqual(same(result))
    }

    const certified = await Promise.all([
      run(['certify', problem, at('result.json')]),
      run(['certify', lines, '-'], second.out),
      run(['certify', binary, at('result.json')]),
      run(['certify', '-', at('result.json')], ndjson),
    ])
    const proven = { proved: true, value: result.value, bound: result.bound, gap: result.gap }
    for (const { code, out, error } of certified) {
      expect({ code, error, proven: JSON.parse(out) }).toEqual({ code: 0, error: '', proven })
    }

    const changed = file('changed.json', JSON.stringify({ ...result, seconds: result.seconds + 1 }))
    const half = file('half.json', JSON.stringify(result).slice(0, 500))
    const other = file('other.json', json.replace(/"limit":\d+/, '"limit":1'))
    const [rejected, unreadable, ofAnother, gone, twice] = await Promise.all([
      run(['certify', problem, changed]),
      run(['certify', problem, half]),
      run(['certify', other, at('result.json')]),
      run(['certify', problem, at('nowhere.json')]),
      run(['certify', '-', '-']),
    ])
    expect(rejected).toMatchObject({ code: 1, out: '', error: expect.stringContaining('was changed after') })
    expect(unreadable).toMatchObject({
      code: 2,
      out: '',
      error: expect.stringContaining('is not valid JSON'),
    })
    expect(ofAnother).toMatchObject({ code: 1, out: '', error: expect.stringContaining('Not proved: ') })
    expect(gone).toMatchObject({ code: 2, error: expect.stringContaining('there is no such file') })
    expect(twice).toMatchObject({ code: 2, error: expect.stringContaining('Only one of') })
  })

  test('a limit in seconds still gives a proved result', async () => {
    const { code, out } = await run(['solve', binary, '--rounds', '1000000', '--seconds', '0.2'])
    expect(code).toBe(0)
    expect(JSON.parse(out).seconds).toBeLessThan(3)
    expect((await run(['certify', binary, '-'], out)).code).toBe(0)
  })
})

// util-linux's `script` gives a process a terminal.
const noTerminal = !spawnSync('script', ['--version']).stdout?.includes('util-linux')

test.skipIf(noTerminal)('on a terminal, progress goes to standard error, and the result stays whole', () => {
  const out = at('terminal.json')
  const command = `"${process.execPath}" --import tsx src/cli/main.ts solve --rounds 40 "${problem}" > "${out}"`
  const shown = execFileSync('script', ['-qec', command, '/dev/null'], { cwd: ROOT, encoding: 'utf8' })
  const { value, bound } = JSON.parse(readFileSync(out, 'utf8'))
  for (const word of ['reading', 'round', 'bound', 'gap']) expect(shown).toContain(word)
  const figures = [value, bound].map((figure: number) => figure.toLocaleString('en-US'))
  expect(shown).toContain(`Value ${figures[0]}, at most ${figures[1]} possible`)
})

describe('what is refused, with one sentence', () => {
  const bytes = writeBinaryProblem(town)
  test.each<[string, string, string]>([
    ['a file that is not there', at('nowhere.json'), 'nowhere.json cannot be read: there is no such file.'],
    ['a directory', folder, 'that is a directory'],
    ['an empty file', file('empty.json', ''), 'empty.json: The problem is empty'],
    ['a cut-off NDJSON', file('cut.ndjson', ndjson.slice(0, -300)), 'the last of the file'],
    [
      'NDJSON that lacks its last line',
      file('short.ndjson', ndjson.replace(/.*\n$/, '')),
      'lines are missing',
    ],
    [
      'a damaged binary',
      file(
        'bad.lcp',
        bytes.map((b, i) => (i === 700 ? b ^ 1 : b)),
      ),
      'checksum',
    ],
    ['JSON by the name of a binary', file('text.lcp', json), 'This is no binary problem'],
    ['Latin-1', file('latin.json', Buffer.from(`{"é": 1}`, 'latin1')), 'is not UTF-8 text'],
    [
      'a negative limit',
      file('negative.json', json.replace(/"limit":\d+/, '"limit":-4')),
      'accounts[0].limit',
    ],
  ])('%s', async (_what, path, mention) => {
    const { code, out, error } = await run([...SOLVE, path])
    expect({ code, out, lines: error.trim().split('\n').length }).toEqual({ code: 2, out: '', lines: 1 })
    expect(error).toContain(mention)
  })

  test('floors that are missed: no result, and whether there could be one', async () => {
    const floored = (id: string, floor: number) => {
      const problem = JSON.parse(json)
      const account = problem.accounts.find((entry: { id: string }) => entry.id === id)
      Object.assign(account, { floor, limit: Math.max(floor, account.limit) })
      return file(`floor-${floor}.json`, JSON.stringify(problem))
    }
    const [tooHigh, met] = await Promise.all([
      run([...SOLVE, floored('fund:1', 10_000_000)]),
      run([...SOLVE, floored('fund:1', 1)]),
    ])
    expect(tooHigh).toMatchObject({ code: 1, out: '' })
    expect(tooHigh.error).toMatch(
      /^There is no result: account "fund:1" is used for \d+, below its floor of 10000000; it is proved/,
    )
    expect(met).toMatchObject({ code: 0, error: '' })
    expect((await run(['certify', at('floor-1.json'), '-'], met.out)).code).toBe(0)
  })

  test('a problem that certify cannot read is no verdict on the result', async () => {
    const [cut, damaged] = await Promise.all([
      run(['certify', at('short.ndjson'), file('none.json', '{}')]),
      run(['certify', at('bad.lcp'), at('none.json')]),
    ])
    expect(cut).toMatchObject({ code: 2, out: '', error: expect.stringContaining('its header says') })
    expect(damaged).toMatchObject({ code: 2, out: '', error: expect.stringContaining('checksum') })
  })

  test.each([
    ['rounds', ['--rounds', '0'], 'whole number from 1'],
    ['seconds', ['--seconds', '0'], 'above 0'],
    ['out', ['--out', join('nowhere', 'result.json')], 'cannot be written'],
  ])('%s out of range', async (_what, args, mention) => {
    const { code, out, error } = await run(['solve', problem, ...args])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(error).toContain(mention)
  })
})
