import { describe, expect, it } from 'vitest'
import { createOptionFinder } from '../../../src/features/matching/options.ts'
import type { Snapshot, SnapshotNeed, SnapshotOffering } from '../../../src/features/matching/snapshot.ts'
import { metersNorth, need, offering, POLICY, program, resident, snapshot } from './snapshots.ts'

const find = (more: Partial<Snapshot> = {}) => {
  const given = snapshot(more)
  return createOptionFinder(given).optionsOf(given.needs[0]!, given.residents[0]!)
}
/** The ways to be served, as `offering/program`. */
const names = (more: Partial<Snapshot> = {}) =>
  find(more).options.map((option) => `${option.offering.id}/${option.program?.id ?? 'self'}`)
const ruledOut = (more: Partial<Snapshot> = {}) => find(more).ruledOut

describe('reach', () => {
  // 15 minutes at 1.2 m/s over ways 1.3 times the straight line: 830 m; at 0.8 m/s: 553 m.
  const at = (meters: number) => [offering({ point: metersNorth(meters) })]
  const walking = (mobility: string) => [resident({ facts: { mobility } })]

  it('is what the resident walks in fifteen minutes, by mobility', () => {
    expect(names({ offerings: at(825) })).toEqual(['o1/self'])
    expect(ruledOut({ offerings: at(836) })).toEqual({ out_of_reach: 1 })
    for (const mobility of ['slow', 'homebound']) {
      expect(names({ residents: walking(mobility), offerings: at(550) })).toEqual(['o1/self'])
      expect(ruledOut({ residents: walking(mobility), offerings: at(557) })).toEqual({ out_of_reach: 1 })
    }
  })

  it('is less where the need says so', () => {
    const needs = [need({ maxWalkingMinutes: 5 })]
    expect(names({ needs, offerings: at(270) })).toEqual(['o1/self'])
    expect(ruledOut({ needs, offerings: at(285) })).toEqual({ out_of_reach: 1 })
  })

  it('is that of the staff for help at home, however slow the resident', () => {
    const home = (meters: number) => [offering({ mode: 'home', point: metersNorth(meters) })]
    expect(names({ residents: walking('homebound'), offerings: home(2480) })).toEqual(['o1/self'])
    expect(ruledOut({ offerings: home(2510) })).toEqual({ out_of_reach: 1 })
  })

  it('does not matter for a remote service, not even without consent to know the home', () => {
    const offerings = [offering({ mode: 'remote', point: null })]
    expect(find({ offerings, residents: [resident({ point: null })] }).options).toMatchObject([
      { walkingMinutes: null },
    ])
  })

  it('says how far it is', () => {
    const [option] = find({ offerings: at(500) }).options
    expect(option!.walkingMinutes).toBeCloseTo((500 * 1.3) / 1.2 / 60, 2)
  })

  it('needs consent to the home, and a place on the map', () => {
    expect(ruledOut({ residents: [resident({ point: null })] })).toEqual({ consent_missing: 1 })
    expect(ruledOut({ offerings: [offering({ point: null })] })).toEqual({ data_incomplete: 1 })
  })

  it('is the listed areas where there are any, with all their parts, at any distance', () => {
    const far = { point: metersNorth(50_000) }
    const serving = (areaId: string) => [offering({ ...far, serviceAreaIds: [areaId] })]
    expect(names({ offerings: serving('north') })).toEqual(['o1/self'])
    expect(names({ offerings: serving('district') })).toEqual(['o1/self'])
    expect(names({ offerings: serving('district'), residents: [resident({ point: null })] })).toEqual([
      'o1/self',
    ])
    expect(ruledOut({ offerings: [offering({ serviceAreaIds: ['south'] })] })).toEqual({ out_of_reach: 1 })
  })
})

describe('eligibility and room', () => {
  const offerings = [offering({ eligibility: { fact: 'age', op: 'gte', value: 65 } })]

  it('lets pass, rules out, or wants to know more', () => {
    expect(names({ offerings })).toEqual(['o1/self'])
    expect(ruledOut({ offerings, residents: [resident({ facts: { age: 64 } })] })).toEqual({
      no_eligible_offering: 1,
    })
    expect(ruledOut({ offerings, residents: [resident({ facts: {} })] })).toEqual({ data_incomplete: 1 })
  })

  it('wants room for the whole quantity', () => {
    const needs = [need({ quantity: 3 })]
    const places = (available: number) => [
      offering({ price: 0, capacity: { accountId: 'c', available, limit: 9 } }),
    ]
    expect(names({ needs, offerings: places(3) })).toEqual(['o1/self'])
    expect(ruledOut({ needs, offerings: places(2) })).toEqual({ no_capacity: 1 })
    const staff = (available: number) => [
      offering({ price: 0, staffMinutesPerUnit: 20, staffTime: { accountId: 's', available } }),
    ]
    expect(names({ needs, offerings: staff(60) })).toEqual(['o1/self'])
    expect(ruledOut({ needs, offerings: staff(59) })).toEqual({ no_capacity: 1 })
  })

  it('knows offerings of the category and term alone', () => {
    const others = [offering({ term: 'bathing' }), offering({ category: 'medical' })]
    expect(find({ offerings: others })).toEqual({ options: [], ruledOut: { no_offering: 1 } })
  })
})

describe('what the need says', () => {
  const wants = (more: Partial<SnapshotNeed>) => [need(more)]

  it('about the unit has to be the offering’s', () => {
    expect(names({ needs: wants({ unit: 'day' }) })).toEqual(['o1/self'])
    expect(ruledOut({ needs: wants({ unit: 'hour' }) })).toEqual({ unit_mismatch: 1 })
  })

  it('about refusals rules out what they name', () => {
    const staffed = (...caregiverGenders: SnapshotOffering['caregiverGenders']) => [
      offering({ caregiverGenders }),
    ]
    const conflict = { preference_conflict: 1 }
    const refusing = (refusals: SnapshotNeed['refusals'], offerings?: SnapshotOffering[]) =>
      ruledOut({ needs: wants({ refusals }), ...(offerings ? { offerings } : {}) })
    expect(refusing({ organizationIds: ['provider'] })).toEqual(conflict)
    expect(refusing({ offeringIds: ['o1'] })).toEqual(conflict)
    expect(refusing({ sectors: ['ngo', 'market'] })).toEqual(conflict)
    expect(refusing({ organizationIds: ['other'], offeringIds: ['o2'], sectors: [] })).toEqual({})
    expect(refusing({ sectors: ['market'] }, [offering({ sector: null })])).toEqual({})
    expect(refusing({ caregiverGenders: ['male'] }, staffed('male'))).toEqual(conflict)
    expect(refusing({ caregiverGenders: ['male'] }, staffed('male', 'female'))).toEqual({})
    expect(refusing({ caregiverGenders: ['male', 'female'] }, staffed('male', 'female'))).toEqual(conflict)
    expect(refusing({ caregiverGenders: ['male', 'female'] }, staffed())).toEqual({})
  })

  it('after a no rules out the offering, or all of the provider, and nothing else', () => {
    const cooling = (offeringIds: string[], organizationIds: string[]) =>
      ruledOut({ residents: [resident({ coolingOff: { offeringIds, organizationIds } })] })
    expect(cooling(['o1'], [])).toEqual({ cooling_off: 1 })
    expect(cooling([], ['provider'])).toEqual({ cooling_off: 1 })
    expect(cooling(['o2'], ['other'])).toEqual({})
    expect(cooling([], [])).toEqual({})
  })

  it('about hours rules out what is closed then', () => {
    const weekly = [{ day: 'MO' as const, opens: '09:00', closes: '12:00' }]
    const offerings = [offering({ hours: { timeZone: 'UTC', weekly, exceptions: [] } })]
    const on = (day: 'MO' | 'TU') => wants({ acceptableHours: [{ day, opens: '10:00', closes: '11:00' }] })
    expect(names({ offerings, needs: on('MO') })).toEqual(['o1/self'])
    expect(ruledOut({ offerings, needs: on('TU') })).toEqual({ schedule_conflict: 1 })
    const needs = wants({ neededBy: '2026-12-07' })
    expect(names({ offerings, needs, today: '2026-12-07' })).toEqual(['o1/self'])
    expect(ruledOut({ offerings, needs, today: '2026-12-08' })).toEqual({ schedule_conflict: 1 })
  })

  it('it prefers is worth more where it is met, and nothing where it is not stated', () => {
    const offerings = [offering({ languages: ['nan'], caregiverGenders: ['female'], sector: 'ngo' })]
    // 300 × 100 % × weight
    const worth = (more: Partial<SnapshotNeed>) => {
      const { language, caregiverGender, sector, continuity } = find({ needs: wants(more), offerings })
        .options[0]!.parts
      return [language, caregiverGender, sector, continuity].map((part) => part / 30_000)
    }
    expect(worth({ lastProviderId: 'provider' })).toEqual([0, 0, 0, 0])
    expect(worth({ preferences: { language: 'nan' } })).toEqual([10, 0, 0, 0])
    expect(worth({ preferences: { caregiverGender: 'female' } })).toEqual([0, 5, 0, 0])
    expect(worth({ preferences: { caregiverGender: 'male', sector: 'ngo' } })).toEqual([0, 0, 5, 0])
    expect(worth({ preferences: { sector: 'market', keepProvider: true } })).toEqual([0, 0, 0, 0])
    const keeping = { preferences: { keepProvider: true }, lastProviderId: 'provider' }
    expect(worth(keeping)).toEqual([0, 0, 0, 10])
    expect(worth({ ...keeping, lastProviderId: 'other' })).toEqual([0, 0, 0, 0])
    expect(worth({ ...keeping, preferences: { keepProvider: false } })).toEqual([0, 0, 0, 0])
  })

  it('about its language stands in place of the resident’s own', () => {
    const offerings = [offering({ languages: ['zh'] })]
    expect(find({ offerings }).options[0]!.parts.language).toBeGreaterThan(0)
    const needs = wants({ preferences: { language: 'nan' } })
    expect(find({ offerings, needs }).options[0]!.parts.language).toBe(0)
  })
})

describe('ways to pay', () => {
  const wallet = (available: number) => [resident({ wallet: { accountId: 'w', available } })]

  it('are the wallet alone and every program that pays a part', () => {
    expect(find({ programs: [program()] }).options).toMatchObject([
      { program: { id: 'p1' }, price: 100, subsidy: 50, copayment: 50 },
      { program: null, price: 100, subsidy: 0, copayment: 100 },
    ])
  })

  it('are those the wallet bears', () => {
    const programs = [program()]
    expect(names({ programs, residents: wallet(99) })).toEqual(['o1/p1'])
    expect(ruledOut({ programs, residents: wallet(49) })).toEqual({ over_wallet: 1 })
    expect(ruledOut({ residents: [resident({ wallet: null })] })).toEqual({ over_wallet: 1 })
    const free = [offering({ price: 0 })]
    expect(names({ programs, offerings: free, residents: [resident({ wallet: null })] })).toEqual(['o1/self'])
  })

  it('are none of a fund that is short, and say so', () => {
    const short = program({ fund: { accountId: 'f', available: 49, limit: 500 } })
    expect(names({ programs: [short] })).toEqual(['o1/self'])
    expect(ruledOut({ programs: [short], residents: wallet(99) })).toEqual({ fund_exhausted: 1 })
  })

  it('are none of a program that pays nothing', () => {
    expect(names({ programs: [program({ subsidyShare: 0 })] })).toEqual(['o1/self'])
    expect(names({ programs: [program({ unitCap: 0 })] })).toEqual(['o1/self'])
  })

  it('keep within the caps per unit and per resident, less what was drawn', () => {
    const needs = [need({ quantity: 2 })]
    const subsidies = (more: Partial<Snapshot>) =>
      find({ needs, ...more }).options.map(({ subsidy, copayment }) => [subsidy, copayment])
    expect(subsidies({ programs: [program({ unitCap: 30 })] })).toEqual([
      [60, 140],
      [0, 200],
    ])
    const programs = [program({ residentCap: 80 })]
    expect(subsidies({ programs })).toContainEqual([80, 120])
    expect(subsidies({ programs, drawn: { 'p1 r1': 70 } })).toContainEqual([10, 190])
    expect(names({ programs, drawn: { 'p1 r1': 80 } })).toEqual(['o1/self'])
    expect(names({ programs, drawn: { 'p1 r1': 200 } })).toEqual(['o1/self'])
  })

  it('are of programs for the area, category, tier and resident', () => {
    const refusing = [
      program({ areaId: 'south' }),
      program({ categories: ['medical'] }),
      program({ tiers: ['personalized'] }),
      program({ eligibility: { fact: 'incomeClass', op: 'eq', value: 'low' } }),
    ]
    for (const one of refusing) expect(names({ programs: [one] })).toEqual(['o1/self'])
    const eligibility = { fact: 'careLevel', op: 'gte', value: 2 } as const
    const unknown = [resident({ facts: {} })]
    expect(names({ programs: [program({ eligibility })], residents: unknown })).toEqual(['o1/self'])
    expect(names({ programs: [program({ areaId: 'north' })] })).toContain('o1/p1')
  })
})

describe('what is kept of many options', () => {
  const policy = { ...POLICY, optionsPerNeed: 3 }

  it('is the most useful, then the cheapest for the resident, then in the snapshot’s order', () => {
    const offerings = [
      offering({ id: 'dear', price: 200 }),
      offering({ id: 'far', point: metersNorth(800) }),
      offering({ id: 'first' }),
      offering({ id: 'second' }),
    ]
    expect(names({ offerings })).toEqual(['first/self', 'second/self', 'dear/self', 'far/self'])
    expect(names({ offerings, policy })).toEqual(['first/self', 'second/self', 'dear/self'])
  })

  it('counts every offering that is no option by its reason', () => {
    const offerings = [
      offering({ id: 'a', point: metersNorth(5000) }),
      offering({ id: 'b', point: metersNorth(5000) }),
      offering({ id: 'c', price: 5000 }),
      offering({ id: 'd' }),
    ]
    expect(ruledOut({ offerings })).toEqual({ out_of_reach: 2, over_wallet: 1 })
  })

  it('names each option’s utility as the sum of its parts', () => {
    for (const { utility, parts } of find({ programs: [program()] }).options) {
      expect(Object.values(parts).reduce((sum, part) => sum + part)).toBe(utility)
    }
  })
})
