/** An organization under a new name: the directory says it too. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { retellOrganization } from '../../../src/features/catalog/retell-organization.ts'
import { readBatch } from '../../../src/features/directory/read-records.ts'
import { changeOrganization } from '../../../src/features/identity/change-organization.ts'
import { REACTIONS } from '../../../src/jobs.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'

let world: Neighborhood
beforeAll(async () => {
  world = await openNeighborhood()
  const { id: locationId } = await createLocation(world.provider, { name: 'Hall', address: '1 Main St' })
  const service = { category: 'medical', tier: 'basic', mode: 'onsite', unit: 'visit', price: 0 } as const
  await publishOffering(world.provider, { locationId, name: 'Clinic', term: 'clinic_visit', ...service })
})
afterAll(() => world.close())

const names = async () => {
  const records = await readBatch(world.system, 'organization', { after: 0, limit: 100 })
  return records.map(({ fields }) => fields.name)
}

it('is told by its new name, and one without a place by none', async () => {
  expect(await names()).toEqual(['Care House'])
  for (const { actor } of [world.provider, world.otherProvider]) {
    const wanted = { id: actor.organizationId, name: 'House of Care', bodyId: null, secondBodyId: null }
    await changeOrganization(world.operator, wanted)
    await inTransaction(world.system, (ctx) => retellOrganization(ctx, actor.organizationId))
  }
  expect(await names()).toEqual(['House of Care'])
  expect(REACTIONS.has('organization.changed')).toBe(true)
})
