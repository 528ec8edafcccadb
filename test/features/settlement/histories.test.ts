import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../../../scripts/settlement/begin-services.ts'
import { settleMonths } from '../../../scripts/settlement/settle-months.ts'
import { compareSums } from '../../../scripts/settlement/three-sums.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { createContext } from '../../../src/platform/context.ts'
import { Refusal } from '../../../src/platform/errors.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { SettledMarket } from './settled-market.ts'

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      service: fc.nat(5),
      units: fc.integer({ min: 1, max: 4 }),
      late: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom<('dispute' | 'annul' | 'sustain')[]>('dispute', 'annul', 'annul', 'sustain'),
      delivery: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('complete' as const), service: fc.nat(5) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What happens in each of the months that are settled one after the other. */
const history = fc.tuple(
  ...['2026-11-20', '2026-12-05', '2027-01-05', '2027-02-05'].map((from) =>
    fc.record({ from: fc.constant(from), steps: fc.array(step, { minLength: 1, maxLength: 9 }) }),
  ),
)

describe('whatever is delivered and disputed over the months', () => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb()
  })
  afterAll(() => world.close())

  it('ledger, statements and deliveries add up to the same', async () => {
    let paidOut = 0
    await fc.assert(
      fc.asyncProperty(history, async (months) => {
        world.clock.set('2026-11-20T00:00:00Z')
        const settled = await SettledMarket.open(world, 2)
        const services = await settled.begin(6)
        const made: string[] = []
        for (const { from, steps } of months) {
          world.clock.set(`${from}T00:00:00Z`)
          for (const one of steps) await take(settled, services, made, one).catch(keepRefusal)
          for (const id of made) await settled.decide({ id }, 'annulled').catch(keepRefusal)
          const end = new Date(Date.parse(`${from.slice(0, 7)}-28T00:00:00Z`) + 5 * 86_400_000)
          world.clock.set(end.toISOString())
          for (const { id } of settled.market.programs) await settled.settle(id, from.slice(0, 7))
          const { rows, differences } = await compareSums(settled.as(SYSTEM))
          expect(differences).toEqual([])
          paidOut += rows.length
        }
        expect(await reconcile(settled.as(SYSTEM))).toMatchObject({ differences: [], unbalancedUnits: [] })
      }),
      { numRuns: 3, seed: 5 },
    )
    expect(paidOut).toBeGreaterThan(0)
  })

  async function take(settled: SettledMarket, services: Service[], made: string[], one: Step): Promise<void> {
    if (one.do === 'deliver') {
      const last = '2026-12-31T00:00:00Z'
      const now = world.clock.read().toISOString()
      const late = one.late || now > last
      const at = late ? (now < last ? '2026-11-20T00:00:01Z' : last) : undefined
      made.push((await settled.deliver(services[one.service]!, one.units, at)).id)
    } else if (one.do === 'complete') await settled.complete(services[one.service]!)
    else if (made.length > 0) {
      const id = made[one.delivery % made.length]!
      await settled.dispute({ id })
      if (one.do !== 'dispute') await settled.decide({ id }, one.do === 'annul' ? 'annulled' : 'sustained')
    }
  }

  /** What is not possible just now is refused, and that is all. */
  function keepRefusal(error: unknown): void {
    if (!(error instanceof Refusal)) throw error
  }

  it('so they do for many at once, in the sums that the script prints', async () => {
    const time = { now: new Date('2026-11-30T20:00:00Z') }
    const { db, log, encryptionKey } = world
    const ground = { db, log, encryptionKey, currency: 'TWD', timeZone: 'Asia/Taipei' }
    const printed: string[] = []
    const problems = await settleMonths({
      as: (actor) => createContext({ ...ground, actor, clock: () => new Date(time.now) }),
      time,
      deliveries: 200,
      seed: 3,
      print: (line) => printed.push(line),
    })
    expect(problems).toEqual([])
    expect(printed.join('\n')).not.toContain('NO')
  })
})
