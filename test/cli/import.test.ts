/** `lifecircle import`: what it prints, its exit codes, and what a kill in the middle leaves behind. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { writePackage } from '../../scripts/bench/feed-package.ts'
import { openEmbedded } from '../../src/platform/db/embedded.ts'
import { kill, outcome, startProcess } from '../support/processes.ts'

const MAIN = new URL('../../src/cli/main.ts', import.meta.url)
const OHANA = new URL('../../../shared/data/ohana-sample', import.meta.url).pathname
const directory = mkdtempSync(join(tmpdir(), 'lifecircle-import-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const start = (data: string, ...args: string[]) =>
  startProcess(MAIN, ['import', ...args], {
    DATABASE_URL: '',
    REDIS_URL: '',
    LOG_LEVEL: 'error',
    LIFECIRCLE_DATA_DIR: join(directory, data),
  })
const run = (data: string, ...args: string[]) => outcome(start(data, ...args))

async function packageOf(name: string, services: number): Promise<string> {
  const path = join(directory, name)
  mkdirSync(path)
  await writePackage(path, services, { matchable: false })
  return path
}

describe('lifecircle import', () => {
  test('prints JSON on a pipe, writes the report, and finds nothing to do the second time', async () => {
    const path = join(directory, 'city')
    mkdirSync(path)
    writeFileSync(join(path, 'organizations.csv'), 'id,name,description\no1,House,Cares\n')
    writeFileSync(
      join(path, 'services.csv'),
      'id,organization_id,name,status\ns1,o1,Care,active\ns2,o1,,active\n',
    )
    const report = join(directory, 'report.csv')
    const first = await run('one', 'hsds', path, '--report', report)
    expect(first.code, first.error).toBe(0)
    expect(JSON.parse(first.out)).toMatchObject({
      feed: 'city',
      total: { created: 2, refused: 1 },
      files: [
        { file: 'organizations.csv', rows: 1, imported: 1, refused: 0 },
        { file: 'services.csv', rows: 2, imported: 1, refused: 1 },
      ],
    })
    expect(readFileSync(report, 'utf8').trim().split('\n')).toEqual([
      'file,line,field,reason,value,outcome',
      'services.csv,3,name,a service without name,,refused',
    ])
    const second = await run('one', 'hsds', path, '--dry-run')
    expect(JSON.parse(second.out)).toMatchObject({
      dryRun: true,
      total: { created: 0, updated: 0, unchanged: 2 },
    })
  }, 120_000)

  test('refuses what is no feed with exit code 2, and an address without an answer with 1', async () => {
    const broken = join(directory, 'broken.json')
    writeFileSync(broken, '{"organizations.csv": [')
    const map = join(directory, 'map.yaml')
    writeFileSync(map, 'format: other')
    const cases: [string[], number, string][] = [
      [['hsds', join(directory, 'nowhere')], 2, 'no such file'],
      [['hsds', broken], 2, 'ends in the middle'],
      [['csv', broken, '--map', map], 2, 'does not fit its format'],
      [['hsds', 'http://127.0.0.1:1/'], 2, 'not on the public internet'],
      [['hsds', 'http://nowhere.invalid/'], 1, "can't be found"],
    ]
    for (const [args, code, mention] of cases) {
      const refused = await run('two', ...args)
      expect(refused, args.join(' ')).toMatchObject({ code, out: '' })
      expect(refused.error).toContain(mention)
      expect(refused.error).not.toContain('    at ')
    }
  }, 180_000)

  /** Starts the import and kills it; sooner where the machine was faster than expected. @returns its world. */
  async function killedImport(path: string, waits: readonly number[]): Promise<string> {
    for (const wait of waits) {
      const world = `killed-${wait}`
      const child = start(world, 'hsds', path)
      await vi.waitFor(() => expect(existsSync(join(directory, world, 'pgdata', 'base'))).toBe(true), 60_000)
      await new Promise((resolve) => setTimeout(resolve, wait))
      if (await kill(child)) return world
    }
    throw new Error('Every import was over before it was killed.')
  }

  test('killed in the middle: nothing is there, and the next one brings it all', async () => {
    const path = await packageOf('large', 3000)
    const world = await killedImport(path, [2500, 1200, 500])
    const db = await openEmbedded(join(directory, world))
    const query = async (text: string) =>
      ((await db.root.execute(text)) as unknown as { rows: { told: unknown }[] }).rows
    // On a busy machine the kill may come before the tables.
    const [table] = await query("select to_regclass('directory_records') as told")
    const counted = 'select count(*)::int as told from directory_records'
    const [count] = table!.told === null ? [{ told: 0 }] : await query(counted)
    await db.close()
    expect(count!.told).toBe(0)
    const next = await run(world, 'hsds', path)
    expect(next.code, next.error).toBe(0)
    expect(JSON.parse(next.out).total).toMatchObject({ created: 15_300, updated: 0, unchanged: 0 })
  }, 240_000)

  test.skipIf(!existsSync(OHANA))(
    'takes in the Ohana sample, every row accounted for',
    async () => {
      const { out, code } = await run('four', 'hsds', OHANA)
      expect(code).toBe(0)
      const { files } = JSON.parse(out) as {
        files: { file: string; rows: number; imported: number; refused: number }[]
      }
      for (const { rows, imported, refused } of files) expect(imported + refused).toBe(rows)
      expect(files.find(({ file }) => file === 'services.csv')).toMatchObject({ rows: 23, imported: 23 })
    },
    120_000,
  )
})
