/** The standard's own examples, imported from each nested file, come out as they went in. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appOver, type Send, sender } from '../../app/api-world.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { type Request, validateEverything } from '../directory/conformance.ts'
import { EXAMPLE_IDS } from '../directory/official.ts'
import { EXAMPLES, reportOf, takeFeed } from './whole-feeds.ts'

const absent = !existsSync(EXAMPLES)
if (absent) console.warn('skipped: the official examples need ../shared/data/hsds-3.1 beside the checkout')

/**
 * What an example file says. The one difference: an import takes blanks off the ends of texts, and the description of
 * the examples' service ends in one.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever the file holds
function example(name: string): any {
  const text = readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')
  return JSON.parse(text, (_name, value) => (typeof value === 'string' ? value.trim() : value))
}

/** What the examples themselves have that cannot be meant; taken as it is, and told. */
const ODD = [
  'available more available than the maximum of 10: kept',
  'extent extent_type says geojson, and the extent is none: kept',
  'latitude coordinates off the globe: kept, but out of distance matching',
  'parent_id names no record of the feed or the directory: kept',
  'parent_organization_id names no record of the feed or the directory: kept',
]

const { service, organization, service_at_location: place } = EXAMPLE_IDS
const FULL = ['service_full', 'organization_full', 'service_at_location_full']

/** What each file alone is enough to answer: the address, and the example that the answer equals. */
const ANSWERS: Record<string, [path: string, expected: string][]> = {
  service_full: [
    [`services/${service}`, 'service_full'],
    [`organizations/${organization}?full_service=true`, 'organization_full'],
    [`service_at_locations/${place}`, 'service_at_location_full'],
    ['services', 'service_list'],
    ['organizations', 'organization_list'],
    ['service_at_locations', 'service_at_location_list'],
  ],
  service_list: [['services', 'service_list']],
  organization_list: [['organizations', 'organization_list']],
  service_at_location_list: [['service_at_locations', 'service_at_location_list']],
  taxonomy: [['taxonomies/', 'taxonomy']],
  taxonomy_list: [['taxonomies', 'taxonomy_list']],
  taxonomy_term: [['taxonomy_terms/', 'taxonomy_term']],
  taxonomy_term_list: [['taxonomy_terms', 'taxonomy_term_list']],
}
for (const name of FULL) ANSWERS[name] = ANSWERS.service_full!

describe.skipIf(absent)('the official examples', () => {
  let world: TestWorld
  let request: Request
  let send: Send
  let folder: string
  beforeEach(async () => {
    world = await openTestDb()
    const app = appOver(world)
    request = app.request
    send = sender(app)
    folder = mkdtempSync(join(tmpdir(), 'lifecircle-examples-'))
  })
  afterEach(async () => {
    rmSync(folder, { recursive: true })
    await world.close()
  })

  const take = async (name: string) => {
    const row = await takeFeed(world, { feed: 'examples', path: join(EXAMPLES, `${name}.json`) })
    return { ...row, report: await reportOf(world, row) }
  }
  const get = async (path: string) => {
    const { status, body } = await send(null, 'GET', `/hsds/${path}`)
    expect([path, status]).toEqual([path, 200])
    return body
  }

  async function expectAnswers(answers: [string, string][]): Promise<void> {
    for (const [path, name] of answers) {
      const told = example(name)
      if (name.endsWith('_list')) expect((await get(path)).contents, path).toEqual(told.contents)
      else expect(await get(path.endsWith('/') ? path + told.id : path), path).toEqual(told)
    }
  }

  it.each(Object.entries(ANSWERS))('come out of %s.json as they are', async (name, answers) => {
    const { result, report } = await take(name)
    expect(result.files).toMatchObject([{ rows: 1, imported: 1, refused: 0 }])
    expect(
      report.map(({ field, reason }) => `${field} ${reason}`).filter((odd) => !ODD.includes(odd)),
    ).toEqual([])
    await expectAnswers(answers)
  })

  it('all together are one directory, as the schemas want it, and the same when they come again', async () => {
    const files = Object.keys(ANSWERS).map((name) => `${name}.json`)
    for (const file of files) cpSync(join(EXAMPLES, file), join(folder, file))
    const { result } = await takeFeed(world, { feed: 'examples', path: folder })
    expect(result.files.map(({ file }) => file).sort()).toEqual(files.sort())
    const again = (await takeFeed(world, { feed: 'examples', path: folder })).result
    expect(again.total).toMatchObject({ created: 0, updated: 0, unchanged: result.total.created })
    await validateEverything(request)
    await expectAnswers(Object.values(ANSWERS).flat())
  })
})
