import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { ensureDefaultPolicy } from '../../../src/features/policies/ensure-default-policy.ts'
import { IncomeClass as ResidentsIncomeClass } from '../../../src/features/residents/schemas.ts'
import { FoundOfferings, IncomeClass } from '../../../src/features/search/schemas.ts'
import { type ApiWorld, type Caller, openApi } from '../../app/api-world.ts'

const HOME = { latitude: 25.03, longitude: 121.54 }
const NEAR = 'near=25.03,121.54&minutes=15'

let api: ApiWorld
beforeAll(async () => {
  api = await openApi()
  await ensureDefaultPolicy(api.world.context(SYSTEM))
  const provider = api.world.context(api.actors.provider)
  const place = async (name: string, visibility: 'public' | 'confidential', meters: number) => {
    const point = { latitude: HOME.latitude + meters / 111_195, longitude: HOME.longitude }
    const location = await createLocation(provider, { name, address: `${name} Lane 9`, point, visibility })
    const rule = { fact: 'age', op: 'gte', value: 65 } as const
    const common = { tier: 'basic', mode: 'onsite', unit: 'visit', price: 5, eligibility: rule } as const
    const service = { name: `Care of ${name}`, category: 'elderly_care', term: 'day_care' } as const
    await publishOffering(provider, { ...common, ...service, locationId: location.id })
  }
  await place('Harbor', 'public', 500)
  await place('Shelter', 'confidential', 100)
  await place('Corner', 'public', 200)
})
afterAll(() => api.close())

const get = (query: string, caller: Caller = 'partner') =>
  api.request(caller, 'GET', `/v1/offerings?${query}`)
const post = (body: object, caller: Caller = 'partner') =>
  api.request(caller, 'POST', '/v1/offerings/search', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const names = (answer: { body: FoundOfferings }) => answer.body.items.map(({ name }) => name)

describe('an answer', () => {
  it('has the shape of the document, and is the same for a question in a body', async () => {
    const asked = await get(`${NEAR}&age=70&mobility=slow&limit=1`)
    const told = await post({ near: HOME, minutes: 15, age: 70, mobility: 'slow', limit: 1 })
    expect(asked.status).toBe(200)
    expect(FoundOfferings.parse(asked.body)).toEqual(asked.body)
    expect(told.body).toEqual(asked.body)
    expect(asked.body).toMatchObject({ total: 2, facets: { mode: [{ value: 'onsite', count: 2 }] } })
    // 200 m straight, 260 m on foot, 0.8 m/s.
    expect(asked.body.items[0].walkingMinutes).toBeCloseTo(5.4, 1)
    const next = await get(`${NEAR}&age=70&mobility=slow&limit=1&cursor=${asked.body.nextCursor}`)
    expect([...names(asked), ...names(next)]).toEqual(['Care of Corner', 'Care of Harbor'])
    expect(next.body.nextCursor).toBeNull()
  })

  it('leaves out those whom the facts exclude, and lists the undecided only when asked to', async () => {
    expect(names(await get('age=40'))).toEqual([])
    expect(names(await get('careLevel=3'))).toEqual([])
    expect(names(await get('careLevel=3&includeUnknown=true'))).toHaveLength(3)
    expect(names(await get('includeUnknown=true'))).toHaveLength(3)
  })
})

describe('a confidential place', () => {
  it('is found by what it offers, not by where it is, except by its own', async () => {
    expect(names(await get('q=shelter'))).toEqual(['Care of Shelter'])
    expect(names(await get('q=lane'))).not.toContain('Care of Shelter')
    for (const caller of ['partner', 'purchaser.officer', 'supervisor'] as const) {
      expect(names(await get(NEAR, caller))).toEqual(['Care of Corner', 'Care of Harbor'])
    }
    for (const caller of ['provider', 'operator'] as const) {
      expect(names(await get(NEAR, caller))[0]).toBe('Care of Shelter')
    }
    expect(names(await get(NEAR, 'otherProvider'))).toEqual([])
  })
})

describe('a flawed question', () => {
  const cursorOf = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url')
  const id = '00000000-0000-7000-8000-0000000000ff'

  it.each([
    ['category=shoes', ['/query/category']],
    ['term=Day Care', ['/query/term']],
    ['tier=gold&mode=teleport', ['/query/tier', '/query/mode']],
    ['sector=secret', ['/query/sector']],
    ['state=gone', ['/query/state']],
    ['priceType=cheap', ['/query/priceType']],
    ['organizationId=7', ['/query/organizationId']],
    ['areaId=7', ['/query/areaId']],
    ['language=Chinese', ['/query/language']],
    ['colour=red', ['/query/colour']],
    ['limit=0', ['/query/limit']],
    ['limit=1000000000', ['/query/limit']],
    ['limit=', ['/query/limit']],
    ['limit=1e2', ['/query/limit']],
    ['maxPrice=-1', ['/query/maxPrice']],
    ['maxPrice=0.5', ['/query/maxPrice']],
    ['q=', ['/query/q']],
    ['q=!!!', ['/query/q']],
    [`q=${'word '.repeat(12)}`, ['/query/q']],
    ['near=25.03,121.54', ['/query/minutes']],
    ['minutes=15', ['/query/near']],
    ['near=here&minutes=15', ['/query/near']],
    ['near=95,121&minutes=15', ['/query/near/latitude']],
    ['near=25.03,121.54&minutes=0', ['/query/minutes']],
    ['near=25.03,121.54&minutes=100000', ['/query/minutes']],
    ['openAt=monday', ['/query/openAt']],
    ['freeIn=2026-13', ['/query/freeIn']],
    ['age=-3', ['/query/age']],
    ['age=old', ['/query/age']],
    ['careLevel=99', ['/query/careLevel']],
    ['incomeClass=rich', ['/query/incomeClass']],
    ['mobility=flying', ['/query/mobility']],
    ['livesAlone=perhaps', ['/query/livesAlone']],
    ['includeUnknown=1', ['/query/includeUnknown']],
    ['cursor=nonsense', ['/query/cursor']],
    ['cursor=', ['/query/cursor']],
    [`cursor=${cursorOf({ by: 'id', key: 0, id: 'x' })}`, ['/query/cursor']],
    [`cursor=${cursorOf({ by: 'id', key: null, id })}`, ['/query/cursor']],
    [`cursor=${cursorOf({ by: 'id', key: 0, id, more: 1 })}`, ['/query/cursor']],
    [`cursor=${cursorOf({ by: 'minutes', key: 3, id })}`, ['/query/cursor']],
  ])('?%s is refused with its field', async (query, pointers) => {
    const { status, type, body } = await get(encodeURI(query))
    expect([status, type, body.code]).toEqual([422, 'application/problem+json', 'invalid_input'])
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(pointers)
  })

  it.each([
    [{ limit: 0 }, '/limit'],
    [{ limit: 1e9 }, '/limit'],
    [{ limit: '5' }, '/limit'],
    [{ near: HOME }, '/minutes'],
    [{ near: '25,121', minutes: 5 }, '/near'],
    [{ near: { latitude: 95, longitude: 0 }, minutes: 5 }, '/near/latitude'],
    [{ age: 'old' }, '/age'],
    [{ livesAlone: 'yes' }, '/livesAlone'],
    [{ shoeSize: 43 }, '/shoeSize'],
    [{ cursor: 'x' }, '/cursor'],
    [{ q: 'a\0b' }, '/q'],
  ])('%j is refused with its field', async (body, pointer) => {
    const answer = await post(body)
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input'])
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })

  it('finds nothing in an unknown area and beyond the last page', async () => {
    expect((await get(`areaId=${id}`)).body).toMatchObject({ items: [], total: 0 })
    const end = cursorOf({ by: 'id', key: 0, id: 'ffffffff-ffff-7fff-bfff-ffffffffffff' })
    expect((await get(`cursor=${end}`)).body).toMatchObject({ items: [], nextCursor: null, total: 3 })
  })
})

it('knows the income classes that residents have', () => {
  expect(IncomeClass.options).toEqual(ResidentsIncomeClass.options)
})
