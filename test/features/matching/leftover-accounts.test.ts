/** An offering that once counted another unit keeps the account of that unit: nobody looks at it any more. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { readSnapshot } from '../../../src/features/matching/read-snapshot.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { bulkLaneFor, openBulkLane } from '../../../src/platform/db/bulk-lane.ts'
import { openAccount } from '../../../src/platform/ledger/accounts.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import { type Marketplace, openMarketplace } from './marketplace.ts'

let market: Marketplace
beforeAll(async () => {
  market = await openMarketplace('embedded')
})
afterAll(() => market.world.close())

async function snapshotOfferings() {
  const { world, areas, officer } = market
  const offer = bulkLaneFor(world.db)
  const lane = await openBulkLane(offer.descriptor)
  const { offerings } = await readSnapshot(lane, {
    areaId: areas.district,
    period: PERIOD,
    currency: 'TWD',
    timeZone: 'UTC',
    recipientId: officer.organizationId,
    policy: DEFAULT_POLICY.document,
    now: world.clock.read(),
  })
  await lane.close()
  offer.close()
  return offerings
}

it('is in a run’s snapshot once, with the account of its own unit', async () => {
  const before = await snapshotOfferings()
  const ownerId = market.offerings.house
  await inTransaction(market.as(SYSTEM), (ctx) =>
    openAccount(ctx, { kind: 'capacity', ownerId, period: PERIOD, unit: 'meal' }, 40),
  )
  expect(before.map(({ id }) => id)).toContain(ownerId)
  expect(await snapshotOfferings()).toEqual(before)
})
