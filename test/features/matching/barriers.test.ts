/** What stands in the way is taken away by changing the snapshot itself, and the options are asked for again. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Barrier,
  type BarrierKind,
  type Excluded,
  excludedAmong,
  withoutBarrier,
} from '../../../src/features/matching/barriers.ts'
import { createOptionFinder, kindOf } from '../../../src/features/matching/options.ts'
import type {
  Snapshot,
  SnapshotNeed,
  SnapshotOffering,
  SnapshotResident,
} from '../../../src/features/matching/snapshot.ts'
import {
  HOME,
  metersNorth,
  need,
  offering,
  POLICY,
  program,
  randomSnapshot,
  resident,
  snapshot,
} from './snapshots.ts'

/** One need's view of a snapshot. */
interface Case {
  given: Snapshot
  wish: SnapshotNeed
  person: SnapshotResident
  candidates: SnapshotOffering[]
}

function casesOf(given: Snapshot): Case[] {
  return given.needs.map((wish) => {
    const person = given.residents.find(({ id }) => id === wish.residentId)!
    const candidates = given.offerings.filter((one) => kindOf(one) === kindOf(wish))
    return { given, wish, person, candidates }
  })
}

const optionsOf = ({ given, wish, person }: Case) => createOptionFinder(given).optionsOf(wish, person)
const excludedOf = ({ given, wish, person, candidates }: Case) =>
  excludedAmong(given, wish, person, candidates)
const only = (more: Partial<Snapshot>): Excluded[] => casesOf(snapshot(more)).flatMap(excludedOf)
const barriersOf = (more: Partial<Snapshot>) => only(more)[0]!.barriers

/** The same need where the barrier is `by` lower, or gone where it has no number. */
function changed(before: Case, target: SnapshotOffering, barrier: Barrier, by = barrier.by): Case {
  const after = structuredClone(before)
  const { given, wish, person } = after
  const place = given.offerings.find(({ id }) => id === target.id)!
  const more = by ?? 0
  const fund = given.programs.find((one) => one.fund.accountId === barrier.accountId)?.fund
  const longest = wish.maxWalkingMinutes ?? POLICY.reach.onsiteMinutes
  const apply: Record<BarrierKind, () => unknown> = {
    fund: () => (fund!.available += more),
    capacity: () => (place.capacity.available += more),
    staff_time: () => (place.staffTime!.available += more),
    wallet: () => (person.wallet = { accountId: 'w', available: (person.wallet?.available ?? 0) + more }),
    reach() {
      if (by === null) place.serviceAreaIds.push(person.areaId)
      else if (place.mode === 'home') given.policy.reach.homeMinutes += more
      else wish.maxWalkingMinutes = longest + more
    },
    place: () => (place.point = person.point),
    consent: () => (person.point = place.point),
    hours: () => Object.assign(wish, { acceptableHours: null, neededBy: null }),
    refusal: () => delete wish.refusals[barrier.fact as keyof typeof wish.refusals],
    cool_off: () => delete person.coolingOff,
    unit: () => (wish.unit = null),
    rule: () => (place.eligibility = null),
    fact: () => (place.eligibility = null),
  }
  apply[barrier.kind]()
  return after
}

const isOption = (asked: Case, { id }: SnapshotOffering) =>
  optionsOf(asked).options.some((option) => option.offering.id === id)

const figures = (option: Excluded['alone'] | undefined) => {
  if (!option) return null
  const { offering, program, price, subsidy, copayment, utility, parts } = option
  return { offering: offering.id, program: program?.id, price, subsidy, copayment, utility, parts }
}

/** The same where nothing but money is missing, and that often: rare by chance. */
const shortOfMoney = randomSnapshot.map((given) => ({
  ...given,
  residents: given.residents.map((one) => ({ ...one, point: HOME })),
  needs: given.needs.map((one) => need({ id: one.id, residentId: one.residentId, quantity: 2 })),
  offerings: given.offerings.map((one) => offering({ id: one.id, price: one.price, eligibility: null })),
  programs: given.programs.map(({ id, subsidyShare, residentCap, fund }) =>
    program({
      id,
      subsidyShare: 5000 + Math.floor(subsidyShare / 2),
      residentCap,
      fund: { ...fund, available: fund.available % 300 },
    }),
  ),
}))

const KINDS: BarrierKind[] = [
  'capacity',
  'consent',
  'cool_off',
  'fact',
  'fund',
  'hours',
  'place',
  'reach',
  'refusal',
]
KINDS.push('rule', 'staff_time', 'unit', 'wallet')

const seen = new Map<BarrierKind, number>()
const everyCase = (check: (asked: Case) => void, numRuns: number) =>
  fc.assert(
    fc.property(fc.oneof(randomSnapshot, shortOfMoney), (given) => casesOf(given).forEach(check)),
    { seed: 11, numRuns },
  )

describe('what stands in the way', () => {
  it('is told of exactly the candidates that are no option, the counted reason first', () => {
    everyCase((asked) => {
      const { options, ruledOut } = optionsOf(asked)
      const excluded = excludedOf(asked)
      const names = [
        ...new Set(options.map((option) => option.offering.id)),
        ...excluded.map((one) => one.offering.id),
      ]
      expect(names.sort()).toEqual(asked.candidates.map(({ id }) => id).sort())
      const reasons: typeof ruledOut = {}
      for (const { barriers } of excluded)
        reasons[barriers[0]!.reason] = (reasons[barriers[0]!.reason] ?? 0) + 1
      expect(reasons).toEqual(asked.candidates.length > 0 ? ruledOut : {})
    }, 100)
  })

  it('taken away alone, makes an option, and one unit less does not; one of several does not', () => {
    everyCase((asked) => {
      for (const { offering, barriers, alone } of excludedOf(asked)) {
        for (const barrier of barriers) {
          seen.set(barrier.kind, (seen.get(barrier.kind) ?? 0) + 1)
          const after = changed(asked, offering, barrier)
          expect(isOption(after, offering)).toBe(barriers.length === 1)
          if (barriers.length > 1) continue
          if (barrier.by !== null) {
            expect(barrier.by).toBeGreaterThan(0)
            expect(isOption(changed(asked, offering, barrier, barrier.by - 1), offering)).toBe(false)
          }
          const best = optionsOf(after).options.find((option) => option.offering.id === offering.id)
          expect(figures(alone)).toEqual(figures(best))
        }
        if (barriers.length > 1) expect(alone).toBeNull()
      }
    }, 100)
    expect([...seen.keys()].sort()).toEqual(KINDS)
    expect(Math.min(...seen.values())).toBeGreaterThan(5)
  })
})

describe('a barrier', () => {
  const wallet = (available: number) => [resident({ wallet: { accountId: 'w', available } })]

  it('of distance says how many minutes more, of the resident’s walk or the staff’s', () => {
    // 900 m × 1.3 ÷ 1.2 m/s = 16.25 minutes; 2600 m: 46.9 minutes.
    const [near] = only({ offerings: [offering({ point: metersNorth(900) })] })
    expect(near).toMatchObject({ barriers: [{ reason: 'out_of_reach', kind: 'reach', by: 2 }] })
    expect(near!.walkingMinutes).toBeCloseTo(16.25, 2)
    expect(near!.alone!.walkingMinutes).toBeCloseTo(16.25, 2)
    const far = [offering({ mode: 'home', point: metersNorth(2600) })]
    expect(barriersOf({ offerings: far })).toMatchObject([{ kind: 'reach', by: 2 }])
    expect(barriersOf({ offerings: [offering({ serviceAreaIds: ['south'] })] })).toMatchObject([
      { kind: 'reach', by: null },
    ])
  })

  it('of an unknown place leaves open how far it is', () => {
    const [hidden] = only({ residents: [resident({ point: null })] })
    expect(hidden).toMatchObject({
      walkingMinutes: null,
      barriers: [{ reason: 'consent_missing', kind: 'consent', fact: 'location' }],
      alone: { walkingMinutes: null },
    })
    expect(
      only({ residents: [resident({ point: null })], offerings: [offering({ point: null })] })[0],
    ).toMatchObject({ barriers: [{ kind: 'consent' }, { kind: 'place' }], alone: null })
  })

  it('of a rule names the fact, if it is one', () => {
    const eligibility = { fact: 'age', op: 'gte', value: 80 } as const
    const poor = { fact: 'incomeClass', op: 'eq', value: 'low' } as const
    const offerings = [offering({ eligibility })]
    expect(barriersOf({ offerings })).toMatchObject([
      { reason: 'no_eligible_offering', kind: 'rule', fact: 'age' },
    ])
    expect(barriersOf({ offerings, residents: [resident({ facts: {} })] })).toMatchObject([
      { reason: 'data_incomplete', kind: 'fact', fact: 'age' },
    ])
    const both = [offering({ eligibility: { any: [eligibility, poor] } })]
    expect(barriersOf({ offerings: both })).toMatchObject([{ kind: 'rule', fact: null }])
  })

  it('of room counts what is missing of places and of staff time, one by one', () => {
    const staffTime = { accountId: 's', available: 70 }
    const full = { accountId: 'c', available: 1, limit: 5 }
    expect(
      barriersOf({
        needs: [need({ quantity: 3 })],
        offerings: [offering({ capacity: full, staffMinutesPerUnit: 30, staffTime })],
      }),
    ).toMatchObject([
      { reason: 'no_capacity', kind: 'capacity', accountId: 'c', by: 2 },
      { reason: 'no_capacity', kind: 'staff_time', accountId: 's', by: 20 },
    ])
  })

  it('of money is the least that would pay: in the wallet or in a fund', () => {
    expect(barriersOf({ residents: wallet(40) })).toMatchObject([
      { reason: 'over_wallet', kind: 'wallet', accountId: 'w', by: 60 },
    ])
    expect(barriersOf({ residents: wallet(40), programs: [program()] })).toMatchObject([
      { reason: 'over_wallet', kind: 'wallet', by: 10 },
    ])
    const fund = { accountId: 'f', available: 45, limit: 500 }
    expect(barriersOf({ residents: wallet(60), programs: [program({ fund })] })).toMatchObject([
      { reason: 'fund_exhausted', kind: 'fund', accountId: 'f', programId: 'p1', by: 5 },
    ])
    const capped = [program({ subsidyShare: 8000, residentCap: 50 })]
    const drawn = { 'p1 r1': 45 }
    expect(barriersOf({ residents: wallet(40), programs: capped, drawn })).toMatchObject([
      { reason: 'over_wallet', kind: 'wallet', by: 55 },
    ])
    expect(barriersOf({ residents: [resident({ wallet: null })] })).toMatchObject([
      { kind: 'wallet', accountId: null, by: 100 },
    ])
  })

  it('of refusals names every list that holds the offering', () => {
    const refusals = { organizationIds: ['provider'], sectors: ['market' as const], offeringIds: ['other'] }
    expect(barriersOf({ needs: [need({ refusals })] })).toMatchObject([
      { reason: 'preference_conflict', kind: 'refusal', fact: 'organizationIds' },
      { reason: 'preference_conflict', kind: 'refusal', fact: 'sectors' },
    ])
  })

  it('taken away leaves the offering, the program and everything else as they were', () => {
    const fund = { accountId: 'f', available: 49, limit: 90 }
    const given = snapshot({ residents: wallet(60), programs: [program({ fund })] })
    const [asked] = casesOf(given)
    const [found] = excludedOf(asked!)
    expect(found!.alone!.offering).toBe(given.offerings[0])
    expect(found!.alone!.program).toBe(given.programs[0])
    const situation = { market: given, need: asked!.wish, resident: asked!.person, offering: found!.offering }
    const before = structuredClone(situation)
    const lifted = withoutBarrier(situation, found!.barriers[0]!)
    expect(lifted.market.programs[0]!.fund.available).toBe(50)
    expect(situation).toEqual(before)
  })
})

it('finds what lies beyond reach where a wider one is asked for', () => {
  const offerings = Array.from({ length: 60 }, (_, at) =>
    offering({ id: `o${at}`, point: metersNorth(at * 40) }),
  )
  const given = snapshot({ offerings })
  const finder = createOptionFinder(given)
  const [wish, person] = [given.needs[0]!, given.residents[0]!]
  const within = (minutes?: number) =>
    finder.candidatesOf(wish, person, minutes === undefined ? undefined : { minutes }).length
  expect(finder.optionsOf(wish, person).ruledOut.out_of_reach).toBe(39)
  expect(within()).toBeLessThan(24)
  expect(within(5)).toBe(within())
  expect(within(30)).toBeGreaterThanOrEqual(42)
  const excluded = excludedAmong(given, wish, person, finder.candidatesOf(wish, person, { minutes: 30 }))
  expect(excluded.map(({ walkingMinutes }) => walkingMinutes! > 15)).not.toContain(false)
  expect(HOME.latitude).toBeLessThan(excluded[0]!.offering.point!.latitude)
})
