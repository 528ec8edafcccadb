/** What a run would find for every need of a marketplace, whatever state it is in: the options to be equal to. */
import { eq } from 'drizzle-orm'
import {
  createOptionFinder,
  type NeedOptions,
  type Option,
} from '../../../../src/features/matching/options.ts'
import { readSnapshot } from '../../../../src/features/matching/read-snapshot.ts'
import { adoptedPolicy } from '../../../../src/features/policies/adopted-policy.ts'
import { needs } from '../../../../src/features/residents/tables.ts'
import { bulkLaneFor, openBulkLane } from '../../../../src/platform/db/bulk-lane.ts'
import { PERIOD } from '../../referrals/proposed-run.ts'
import type { Marketplace } from '../marketplace.ts'

/** By need. Leaves all of them in a run. */
export async function batchOptions(market: Marketplace): Promise<Map<string, NeedOptions>> {
  const { world, areas, officer } = market
  await world.db.root.update(needs).set({ state: 'in_run' }).where(eq(needs.period, PERIOD))
  const offer = bulkLaneFor(world.db)
  const lane = await openBulkLane(offer.descriptor)
  const snapshot = await readSnapshot(lane, {
    areaId: areas.district,
    period: PERIOD,
    currency: 'TWD',
    timeZone: 'UTC',
    recipientId: officer.organizationId,
    policy: (await adoptedPolicy(market.as(officer))).document,
    now: world.clock.read(),
  })
  await lane.close()
  offer.close()
  const finder = createOptionFinder(snapshot)
  const residents = new Map(snapshot.residents.map((one) => [one.id, one]))
  return new Map(
    snapshot.needs.map((need) => [need.id, finder.optionsOf(need, residents.get(need.residentId)!)]),
  )
}

/** What two options have to agree in. */
export function essence({ offering, program, ...terms }: Option) {
  const { capacity, staffTime, price, hours, eligibility } = offering
  return {
    ...terms,
    programId: program?.id ?? null,
    fund: program?.fund ?? null,
    offering: { id: offering.id, capacity, staffTime, price, hours, eligibility },
  }
}
