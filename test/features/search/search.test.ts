import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getOffering, offeringsById } from '../../../src/features/catalog/get-offering.ts'
import { searchOfferings } from '../../../src/features/search/search-offerings.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { openAccount } from '../../../src/platform/ledger/accounts.ts'
import { engines } from '../../support/test-world.ts'
import { askAll, type CatalogWorld, changes, make, openCatalog } from './catalog-world.ts'
import { askTables } from './oracle.ts'
import { questions } from './random-catalog.ts'

describe.each(engines())('search on %s', (rung) => {
  let world: CatalogWorld
  beforeAll(async () => {
    world = await openCatalog(rung, 240)
  })
  afterAll(() => world.close())

  const compare = async (asker: number, question: Parameters<typeof askTables>[1]) => {
    const ctx = world.askers[asker % world.askers.length]!
    const { ids, facets, total } = await askAll(ctx, question)
    const expected = await askTables(ctx, question)
    expect({ ids, facets, total }).toEqual({ ...expected, total: expected.ids.length })
    const { items } = await searchOfferings(ctx, question)
    const rows = await offeringsById(ctx, ids)
    expect(items.map(({ walkingMinutes: _minutes, ...row }) => row)).toEqual(
      items.map(({ id }) => rows.get(id)),
    )
    return ids.length
  }

  it('answers as the tables do: same offerings, same order, same counts, on all pages', async () => {
    const { organizations, areaIds } = world
    const sizes: number[] = []
    await fc.assert(
      fc.asyncProperty(questions(organizations, areaIds), fc.nat(2), async (question, asker) => {
        sizes.push(await compare(asker, { ...question, limit: Math.max(question.limit ?? 50, 7) }))
      }),
      { seed: 4, numRuns: 150 },
    )
    // A property that only ever saw empty answers would show nothing.
    expect(sizes.filter((size) => size > 7).length).toBeGreaterThan(30)
  })

  it('answers as the tables do after every change', async () => {
    const { organizations, areaIds } = world
    await fc.assert(
      fc.asyncProperty(
        fc.array(changes, { minLength: 1, maxLength: 4 }),
        questions(organizations, areaIds),
        fc.nat(2),
        async (made, question, asker) => {
          for (const change of made) await make(world, change)
          await compare(asker, { ...question, limit: 200 })
        },
      ),
      { seed: 5, numRuns: 60, endOnFailure: true },
    )
  })

  it('counts free what the ledger has left in the offering’s own unit', async () => {
    const { system, partner, organizations } = world
    const period = '2027-05'
    const { ids } = await askAll(partner, { organizationId: organizations[0]!, limit: 200 })
    const [wrongUnit, full, free] = ids as [string, string, string]
    await inTransaction(system, async (ctx) => {
      const open = async (ownerId: string, isOwn: boolean, limit: number) => {
        const { unit } = await getOffering(ctx, ownerId)
        const other = unit === 'hour' ? 'visit' : 'hour'
        await openAccount(ctx, { kind: 'capacity', ownerId, period, unit: isOwn ? unit : other }, limit)
      }
      await open(wrongUnit, false, 5)
      await open(full, true, 0)
      await open(free, true, 1)
    })
    expect((await askAll(partner, { freeIn: period })).ids).toEqual([free])
  })
})
