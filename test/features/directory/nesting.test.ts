/** The standard's own examples: records in, the same nested objects out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nest } from '../../../src/features/directory/nest.ts'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import { readTree } from '../../../src/features/directory/read-tree.ts'
import { fullView, listView, organizationView, type View } from '../../../src/features/directory/views.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { EXAMPLE_IDS, exampleRecords, HAS_OFFICIAL, official } from './official.ts'

describe.skipIf(!HAS_OFFICIAL).each(engines())('the official examples on %s', (rung) => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb(rung)
  })
  afterAll(() => world.close())

  it('are created once, and unchanged when they are put again', async () => {
    const records = exampleRecords()
    const put = () => inTransaction(world.context(), (ctx) => putRecords(ctx, records))
    expect(await put()).toMatchObject({ created: records.length, updated: 0, unchanged: 0 })
    expect(await put()).toMatchObject({ created: 0, updated: 0, unchanged: records.length, changed: [] })
  })

  const show = async (kind: keyof typeof EXAMPLE_IDS, view: View) => {
    const tree = await readTree(world.context(), kind, [EXAMPLE_IDS[kind]], view)
    return nest(tree, tree.find(kind, EXAMPLE_IDS[kind])!, view)
  }

  it.each(['service', 'organization', 'service_at_location'] as const)(
    'nest as %s_full.json',
    async (kind) => {
      expect(await show(kind, fullView(kind))).toEqual(official(`examples/${kind}_full.json`))
    },
  )

  it.each(['service', 'service_at_location'] as const)('stand in a list as in %s_list.json', async (kind) => {
    expect(await show(kind, listView)).toEqual(official(`examples/${kind}_list.json`).contents[0])
  })

  it('show an organization’s services as in a list', async () => {
    const whole = official('examples/organization_full.json')
    const [service] = official('examples/service_list.json').contents
    const { organization: _, ...simple } = service
    expect(await show('organization', organizationView)).toEqual({ ...whole, services: [simple] })
  })
})
