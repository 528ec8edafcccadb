/** The index of reach against looking at every offering: exactly the same options, and as many ruled out. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createOptionFinder, type NeedOptions } from '../../../src/features/matching/options.ts'
import type { Snapshot, SnapshotOffering } from '../../../src/features/matching/snapshot.ts'
import { HOME, need, offering, resident, snapshot } from './snapshots.ts'

const place = fc.option(
  fc
    .tuple(
      fc.double({ min: -0.03, max: 0.03, noNaN: true }),
      fc.double({ min: -0.03, max: 0.03, noNaN: true }),
    )
    .map(([north, east]) => ({ latitude: HOME.latitude + north, longitude: HOME.longitude + east })),
  { freq: 8 },
)

const randomOffering = fc.record({
  mode: fc.constantFrom('onsite' as const, 'onsite' as const, 'home' as const, 'remote' as const),
  point: place,
  serviceAreaIds: fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.subarray(['district', 'north', 'south', 'elsewhere']) },
  ),
  price: fc.integer({ min: 0, max: 300 }),
  places: fc.nat(3),
})

/** Many offerings of one kind, so that they are indexed, and a resident anywhere among them. */
const scene: fc.Arbitrary<Snapshot> = fc
  .record({
    offerings: fc.array(randomOffering, { minLength: 1, maxLength: 120, size: 'max' }),
    point: place,
    mobility: fc.constantFrom(undefined, 'independent', 'slow', 'homebound'),
    maxWalkingMinutes: fc.option(fc.integer({ min: 1, max: 60 })),
  })
  .map(({ offerings, point, mobility, maxWalkingMinutes }) =>
    snapshot({
      residents: [resident({ point, facts: { age: 70, ...(mobility ? { mobility } : {}) } })],
      needs: [need({ maxWalkingMinutes, quantity: 2 })],
      offerings: offerings.map(({ places, ...fields }, at) => {
        const id = `o${String(at).padStart(3, '0')}`
        const capacity = { accountId: `capacity-${id}`, available: places, limit: places }
        return offering({ id, ...fields, capacity })
      }),
    }),
  )

const optionsIn = (given: Snapshot, offerings: SnapshotOffering[]): NeedOptions =>
  createOptionFinder({ ...given, offerings }).optionsOf(given.needs[0]!, given.residents[0]!)

/** One offering at a time: too few for an index, so that each is looked at. */
function oneByOne(given: Snapshot): NeedOptions {
  const ruledOut: NeedOptions['ruledOut'] = {}
  const options = given.offerings.flatMap((one) => {
    const found = optionsIn(given, [one])
    for (const [reason, count] of Object.entries(found.ruledOut)) {
      ruledOut[reason as keyof typeof ruledOut] = (ruledOut[reason as keyof typeof ruledOut] ?? 0) + count
    }
    return found.options
  })
  options.sort((one, other) => other.utility - one.utility || one.copayment - other.copayment)
  return { options: options.slice(0, given.policy.optionsPerNeed), ruledOut }
}

it('finds the options that looking at every offering finds, and counts the rest by the same reasons', () => {
  let [unreached, found] = [0, 0]
  fc.assert(
    fc.property(scene, (given) => {
      const indexed = optionsIn(given, given.offerings)
      unreached += indexed.ruledOut.out_of_reach ?? 0
      found += indexed.options.length
      expect(indexed).toEqual(oneByOne(given))
    }),
    { seed: 6, numRuns: 200 },
  )
  expect(Math.min(unreached, found)).toBeGreaterThan(1000)
})
