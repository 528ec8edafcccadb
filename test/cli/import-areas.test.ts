/** `lifecircle import areas`: what it prints, and what it refuses with one sentence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Feature } from '../../src/features/communities/geojson.ts'
import { collectionOf, polygon, square, village } from '../features/communities/squares.ts'
import { outcome, startProcess } from '../support/processes.ts'

const MAIN = new URL('../../src/cli/main.ts', import.meta.url)

const directory = mkdtempSync(join(tmpdir(), 'lifecircle-areas-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const path = (name: string) => join(directory, name)

function write(name: string, content: unknown): string {
  writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content))
  return path(name)
}

async function run(...args: string[]) {
  const settings = { LIFECIRCLE_DATA_DIR: path('data'), DATABASE_URL: '', REDIS_URL: '', LOG_LEVEL: 'error' }
  return outcome(startProcess(MAIN, ['import', 'areas', ...args], settings))
}

const featuresOf = (...names: string[]): Feature[] => names.map((name, at) => village(at, { name }))

describe('an import of areas', () => {
  it('takes a file and those its map joins, and reports 0 changes the second time', async () => {
    write('incomes.geojson', collectionOf(polygon({ village: 'Upper', income: 420 }, square(0, 0))))
    const file = write(
      'villages.geojson',
      `\uFEFF${JSON.stringify(collectionOf(...featuresOf('Upper', 'Lower')))}`,
    )
    const map = write(
      'map.yaml',
      `
code: code
name: name
parentCode: parentCode
parentName: parentName
population: { age0to14: age0to14, age15to64: age15to64, age65up: [age65up, age0to14] }
join:
  - { file: incomes.geojson, name: village, population: { medianIncome: income } }
`,
    )
    const first = await run(file, '--map', map)
    expect(first, first.error).toMatchObject({ code: 0 })
    expect(JSON.parse(first.out)).toMatchObject({
      ...{ created: 2, updated: 0, unchanged: 0, parentsCreated: 1 },
      layers: [
        { file, features: 2, imported: 2, refused: 0 },
        { file: path('incomes.geojson'), features: 1, imported: 1, refused: 0 },
      ],
      notes: [{ layer: 0, index: 1, field: 'name', outcome: 'kept' }],
    })
    const again = await run(file, '--map', map)
    expect(JSON.parse(again.out)).toMatchObject({ created: 0, updated: 0, unchanged: 2 })
  }, 60_000)

  it('refuses what it cannot read, with one sentence that names the file and the field', async () => {
    const sound = write('sound.geojson', collectionOf(...featuresOf('Upper')))
    const open = polygon(
      village(0).properties!,
      square(121, 25)
        .slice(0, 4)
        .concat([[0, 0]]),
    )
    const looped = write('looped.yaml', 'code: &a [*a]\nname: name\n')
    for (const [args, ...mentions] of [
      [[path('absent.geojson')], 'absent.geojson', 'no such file'],
      [[write('text.geojson', 'code,name')], 'text.geojson', 'cannot be read'],
      [[write('list.geojson', [1])], 'list.geojson', '/layers/0/collection'],
      [[write('open.geojson', collectionOf(open))], 'open.geojson', '/geometry/coordinates/0', 'not closed'],
      [[sound, '--map', write('bad.json', { name: 'name', cod: 'code' })], 'bad.json', '/cod'],
      [[sound, '--map', looped], 'looped.yaml'],
      [[sound, '--map', 'constructor'], 'constructor', 'no such file'],
    ] as [string[], ...string[]][]) {
      const { code, error, out } = await run(...args)
      expect({ args, code, out }).toEqual({ args, code: 2, out: '' })
      expect(error.trim().split('\n')).toHaveLength(1)
      for (const mention of mentions) expect(error).toContain(mention)
    }
  }, 120_000)
})
