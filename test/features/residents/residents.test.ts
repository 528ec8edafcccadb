import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { giveConsent } from '../../../src/features/residents/give-consent.ts'
import { getNeed, listNeeds } from '../../../src/features/residents/list-needs.ts'
import { getResident, listConsents, listResidents } from '../../../src/features/residents/list-residents.ts'
import { getWallet } from '../../../src/features/residents/list-wallets.ts'
import { moveNeeds } from '../../../src/features/residents/move-needs.ts'
import { registerNeed } from '../../../src/features/residents/register-need.ts'
import { registerResident } from '../../../src/features/residents/register-resident.ts'
import { registerResidents } from '../../../src/features/residents/register-residents.ts'
import type { RegisterResident, RegisterResidents } from '../../../src/features/residents/schemas.ts'
import { createReferenceSeal } from '../../../src/features/residents/sealed-reference.ts'
import { residents as residentRows } from '../../../src/features/residents/tables.ts'
import { topUpWallet } from '../../../src/features/residents/top-up-wallet.ts'
import { withdrawConsent } from '../../../src/features/residents/withdraw-consent.ts'
import { withdrawNeed } from '../../../src/features/residents/withdraw-need.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const PERIOD = '2026-12'
const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'
const POINT = { latitude: 25.03349, longitude: 121.54351 }
const NEED = {
  period: PERIOD,
  category: 'elderly_care',
  term: 'day_care',
  tier: 'inclusive',
  quantity: 12,
} as const

describe.each(engines())('residents on %s', (rung) => {
  let world: Neighborhood
  let count = 0
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  afterAll(() => world.close())

  const register = (more: Partial<RegisterResident> = {}) =>
    registerResident(world.partner, {
      reference: `person-${++count}`,
      areaId: world.areas.north,
      point: POINT,
      ...more,
    })

  it('keeps the reference sealed and the home rounded', async () => {
    const row = await register({ reference: 'Mrs Lin', birthYear: 1948 })
    expect(JSON.stringify(row)).not.toContain('Lin')
    expect(row).toMatchObject({ latitude: 25.033, longitude: 121.544, birthYear: 1948 })
    const seal = createReferenceSeal(world.partner.encryptionKey)
    expect(seal.open(row.id, row.referenceSealed)).toBe('Mrs Lin')
  })

  it('knows a reference once per partner, and names the first', async () => {
    const first = await register({ reference: 'twin' })
    const again = await refusalOf(register({ reference: 'twin' }))
    expect(again).toMatchObject({ code: 'duplicate', facts: { existingId: first.id } })
    const elsewhere = { reference: 'twin', areaId: world.areas.north, point: POINT }
    expect((await registerResident(world.otherPartner, elsewhere)).referenceHash).not.toBe(
      first.referenceHash,
    )
  })

  it('points at every flaw of a resident', async () => {
    const flaws: [Partial<RegisterResident>, string][] = [
      [{ birthYear: 1800 }, '/birthYear'],
      [{ birthYear: 2027 }, '/birthYear'],
      [{ reference: 'a\0b' }, '/reference'],
      [{ reference: '\udfff' }, '/reference'],
      [{ assessments: [{ scheme: 'cms', level: 9 }] }, '/assessments/0/level'],
      [{ mobility: 'flying' as 'slow' }, '/mobility'],
      [{ areaId: UNKNOWN }, '/areaId'],
      [{ point: { latitude: 91, longitude: 0 } }, '/point/latitude'],
      [{ consent: { purpose: 'matching', facts: [] } }, '/consent/facts'],
    ]
    for (const [flaw, pointer] of flaws) {
      expect(await refusalOf(register(flaw))).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
    const before = await world.partner.db.root.$count(residentRows)
    const consent = { purpose: 'matching', facts: ['location'], expiresAt: '2026-11-30T00:00:00Z' } as const
    const expired = register({ consent: { ...consent, facts: [...consent.facts] } })
    expect(await refusalOf(expired)).toMatchObject({
      code: 'invalid_input',
      pointers: ['/consent/expiresAt'],
    })
    expect(await world.partner.db.root.$count(residentRows)).toBe(before)
  })

  it('takes a consent with the registration, and takes it back', async () => {
    const { partner, clock } = world
    const { id } = await register({ consent: { purpose: 'matching', facts: ['location', 'mobility'] } })
    const later = await giveConsent(partner, { residentId: id, purpose: 'statistics', facts: ['birth_year'] })
    const { items } = await listConsents(partner, { residentId: id, limit: 10 })
    expect(items.map((consent) => consent.purpose)).toEqual(['matching', 'statistics'])
    const over = await withdrawConsent(partner, later.id)
    expect(over.withdrawnAt).toEqual(clock.read())
    expect(await withdrawConsent(partner, later.id)).toEqual(over)
  })

  it('adds up what is put into a wallet', async () => {
    const { id: residentId } = await register()
    const { partner } = world
    await topUpWallet(partner, { residentId, period: PERIOD, amount: 70_000 })
    await topUpWallet(partner, { residentId, period: PERIOD, amount: 5000 })
    const wallet = await getWallet(partner, { residentId, period: PERIOD })
    expect(wallet).toMatchObject({ kind: 'wallet', unit: 'TWD', limit: 75_000 })
    const flaws: [object, string][] = [
      [{ amount: -1 }, '/amount'],
      [{ amount: 1, period: '2026-11' }, '/period'],
      [{ amount: 1, period: '2026-13' }, '/period'],
    ]
    for (const [flaw, pointer] of flaws) {
      const attempt = topUpWallet(partner, { residentId, period: PERIOD, amount: 1, ...flaw })
      expect(await refusalOf(attempt)).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
  })

  it('registers a need once per term and month, until it is withdrawn', async () => {
    const { partner } = world
    const { id: residentId } = await register()
    const need = await registerNeed(partner, { residentId, ...NEED })
    const again = await refusalOf(registerNeed(partner, { residentId, ...NEED, quantity: 1 }))
    expect(again).toMatchObject({ code: 'duplicate', facts: { existingId: need.id } })
    await registerNeed(partner, { residentId, ...NEED, period: '2027-01' })
    expect((await refusalOf(withdrawNeed(partner, { needId: need.id, version: 2 }))).code).toBe(
      'precondition_failed',
    )
    const withdrawn = await withdrawNeed(partner, { needId: need.id, version: 1 })
    expect(withdrawn).toMatchObject({ state: 'withdrawn', version: 2 })
    expect((await registerNeed(partner, { residentId, ...NEED })).id).not.toBe(need.id)
    const inDecember = await listNeeds(partner, {
      limit: 10,
      residentId,
      period: PERIOD,
      state: 'registered',
    })
    expect(inDecember.items).toHaveLength(1)
  })

  it('points at every flaw of a need', async () => {
    const { id: residentId } = await register()
    const flaws: [object, string][] = [
      [{ quantity: -3 }, '/quantity'],
      [{ quantity: 0 }, '/quantity'],
      [{ period: '2026-11' }, '/period'],
      [{ category: 'magic' }, '/category'],
      [{ term: 'Day\0' }, '/term'],
      [{ maxWalkingMinutes: 0 }, '/maxWalkingMinutes'],
    ]
    for (const [flaw, pointer] of flaws) {
      const attempt = registerNeed(world.partner, { residentId, ...NEED, ...flaw })
      expect(await refusalOf(attempt)).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
  })

  it('moves needs all or none', async () => {
    const { partner, system } = world
    const { id: residentId } = await register()
    const first = await registerNeed(partner, { residentId, ...NEED })
    const second = await registerNeed(partner, { residentId, ...NEED, term: 'meal' })
    const move = (ids: string[], to: 'in_run' | 'matched' | 'unmet' | 'registered') =>
      inTransaction(system, (ctx) => moveNeeds(ctx, ids, to))
    await move([first.id], 'in_run')
    expect((await refusalOf(move([first.id, second.id], 'unmet'))).code).toBe('state_conflict')
    expect((await refusalOf(move([first.id, UNKNOWN], 'matched'))).code).toBe('not_found')
    expect(await getNeed(partner, first.id)).toMatchObject({ state: 'in_run', version: 2 })
    const held = withdrawNeed(partner, { needId: first.id, version: 2 })
    expect((await refusalOf(held)).code).toBe('state_conflict')
    await move([first.id, first.id], 'matched')
    await move([first.id], 'registered')
    await move([], 'matched')
    expect(await getNeed(partner, first.id)).toMatchObject({ state: 'registered', version: 4 })
  })

  it('shows another partner nothing, and has no other readers', async () => {
    const { partner, otherPartner, purchaser, provider } = world
    const { id: residentId } = await register()
    const consent = await giveConsent(partner, { residentId, purpose: 'matching', facts: ['location'] })
    const need = await registerNeed(partner, { residentId, ...NEED })
    await topUpWallet(partner, { residentId, period: PERIOD, amount: 100 })
    const attempts = (ctx: typeof partner) => [
      getResident(ctx, residentId),
      listConsents(ctx, { residentId, limit: 10 }),
      giveConsent(ctx, { residentId, purpose: 'matching', facts: ['location'] }),
      withdrawConsent(ctx, consent.id),
      topUpWallet(ctx, { residentId, period: PERIOD, amount: 100 }),
      getWallet(ctx, { residentId, period: PERIOD }),
      registerNeed(ctx, { residentId, ...NEED, term: 'meal' }),
      getNeed(ctx, need.id),
      withdrawNeed(ctx, { needId: need.id, version: 1 }),
    ]
    const answers = async (ctx: typeof partner) => {
      const refusals = await Promise.all(attempts(ctx).map(refusalOf))
      return new Set(refusals.map((refusal) => refusal.code))
    }
    expect(await answers(otherPartner)).toEqual(new Set(['not_found']))
    expect(await answers(purchaser)).toEqual(new Set(['forbidden']))
    expect(await answers(provider)).toEqual(new Set(['forbidden']))
    const mine = await listResidents(otherPartner, { limit: 200 })
    expect(mine.items.some((resident) => resident.id === residentId)).toBe(false)
    expect((await listNeeds(otherPartner, { limit: 200 })).items).toEqual([])
  })
})

describe.each(engines())('an import of residents on %s', (rung) => {
  let world: Neighborhood
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  afterAll(() => world.close())

  const importOf = (residents: number): RegisterResidents => ({
    organizationId: world.partner.actor.organizationId,
    residents: Array.from({ length: residents }, (_, at) => ({
      reference: `r${at}`,
      areaId: world.areas.south,
      point: POINT,
      birthYear: 1940 + (at % 30),
      consents: [{ purpose: 'matching', facts: ['location', 'birth_year'] }],
      wallets: [{ period: PERIOD, amount: at }],
      needs: [
        { ...NEED, waitingSince: '2026-11-01T00:00:00Z' },
        { ...NEED, term: 'meal' },
      ],
    })),
  })

  it('goes in whole, in order, once, with one audit entry', async () => {
    const { system, partner } = world
    const first = await registerResidents(system, importOf(1200))
    expect(first).toMatchObject({ created: 1200, existing: 0 })
    expect([...first.ids].sort()).toEqual(first.ids)
    const residentId = first.ids[1111]!
    expect(await getResident(partner, residentId)).toMatchObject({ birthYear: 1940 + (1111 % 30) })
    expect(await getWallet(partner, { residentId, period: PERIOD })).toMatchObject({ limit: 1111 })
    expect((await listConsents(partner, { residentId, limit: 10 })).items).toHaveLength(1)
    const { items } = await listNeeds(partner, { residentId, limit: 10 })
    expect(items.map((need) => [need.term, need.waitingSince.toISOString()])).toEqual([
      ['day_care', '2026-11-01T00:00:00.000Z'],
      ['meal', '2026-12-01T08:00:00.000Z'],
    ])
    const again = await registerResidents(partner, importOf(1201))
    expect(again).toMatchObject({ created: 1, existing: 1200 })
    expect(again.ids.slice(0, 1200)).toEqual(first.ids)
    expect((await listNeeds(partner, { residentId, limit: 10 })).items).toHaveLength(2)
    const entries = await system.db.root
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.action, 'residents.register'))
    expect(entries).toHaveLength(2)
  })

  it('names the rows that are flawed, and writes none', async () => {
    const { partner, otherPartner } = world
    const { organizationId, residents } = importOf(2)
    const [one, two] = residents.map((resident, at) => ({ ...resident, reference: `new${at}` }))
    const flaws: [RegisterResidents['residents'], string][] = [
      [[one!, { ...two!, areaId: UNKNOWN }], '/residents/1/areaId'],
      [[one!, { ...two!, birthYear: 1800 }], '/residents/1/birthYear'],
      [[one!, { ...two!, birthYear: 2030 }], '/residents/1/birthYear'],
      [[one!, { ...two!, reference: 'new0' }], '/residents/1/reference'],
      [[{ ...one!, needs: [NEED, NEED] }], '/residents/0/needs/1'],
      [[{ ...one!, needs: [{ ...NEED, period: '2020-01' }] }], '/residents/0/needs/0/period'],
      [[{ ...one!, wallets: [{ period: PERIOD, amount: -1 }] }], '/residents/0/wallets/0/amount'],
    ]
    const before = await partner.db.root.$count(residentRows)
    for (const [rows, pointer] of flaws) {
      const refusal = await refusalOf(registerResidents(partner, { organizationId, residents: rows }))
      expect(refusal).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
    expect(await partner.db.root.$count(residentRows)).toBe(before)
    expect((await refusalOf(registerResidents(otherPartner, importOf(1)))).code).toBe('not_found')
  })
})
