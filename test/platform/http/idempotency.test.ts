import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { organizations } from '../../../src/features/identity/tables.ts'
import { idempotencyKeys } from '../../../src/platform/http/tables.ts'
import { type ApiWorld, openApi } from '../../app/api-world.ts'
import { engines } from '../../support/test-world.ts'

describe.each(engines())('Idempotency-Key on %s', (rung) => {
  let api: ApiWorld
  beforeAll(async () => {
    api = await openApi(rung)
  })
  afterAll(() => api.close())

  const create = (key: string | null, body: object) =>
    api.request('operator', 'POST', '/v1/organizations', {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
    })
  const office = (name: string) => ({ kind: 'purchaser', name })
  const count = () => api.world.db.root.$count(organizations)

  it('makes a repeated request have one effect and the same answer', async () => {
    const before = await count()
    const first = await create('once', office('Office'))
    const again = await create('once', office('Office'))
    expect(first.status).toBe(201)
    expect(again).toMatchObject({ status: 201, body: first.body })
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true'])
    expect(await count()).toBe(before + 1)
  })

  it('may be left out: then a repetition is another request', async () => {
    const before = await count()
    await create(null, office('Twice'))
    await create(null, office('Twice'))
    expect(await count()).toBe(before + 2)
  })

  it('belongs to one request: another body is refused', async () => {
    await create('mine', office('A'))
    const before = await count()
    const other = await create('mine', office('B'))
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    expect(await count()).toBe(before)
  })

  it('belongs to one caller', async () => {
    const body = { name: 'Here', address: 'Road 1' }
    const place = (role: 'provider' | 'otherProvider') =>
      api.request(role, 'POST', '/v1/locations', {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': 'shared' },
      })
    const [one, other] = [await place('provider'), await place('otherProvider')]
    expect([one.status, other.status]).toEqual([201, 201])
    expect(one.body.id).not.toBe(other.body.id)
  })

  it('is free again after a request that failed', async () => {
    const taken = { ...office('First'), sourceRef: 'ref' }
    await create('first', taken)
    expect(await create('retry', { ...taken, name: 'Second' })).toMatchObject({ status: 409 })
    expect(await create('retry', { kind: 'nobody' })).toMatchObject({ status: 422 })
    const keys = (await api.world.db.root.select().from(idempotencyKeys)).map(({ key }) => key)
    expect(keys).not.toContain('retry')
    expect(await create('retry', office('Third'))).toMatchObject({ status: 201 })
  })

  it('makes requests at the same time have one effect; the others wait, or are told to', async () => {
    const before = await count()
    const answers = await Promise.all(Array.from({ length: 8 }, () => create('race', office('Race'))))
    expect(await count()).toBe(before + 1)
    const created = answers.filter(({ status }) => status === 201)
    expect(new Set(created.map(({ body }) => body.id)).size).toBe(1)
    for (const { status, body } of answers.filter((answer) => !created.includes(answer))) {
      expect([status, body.code]).toEqual([409, 'request_in_progress'])
    }
    expect(created.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1)
  })
})
