/** A fact without a live consent for matching stays behind in the database: nobody is matched by it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOptionFinder } from '../../../src/features/matching/options.ts'
import { readSnapshot } from '../../../src/features/matching/read-snapshot.ts'
import type { SnapshotOffering } from '../../../src/features/matching/snapshot.ts'
import type { Rule } from '../../../src/features/policies/eligibility.ts'
import { ConsentFact, type RegisterResidents } from '../../../src/features/residents/schemas.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { bulkLaneFor, openBulkLane } from '../../../src/platform/db/bulk-lane.ts'
import { engines } from '../../support/test-world.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import { type Marketplace, openMarketplace, person, register } from './marketplace.ts'
import { HOME, offering, POLICY } from './snapshots.ts'

type Consents = RegisterResidents['residents'][number]['consents']

describe.each(engines())('consent on %s', (rung) => {
  let market: Marketplace
  beforeAll(async () => {
    market = await openMarketplace(rung)
  })
  afterAll(() => market.world.close())

  /** What a run would make of a resident with these consents, wanting what `wanted` offers. */
  async function optionsWith(consents: Consents, wanted: Partial<SnapshotOffering> = {}) {
    const { world, areas } = market
    const [id] = await register(market, [person(areas.north, { consents })])
    await world.db.root.update(needs).set({ state: 'in_run' })
    const scope = {
      areaId: areas.district,
      period: PERIOD,
      currency: 'TWD',
      timeZone: 'UTC',
      recipientId: market.officer.organizationId,
      policy: POLICY,
    }
    const offer = bulkLaneFor(world.db)
    const lane = await openBulkLane(offer.descriptor)
    const snapshot = await readSnapshot(lane, { ...scope, now: world.clock.read() })
    await lane.close()
    offer.close()
    const offerings = [offering({ point: HOME, price: 0, languages: ['nan'], ...wanted })]
    const need = snapshot.needs.find(({ residentId }) => residentId === id)!
    const resident = snapshot.residents.find((one) => one.id === id)!
    return createOptionFinder({ ...snapshot, offerings, programs: [] }).optionsOf(need, resident)
  }

  it('is read together with the day on the wall of the deployment’s zone', async () => {
    const dayIn = async (timeZone: string) => {
      const offer = bulkLaneFor(market.world.db)
      const lane = await openBulkLane(offer.descriptor)
      const areaId = market.areas.district
      const recipientId = market.officer.organizationId
      const now = new Date('2026-11-30T18:00:00Z')
      const scope = { areaId, period: PERIOD, currency: 'TWD', timeZone, recipientId, policy: POLICY, now }
      const { today } = await readSnapshot(lane, scope)
      await lane.close()
      offer.close()
      return today
    }
    expect(await dayIn('UTC')).toBe('2026-11-30')
    expect(await dayIn('Asia/Taipei')).toBe('2026-12-01')
  })

  const allBut = (fact: ConsentFact): Consents => [
    { purpose: 'matching', facts: ConsentFact.options.filter((one) => one !== fact) },
  ]
  const all: Consents = [{ purpose: 'matching', facts: [...ConsentFact.options] }]

  it('to the location decides whether distance may be reckoned', async () => {
    expect((await optionsWith(all)).options).toHaveLength(1)
    expect(await optionsWith(allBut('location'))).toEqual({ options: [], ruledOut: { consent_missing: 1 } })
  })

  it('to languages decides whether a common one counts', async () => {
    const worth = async (consents: Consents) => (await optionsWith(consents)).options[0]!.parts.language
    expect(await worth(all)).toBeGreaterThan(0)
    expect(await worth(allBut('languages'))).toBe(0)
  })

  it('to the level of care decides whether it makes a need more urgent', async () => {
    const worth = async (consents: Consents) => (await optionsWith(consents)).options[0]!.utility
    expect(await worth(all)).toBe((await worth(allBut('care_level'))) * 1.2)
  })

  const RULES: [ConsentFact, Rule][] = [
    ['birth_year', { fact: 'age', op: 'gte', value: 65 }],
    ['mobility', { fact: 'mobility', op: 'eq', value: 'independent' }],
    ['care_level', { fact: 'careLevel', op: 'gte', value: 2 }],
    ['income_class', { fact: 'incomeClass', op: 'eq', value: 'low' }],
    ['lives_alone', { fact: 'livesAlone', op: 'eq', value: true }],
  ]
  it.each(RULES)('to %s decides whether a rule may ask about it', async (fact, eligibility) => {
    expect((await optionsWith(all, { eligibility })).options).toHaveLength(1)
    const without = await optionsWith(allBut(fact), { eligibility })
    expect(without).toEqual({ options: [], ruledOut: { data_incomplete: 1 } })
  })

  it('for another purpose, or not given at all, counts for nothing', async () => {
    const ruledOut = { consent_missing: 1 }
    expect(await optionsWith([])).toMatchObject({ ruledOut })
    const statistics: Consents = [{ purpose: 'statistics', facts: [...ConsentFact.options] }]
    expect(await optionsWith(statistics)).toMatchObject({ ruledOut })
  })
})
