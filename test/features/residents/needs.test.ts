/** What of a need is kept, refused, revised and ended, over HTTP where partners meet it. */
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createArea } from '../../../src/features/communities/create-area.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { expireNeeds } from '../../../src/features/residents/expire-needs.ts'
import { moveNeeds } from '../../../src/features/residents/move-needs.ts'
import { registerResidents } from '../../../src/features/residents/register-residents.ts'
import type { NeedState, RegisterResidents } from '../../../src/features/residents/schemas.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { type Context, createContext, inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { type ApiWorld, openApi } from '../../app/api-world.ts'
import { engines } from '../../support/test-world.ts'
import { refusalOf } from '../communities/neighborhood.ts'

const NEED = { period: '2026-12', category: 'elderly_care', term: 'bathing', tier: 'basic', quantity: 4 }
const PLAIN = {
  unit: null,
  neededBy: null,
  acceptableHours: null,
  preferences: {},
  refusals: {},
  maxWalkingMinutes: null,
  priority: 'standard',
}
const RICH = {
  unit: 'visit',
  neededBy: '2026-12-20',
  acceptableHours: [
    { day: 'MO', opens: '09:00', closes: '12:00' },
    { day: 'MO', opens: '12:00', closes: '24:00' },
    { day: 'TU', opens: '09:00', closes: '12:00' },
  ],
  preferences: { language: 'nan', caregiverGender: 'female', sector: 'ngo', keepProvider: true },
  refusals: { organizationIds: [randomUUID()], sectors: ['market'], caregiverGenders: ['male'] },
  maxWalkingMinutes: 10,
  priority: 'high',
}
const hours = (...spans: [string, string, string][]) => ({
  acceptableHours: spans.map(([day, opens, closes]) => ({ day, opens, closes })),
})
const FLAWS: [object, string][] = [
  [{ quantity: -3 }, '/quantity'],
  [{ quantity: 1.5 }, '/quantity'],
  [{ unit: 'parsec' }, '/unit'],
  [{ neededBy: '2027-01-01' }, '/neededBy'],
  [{ neededBy: '2026-11-30' }, '/neededBy'],
  [{ neededBy: '2026-12-04' }, '/neededBy'],
  [{ neededBy: '2026-12-32' }, '/neededBy'],
  [{ acceptableHours: [] }, '/acceptableHours'],
  [hours(['MO', '12:00', '12:00']), '/acceptableHours/0/closes'],
  [hours(['MO', '08:60', '24:00']), '/acceptableHours/0/opens'],
  [hours(['MO', '09:00', '12:00'], ['MO', '11:59', '13:00']), '/acceptableHours/1'],
  [hours(['MO', '09:00', '12:00'], ['TU', '09:00', '12:00'], ['MO', '08:00', '13:00']), '/acceptableHours/2'],
  [{ preferences: { language: 'n\u0000n' } }, '/preferences/language'],
  [{ preferences: { sector: 'ngo' }, refusals: { sectors: ['joint', 'ngo'] } }, '/preferences/sector'],
  [
    { preferences: { caregiverGender: 'male' }, refusals: { caregiverGenders: ['male'] } },
    '/preferences/caregiverGender',
  ],
  [{ preferences: { color: 'red' } }, '/preferences/color'],
  [{ refusals: { offeringIds: ['x'] } }, '/refusals/offeringIds/0'],
  [{ priority: 'asap' }, '/priority'],
]

describe.each(engines())('needs on %s', (rung) => {
  let api: ApiWorld
  let system: Context
  let areaId: string
  let residentId: string
  beforeAll(async () => {
    api = await openApi(rung)
    system = api.world.context(SYSTEM)
    areaId = (await createArea(system, { kind: 'district', code: 'D', name: 'District' })).id
  })
  beforeEach(async () => {
    api.world.clock.set('2026-12-05T08:00:00Z')
    const point = { latitude: 25, longitude: 121 }
    residentId = (await post('/v1/residents', { reference: randomUUID(), areaId, point })).body.id
  })
  afterAll(() => api.close())

  const json = { 'content-type': 'application/json' }
  const post = (path: string, given: object) =>
    api.request('partner', 'POST', path, { headers: json, body: JSON.stringify(given) })
  const register = (more: object = {}) => post(`/v1/residents/${residentId}/needs`, { ...NEED, ...more })
  const revise = (id: string, version: number, changes: object) =>
    api.request('partner', 'PATCH', `/v1/needs/${id}`, {
      headers: { ...json, 'if-match': `"${version}"` },
      body: JSON.stringify(changes),
    })
  const read = async (id: string) => (await api.request('partner', 'GET', `/v1/needs/${id}`)).body
  const move = (id: string, to: NeedState) => inTransaction(system, (ctx) => moveNeeds(ctx, [id], to))
  const count = () => api.world.db.root.$count(needs)

  it('keeps everything that is said, and fills in what is not', async () => {
    const rich = await register(RICH)
    expect([rich.status, rich.body]).toMatchObject([201, { ...NEED, ...RICH, state: 'registered' }])
    expect(await read(rich.body.id)).toEqual(rich.body)
    expect((await register({ term: 'meal' })).body).toMatchObject(PLAIN)
    expect((await register({ term: 'today', neededBy: '2026-12-05' })).status).toBe(201)
  })

  it.each(FLAWS)('refuses %j, naming the field, however it comes', async (flaw, pointer) => {
    const before = await count()
    const answer = await register(flaw)
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input'])
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer])
    const wanted = [
      { ...NEED, term: 'meal' },
      { ...NEED, ...flaw },
    ] as never
    const residents: RegisterResidents['residents'] = [
      { reference: randomUUID(), areaId, point: { latitude: 25, longitude: 121 }, needs: wanted },
    ]
    const ctx = createContext({ ...system, actor: api.actors.partner })
    const { organizationId } = api.actors.partner
    const imported = await refusalOf(registerResidents(ctx, { organizationId, residents }))
    expect(imported).toMatchObject({ code: 'invalid_input', pointers: [`/residents/0/needs/1${pointer}`] })
    expect(await count()).toBe(before)
  })

  it('refuses a second need of the same kind with the id of the first, wanted once or always', async () => {
    const answers = await Promise.all(
      [RICH, {}, { quantity: 1 }, { neededBy: '2026-12-31' }, { tier: 'inclusive' }].map(register),
    )
    const [first, ...more] = answers.filter(({ status }) => status === 201)
    expect(more).toEqual([])
    const refused = answers.filter(({ status }) => status === 409)
    expect(refused).toHaveLength(4)
    for (const { body } of refused) {
      expect(body).toMatchObject({ code: 'duplicate', existingId: first!.body.id })
    }
    expect((await register({ period: '2027-01' })).status).toBe(201)
    expect((await register({ category: 'medical' })).status).toBe(201)
  })

  it('lets what is wanted be changed while the need waits, and keeps its place', async () => {
    const { body: need } = await register(RICH)
    api.world.clock.advance(1000)
    const changes = { quantity: 2, neededBy: null, refusals: {}, ...hours(['SA', '08:00', '09:00']) }
    const revised = await revise(need.id, 1, changes)
    expect([revised.status, revised.body]).toEqual([200, { ...need, ...changes, version: 2 }])
    expect(revised.headers.get('etag')).toBe('"2"')
    expect((await revise(need.id, 1, changes)).status).toBe(412)
    expect((await revise(need.id, 2, { preferences: {}, refusals: { sectors: ['ngo'] } })).status).toBe(200)
    await move(need.id, 'in_run')
    expect((await revise(need.id, 4, { quantity: 3 })).body.code).toBe('state_conflict')
    await move(need.id, 'unmet')
    expect((await revise(need.id, 5, { quantity: 3 })).body).toMatchObject({ quantity: 3, state: 'unmet' })
    await move(need.id, 'matched')
    expect((await revise(need.id, 7, { quantity: 4 })).body.code).toBe('state_conflict')
    expect(await read(need.id)).toMatchObject({ quantity: 3, version: 7 })
  })

  it('refuses a revision that does not fit what stays', async () => {
    const { body: need } = await register(RICH)
    const flaws: [object, string][] = [
      [{ quantity: 0 }, '/quantity'],
      [{ neededBy: '2027-01-01' }, '/neededBy'],
      [{ preferences: { sector: 'market' } }, '/preferences/sector'],
      [{ refusals: { caregiverGenders: ['female'] } }, '/preferences/caregiverGender'],
      [{ term: 'meal' }, '/term'],
      [{ period: '2027-01' }, '/period'],
    ]
    for (const [flaw, pointer] of flaws) {
      const answer = await revise(need.id, 1, flaw)
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
    }
    api.world.clock.set('2027-01-01T00:00:00Z')
    expect((await revise(need.id, 1, { quantity: 2 })).body.code).toBe('state_conflict')
    expect(await read(need.id)).toEqual(need)
  })

  it('ends with its month when it still waits, and tells the partner', async () => {
    const { body: waits } = await register()
    const { body: matched } = await register({ term: 'meal' })
    const { body: later } = await register({ period: '2027-01' })
    await move(matched.id, 'matched')
    expect(await expireNeeds(system)).toBe(0)
    api.world.clock.set('2027-01-01T00:00:00Z')
    expect(await expireNeeds(system)).toBeGreaterThan(0)
    expect(await expireNeeds(system)).toBe(0)
    const states = await Promise.all([waits, matched, later].map(async ({ id }) => (await read(id)).state))
    expect(states).toEqual(['expired', 'matched', 'registered'])
    const told = await api.world.db.root.select().from(events).where(eq(events.objectId, waits.id))
    expect(told.find(({ type }) => type === 'need.expired')).toMatchObject({
      audience: [api.actors.partner.organizationId],
      data: { residentId, period: '2026-12' },
    })
  })

  it('writes nothing about the person into audit and events', async () => {
    const { body: need } = await register({ ...RICH, term: 'dementia_care' })
    await revise(need.id, 1, { quantity: 3 })
    const path = `/v1/needs/${need.id}/withdrawal`
    await api.request('partner', 'POST', path, { headers: { 'if-match': '"2"' } })
    const { root } = api.world.db
    const written = [
      ...(await root.select().from(auditEntries).where(eq(auditEntries.objectId, need.id))),
      ...(await root.select().from(events).where(eq(events.objectId, need.id))),
    ]
    expect(written).toHaveLength(6)
    const facts = written.map((row) =>
      Object.keys('facts' in row ? (row.facts as object) : (row.data as object)),
    )
    const allowed = ['residentId', 'period', 'state', 'from']
    expect(facts.flat().filter((name) => !allowed.includes(name))).toEqual([])
    expect(JSON.stringify(written)).not.toMatch(/dementia|elderly|female|nan"/)
  })
})
