/** A random catalog of three providers on a database, with the changes that can happen to it. */
import fc from 'fast-check'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { publishOfferings } from '../../../src/features/catalog/publish-offerings.ts'
import { reviseLocation } from '../../../src/features/catalog/revise-location.ts'
import { reviseOffering } from '../../../src/features/catalog/revise-offering.ts'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { locations, offerings } from '../../../src/features/catalog/tables.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { ensureDefaultPolicy } from '../../../src/features/policies/ensure-default-policy.ts'
import type { SearchOfferings } from '../../../src/features/search/schemas.ts'
import { searchOfferings } from '../../../src/features/search/search-offerings.ts'
import { type Context, inTransaction } from '../../../src/platform/context.ts'
import { openAccounts } from '../../../src/platform/ledger/accounts.ts'
import { holdBundle } from '../../../src/platform/ledger/post-transfers.ts'
import type { Rung } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'
import { fields, importOf, PERIOD } from './random-catalog.ts'

export interface CatalogWorld extends Neighborhood {
  organizations: string[]
  areaIds: string[]
  /** Those who ask, each of whom may find something else. */
  askers: Context[]
}

export async function openCatalog(rung: Rung, size: number): Promise<CatalogWorld> {
  const world = await openNeighborhood(rung)
  await ensureDefaultPolicy(world.system)
  const market = { kind: 'provider', name: 'Market House', sector: 'market' } as const
  const third = (await createOrganization(world.operator, market)).id
  const { provider, otherProvider, partner, operator } = world
  const organizations = [provider.actor.organizationId, otherProvider.actor.organizationId, third]
  const areaIds = [world.areas.district, world.areas.north, world.areas.south]
  const [imported] = fc.sample(importOf(size, organizations, areaIds), { seed: 17, numRuns: 1 })
  await publishOfferings(world.system, imported!)
  return { ...world, organizations, areaIds, askers: [partner, provider, operator] }
}

/** All pages of an answer. */
export async function askAll(ctx: Context, question: SearchOfferings) {
  const first = await searchOfferings(ctx, question)
  const ids = first.items.map(({ id }) => id)
  let cursor = first.nextCursor
  while (cursor) {
    const page = await searchOfferings(ctx, { ...question, cursor })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  return { ids, facets: first.facets, total: first.total }
}

export interface Change {
  kind: 'publish' | 'withdraw' | 'revise' | 'move' | 'capacity' | 'hold' | 'import'
  /** Which offering or location, counted around. */
  at: number
  fields: typeof fields extends fc.Arbitrary<infer Fields> ? Fields : never
  units: number
}

export const changes: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('publish', 'withdraw', 'revise', 'move', 'capacity', 'hold', 'import'),
  at: fc.nat(1000),
  fields,
  units: fc.nat(3),
})

/** Makes the change by the verbs that do it; nothing where it cannot be made to that row. */
export async function make(
  { system: ctx }: CatalogWorld,
  { kind, at, fields, units }: Change,
): Promise<void> {
  const places = await ctx.db.root.select().from(locations).orderBy(locations.id)
  const all = await ctx.db.root.select().from(offerings).orderBy(offerings.id)
  const place = places[at % places.length]!
  const { id: offeringId, version, state, unit } = all[at % all.length]!
  const { name, price, tier, mode } = fields
  if (kind === 'publish') await publishOffering(ctx, { ...fields, locationId: place.id })
  if (kind === 'withdraw' && state === 'published') await withdrawOffering(ctx, { offeringId, version })
  if (kind === 'revise' && state === 'published')
    await reviseOffering(ctx, { offeringId, version, name, price, tier, mode })
  if (kind === 'move') await move(ctx, place, at)
  if (kind === 'capacity') await setCapacity(ctx, { offeringId, period: PERIOD, units: units + 5 })
  if (kind === 'hold') await hold(ctx, offeringId, unit)
  if (kind === 'import') await importTwo(ctx, place, fields, version)
}

function move(ctx: Context, { id, version }: { id: string; version: number }, at: number) {
  const point = at % 5 === 0 ? null : { latitude: 25.03 + (at % 7) * 0.001, longitude: 121.54 }
  const visibility = (['public', 'confidential', null] as const)[at % 3]!
  return reviseLocation(ctx, { locationId: id, version, point, visibility, name: `Station ${at % 4}` })
}

/** Takes a unit in the ledger alone, as a run does: no event names the offering. */
async function hold(ctx: Context, ownerId: string, unit: string): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const name = { ownerId, period: PERIOD, unit }
    const [capacity, consumed] = await openAccounts(ctx, [
      { ...name, kind: 'capacity', limit: 1 },
      { ...name, kind: 'consumed', limit: 0 },
    ])
    if (capacity!.limit - capacity!.held - capacity!.spent === 0) return
    const uses = [{ debitId: capacity!.id, creditId: consumed!.id, amount: 1 }]
    await holdBundle(ctx, { id: ctx.newId(), uses })
  })
}

async function importTwo(
  ctx: Context,
  { organizationId, sourceRef }: { organizationId: string; sourceRef: string | null },
  fields: Change['fields'],
  salt: number,
): Promise<void> {
  const ref = (n: number) => `${ctx.newId()}-${salt}-${n}`
  const one = { ...fields, organizationId, locationRef: sourceRef! }
  await publishOfferings(ctx, {
    offerings: [
      { ...one, sourceRef: ref(1) },
      { ...one, sourceRef: ref(2) },
    ],
  })
}
