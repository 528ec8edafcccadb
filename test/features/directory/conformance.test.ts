/** Every answer under /hsds is what the official schemas say, and the standard's examples come out as they went in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { appOver } from '../../app/api-world.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { type Request, validateEverything } from './conformance.ts'
import { EXAMPLE_IDS, exampleRecords, HAS_OFFICIAL, official } from './official.ts'
import { TOWN_RECORDS } from './town-directory.ts'

describe.skipIf(!HAS_OFFICIAL).each(engines())('conformance on %s', (rung) => {
  let world: TestWorld
  let request: Request
  beforeAll(async () => {
    world = await openTestDb(rung)
    request = appOver(world).request
  })
  afterAll(() => world.close())

  const put = (records: Parameters<typeof putRecords>[1]) =>
    inTransaction(world.context(), (ctx) => putRecords(ctx, records))
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server answers
  const get = async (path: string): Promise<any> => (await request(path)).json()

  it('holds of an empty directory', async () => {
    const { totals } = await validateEverything(request)
    expect(new Set(Object.values(totals))).toEqual(new Set([0]))
  })

  it('holds of the official examples, which come out as they are', async () => {
    await put(exampleRecords())
    expect((await validateEverything(request)).totals).toMatchObject({ '/hsds/services': 1 })
    const { service, organization, service_at_location } = EXAMPLE_IDS
    expect(await get(`/hsds/services/${service}`)).toEqual(official('examples/service_full.json'))
    expect(await get(`/hsds/organizations/${organization}?full_service=true`)).toEqual(
      official('examples/organization_full.json'),
    )
    expect(await get(`/hsds/service_at_locations/${service_at_location}`)).toEqual(
      official('examples/service_at_location_full.json'),
    )
    for (const name of ['service', 'organization', 'service_at_location', 'taxonomy', 'taxonomy_term']) {
      const collection = name === 'taxonomy' ? 'taxonomies' : `${name}s`
      const { contents } = await get(`/hsds/${collection}`)
      expect(contents).toEqual(official(`examples/${name}_list.json`).contents)
    }
  })

  it('holds of a town with everything odd that records may be, on pages of two', async () => {
    await put(TOWN_RECORDS)
    const { totals, objects } = await validateEverything(request, { perPage: 2 })
    expect(totals).toMatchObject({ '/hsds/services': 9, '/hsds/service_at_locations': 9 })
    expect(objects).toBeGreaterThan(300)
  })

  it.each([
    ['"status":"active",', '', /is not a service_list: .*required property 'status'/],
    ['"status":"active"', '"status":"open"', /\/status must be equal to one of the allowed values/],
    ['"empty":false,', '', /is not a page: .*required property 'empty'/],
    ['"last_page":true', '"last_page":true,"total_items":77', /contradicts itself/],
    ['"location_type":"physical"', '"location_type":7', /is not a service: .*location_type must be string/],
    ['2024-05-01T10:00:00.000Z', '2024-05-01', /must match format "date-time"/],
  ])('is not passed by an answer in which %s reads %s', async (right, wrong, reason) => {
    const tampered = async (...asked: Parameters<typeof request>) => {
      const { status, headers, ...response } = await answerOf(await request(...asked))
      return new Response(response.text.replaceAll(right, wrong), { status, headers })
    }
    await expect(validateEverything(tampered, { every: 5 })).rejects.toThrow(reason)
  })
})

async function answerOf(response: Response) {
  const { status, headers } = response
  return { status, headers, text: await response.text() }
}
