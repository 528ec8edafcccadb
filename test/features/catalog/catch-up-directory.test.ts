/** Offerings of a database that is older than the directory. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catchUpDirectory } from '../../../src/features/catalog/catch-up-directory.ts'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { readBatch } from '../../../src/features/directory/read-records.ts'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'

const SERVICE = { category: 'medical', tier: 'basic', mode: 'onsite', unit: 'visit', price: 0 } as const

describe.each(engines())('catching up on %s', (rung) => {
  let world: Neighborhood
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    const { id: locationId } = await createLocation(world.provider, { name: 'Hall', address: '1 Main St' })
    for (const term of ['clinic_visit', 'dental_visit', 'gone']) {
      const { id } = await publishOffering(world.provider, { locationId, name: term, term, ...SERVICE })
      if (term === 'gone') await withdrawOffering(world.provider, { offeringId: id, version: 1 })
    }
  })
  afterAll(() => world.close())

  const records = async () => {
    const kinds = ['organization', 'location', 'address', 'service', 'service_at_location'] as const
    const all = await Promise.all(
      kinds.map((kind) => readBatch(world.system, kind, { after: 0, limit: 100 })),
    )
    return all.flat().map(({ kind, id, fields }) => ({ kind, id, fields }))
  }

  it('tells the directory what it would have been told, once', async () => {
    const told = (await records()).filter(({ fields }) => fields.name !== 'gone')
    expect(told.filter(({ kind }) => kind === 'service_at_location')).toHaveLength(2)
    await world.db.root.delete(directoryRecords)
    expect(await catchUpDirectory(world.system)).toBe(2)
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id)
    expect((await records()).toSorted(byId)).toEqual(told.toSorted(byId))
    expect(await catchUpDirectory(world.system)).toBe(0)
  })

  it('leaves a withdrawn offering untold', async () => {
    const found = await world.db.root
      .select()
      .from(directoryRecords)
      .where(eq(directoryRecords.kind, 'service_at_location'))
    expect(found).toHaveLength(2)
  })
})
