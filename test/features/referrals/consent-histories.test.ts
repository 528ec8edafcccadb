/** Whatever was consented to and taken back, and when: nobody sees a fact that no valid consent covers. */
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAsking } from '../../../src/features/matching/instant/read-asking.ts'
import { readSnapshot } from '../../../src/features/matching/read-snapshot.ts'
import { evaluate, type Facts, type Rule } from '../../../src/features/policies/eligibility.ts'
import { getReferralResident } from '../../../src/features/referrals/get-referral-resident.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { giveConsent } from '../../../src/features/residents/give-consent.ts'
import { ConsentFact, ConsentPurpose } from '../../../src/features/residents/schemas.ts'
import { consents, needs, residents } from '../../../src/features/residents/tables.ts'
import { withdrawConsent } from '../../../src/features/residents/withdraw-consent.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { bulkLaneFor, openBulkLane } from '../../../src/platform/db/bulk-lane.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { POLICY } from '../matching/snapshots.ts'
import { foundTown, PERIOD, proposeRun, type Town } from './proposed-run.ts'

const START = '2026-12-01T08:00:00Z'
const MINUTE = 60_000

/** What a viewer has in hand. */
interface Sight {
  point: unknown
  languages: string[]
  facts: Facts
}

/** What each fact looks like to whoever may see it; its parts add up to all that is known. */
const LOOKS_LIKE: Record<ConsentFact, Partial<Omit<Sight, 'facts'>> & { facts?: Facts }> = {
  location: { point: { latitude: 25.033, longitude: 121.543 } },
  languages: { languages: ['zh', 'nan'] },
  birth_year: { facts: { age: 78 } },
  mobility: { facts: { mobility: 'slow' } },
  care_level: { facts: { careLevel: 4 } },
  income_class: { facts: { incomeClass: 'low' } },
  lives_alone: { facts: { livesAlone: false } },
}

function sightOf(facts: readonly ConsentFact[]): Sight {
  const seen = facts.map((fact) => LOOKS_LIKE[fact])
  return {
    point: seen.find(({ point }) => point)?.point ?? null,
    languages: seen.find(({ languages }) => languages)?.languages ?? [],
    facts: Object.assign({}, ...seen.map(({ facts }) => facts)),
  }
}

describe.each(engines())('facts of a resident on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let residentId: string
  let needId: string
  let referralId: string
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    const { runId } = await proposeRun(world, town, 1)
    await approveRun(world.context(town.finance), { runId, expectedVersion: 1 })
    await openReferrals(world.context(town.finance), runId)
    const { root } = world.db
    const [referral] = await root.select().from(referrals)
    residentId = referral!.residentId
    referralId = referral!.id
    await root.update(residents).set({
      latitude: 25.033,
      longitude: 121.543,
      languages: ['zh', 'nan'],
      birthYear: 1948,
      mobility: 'slow',
      assessments: [
        { scheme: 'cms', level: 4, validUntil: null },
        { scheme: 'old', level: 8, validUntil: '2026-11-30' },
      ],
      incomeClass: 'low',
      livesAlone: false,
    })
    const [served] = await root.select().from(needs)
    needId = world.context().newId()
    await root.insert(needs).values({ ...served!, id: needId, term: 'meal', state: 'in_run' })
  })
  afterAll(() => world.close())

  const partner = () => world.context(town.partner)

  /** Everybody who sees facts: as whom, for what, and what they see now. */
  const VIEWERS: { name: string; purpose: ConsentPurpose; id: () => string; see: () => Promise<Sight> }[] = [
    { name: 'a run', purpose: 'matching', id: () => town.officer.organizationId, see: () => snapshot() },
    {
      name: 'an instant option',
      purpose: 'matching',
      id: () => town.partner.organizationId,
      see: async () => (await readAsking(partner(), needId)).resident,
    },
    {
      name: 'a provider',
      purpose: 'referral',
      id: () => town.provider.organizationId,
      see: () => getReferralResident(world.context(town.provider), referralId),
    },
  ]

  async function snapshot(now = world.clock.read()): Promise<Sight & { statistics?: object }> {
    const offer = bulkLaneFor(world.db)
    const lane = await openBulkLane(offer.descriptor)
    const { residents } = await readSnapshot(lane, {
      areaId: town.areaId,
      period: PERIOD,
      currency: 'TWD',
      policy: POLICY,
      recipientId: town.officer.organizationId,
      now,
      timeZone: 'UTC',
    })
    await lane.close()
    offer.close()
    return residents[0]!
  }

  async function start(): Promise<void> {
    world.clock.set(START)
    await world.db.root.delete(consents).where(eq(consents.residentId, residentId))
  }

  const seen = async ({ see }: (typeof VIEWERS)[number]) => {
    const { point, languages, facts } = await see()
    return { point, languages, facts }
  }

  const RULES: Partial<Record<ConsentFact, Rule>> = {
    birth_year: { fact: 'age', op: 'gte', value: 65 },
    mobility: { fact: 'mobility', op: 'eq', value: 'slow' },
    care_level: { fact: 'careLevel', op: 'gte', value: 2 },
    income_class: { fact: 'incomeClass', op: 'eq', value: 'low' },
    lives_alone: { fact: 'livesAlone', op: 'eq', value: false },
  }
  it.each(ConsentFact.options)('are seen by nobody without consent to %s, the others are', async (fact) => {
    await start()
    const facts = ConsentFact.options.filter((one) => one !== fact)
    for (const purpose of ConsentPurpose.options) {
      await giveConsent(partner(), { residentId, purpose, facts: facts })
    }
    for (const viewer of VIEWERS) {
      const sight = await seen(viewer)
      expect(sight, viewer.name).toEqual(sightOf(facts))
      const rule = RULES[fact]
      if (rule)
        expect([evaluate(rule, sight.facts), evaluate(rule, sightOf([fact]).facts)]).toEqual([
          'unknown',
          'pass',
        ])
    }
    const counted = (await snapshot()).statistics
    expect(counted).toEqual(fact === 'income_class' ? undefined : { incomeClass: 'low' })
  })

  /** A consent as the oracle remembers it: half-open in time. */
  interface Remembered {
    id: string
    purpose: ConsentPurpose
    recipient: string | null
    facts: ConsentFact[]
    from: number
    until: number
  }

  /** Written without a look at how the project decides it. */
  function mayBeSeen(
    memory: Remembered[],
    purpose: ConsentPurpose,
    viewer: string,
    at: number,
  ): ConsentFact[] {
    return ConsentFact.options.filter((fact) =>
      memory.some((consent) => {
        const meant = consent.purpose === purpose && [null, viewer].includes(consent.recipient)
        return meant && consent.facts.includes(fact) && at >= consent.from && at < consent.until
      }),
    )
  }

  const minutes = fc.integer({ min: 1, max: 2 })
  const step = fc.oneof(
    fc.record({
      do: fc.constant('give' as const),
      purpose: fc.constantFrom(...ConsentPurpose.options),
      /** Whose it is: nobody's in particular, one of the viewers', or a stranger's. */
      recipient: fc.constantFrom('all', 'all', 0, 1, 2, 'stranger'),
      facts: fc.subarray([...ConsentFact.options], { minLength: 1 }),
      expiresIn: fc.option(minutes),
    }),
    fc.record({ do: fc.constant('withdraw' as const), which: fc.nat() }),
    fc.record({ do: fc.constant('wait' as const), minutes }),
  )

  it('are seen exactly as long as a valid consent covers them', async () => {
    const recipients: Record<string, string | null> = {
      all: null,
      stranger: town.strangers[0]!.organizationId,
      ...Object.fromEntries(VIEWERS.map(({ id }, at) => [at, id()])),
    }
    const now = () => world.clock.read().getTime()
    async function take(memory: Remembered[], taken: typeof step extends fc.Arbitrary<infer T> ? T : never) {
      if (taken.do === 'wait') return world.clock.advance(taken.minutes * MINUTE)
      if (taken.do === 'withdraw') {
        const consent = memory[taken.which % Math.max(1, memory.length)]
        if (!consent) return
        await withdrawConsent(partner(), consent.id)
        consent.until = Math.min(consent.until, now())
        return
      }
      const { purpose, facts, expiresIn } = taken
      const recipient = recipients[taken.recipient]!
      const until = expiresIn === null ? Number.POSITIVE_INFINITY : now() + expiresIn * MINUTE
      const expiresAt = expiresIn === null ? null : new Date(until).toISOString()
      const given = await giveConsent(partner(), {
        residentId,
        purpose,
        facts,
        recipientId: recipient,
        expiresAt,
      })
      memory.push({ id: given.id, purpose, recipient, facts, from: now(), until })
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, fc.constantFrom(...VIEWERS)), { minLength: 3, maxLength: 12 }),
        async (history) => {
          await start()
          const memory: Remembered[] = []
          for (const [taken, viewer] of history) {
            await take(memory, taken)
            const facts = mayBeSeen(memory, viewer.purpose, viewer.id(), now())
            expect(await seen(viewer), viewer.name).toEqual(sightOf(facts))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('are not read for an earlier instant once the consent is taken back', async () => {
    await start()
    const [run] = VIEWERS
    const { id } = await giveConsent(partner(), { residentId, purpose: 'matching', facts: ['mobility'] })
    const ordered = world.clock.read()
    world.clock.advance(MINUTE)
    expect((await snapshot(ordered)).facts).toEqual({ mobility: 'slow' })
    await withdrawConsent(partner(), id)
    expect((await snapshot(ordered)).facts).toEqual({})
    expect(await seen(run!)).toEqual(sightOf([]))
  })
})
