/** Webhooks as their organization manages them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matchesTypes } from '../../../src/features/subscriptions/event-filter.ts'
import { EVENT_TYPES } from '../../../src/features/subscriptions/event-types.ts'
import { webhooks } from '../../../src/features/subscriptions/tables.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { idempotencyKeys } from '../../../src/platform/http/tables.ts'
import { type ApiWorld, openApi } from '../../app/api-world.ts'

const URL = 'https://partner.example.org/hooks'

let api: ApiWorld
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  api.request('partner', method, path, {
    ...(body ? { body: JSON.stringify(body) } : {}),
    headers: { 'content-type': 'application/json', ...headers },
  })
const create = (body: object) => send('POST', '/v1/webhooks', body, { 'idempotency-key': 'one' })

describe('a webhook', () => {
  it('shows its secret once, and the database does not hold it', async () => {
    const created = await create({ url: URL, types: ['referral.*'] })
    expect(created).toMatchObject({
      status: 201,
      body: { url: URL, types: ['referral.*'], state: 'enabled', disabledReason: null, version: 1 },
    })
    const { id, secret } = created.body
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(created.headers.get('location')).toBe(`/v1/webhooks/${id}`)
    const again = await send('GET', `/v1/webhooks/${id}`)
    const listed = await send('GET', '/v1/webhooks')
    expect(again.headers.get('etag')).toBe('"1"')
    expect(listed.body.items).toEqual([again.body])
    const tables = [webhooks, auditEntries, events, idempotencyKeys]
    const held = await Promise.all(tables.map((table) => api.world.db.root.select().from(table)))
    const text = JSON.stringify([held, again.body, listed.body])
    expect(text).not.toContain(secret.slice('whsec_'.length))
    expect(text).toContain(id)
  })

  it('changes under If-Match alone', async () => {
    const { id } = (await create({ url: URL })).body
    const path = `/v1/webhooks/${id}`
    expect(await send('PATCH', path, { types: [] })).toMatchObject({ status: 428 })
    const change = (etag: string, body: object) => send('PATCH', path, body, { 'if-match': etag })
    expect(await change('"1"', { url: `${URL}/2`, types: ['need.withdrawn'] })).toMatchObject({
      status: 200,
      body: { url: `${URL}/2`, types: ['need.withdrawn'], state: 'enabled', version: 2 },
    })
    expect(await change('"1"', { types: [] })).toMatchObject({ status: 412 })
    expect((await change('"2"', { state: 'disabled' })).body).toMatchObject({
      state: 'disabled',
      disabledReason: 'by_owner',
    })
    expect((await send('POST', `${path}/test`)).body).toMatchObject({ code: 'state_conflict' })
    expect((await change('"3"', { state: 'enabled' })).body).toMatchObject({ disabledReason: null })
  })

  it('rotates its secret, and ends', async () => {
    const { id, secret } = (await create({ url: URL })).body
    const rotated = await send('POST', `/v1/webhooks/${id}/rotation`, { overlapHours: 2 })
    expect(rotated).toMatchObject({
      status: 200,
      body: { previousSecretUntil: '2026-12-01T10:00:00.000Z', version: 2 },
    })
    expect(rotated.body.secret).not.toBe(secret)
    const tested = await send('POST', `/v1/webhooks/${id}/test`)
    expect(tested).toMatchObject({
      status: 202,
      body: { type: 'webhook.test', state: 'pending', attempts: 0 },
    })
    expect((await send('GET', `/v1/webhooks/${id}/deliveries`)).body.items).toEqual([tested.body])
    expect((await send('GET', `/v1/webhooks/${id}/deliveries?state=dead`)).body.items).toEqual([])
    expect(await send('DELETE', `/v1/webhooks/${id}`)).toMatchObject({ status: 204 })
    expect(await send('GET', `/v1/webhooks/${id}`)).toMatchObject({ status: 404 })
  })

  it('is one of twenty at most', async () => {
    const request = () =>
      api.request('otherProvider', 'POST', '/v1/webhooks', {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ url: URL }),
      })
    for (let count = 0; count < 20; count++) expect(await request()).toMatchObject({ status: 201 })
    expect(await request()).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })
})

describe('bad input', () => {
  const urls = [
    'ftp://partner.example.org/',
    'http://partner.example.org/',
    'https://user:word@partner.example.org/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://10.0.0.8:8443/',
    'https://[::1]/',
    'https://169.254.169.254/latest',
    'https://partner.example.org/#part',
    '/hooks',
    'partner.example.org',
    `https://partner.example.org/${'x'.repeat(2000)}`,
    'https://partner.example.org/\0',
  ]

  it.each([
    ...urls.map((url) => [{ url }, '/url'] as const),
    [{}, '/url'],
    [{ url: URL, types: ['referral'] }, '/types/0'],
    [{ url: URL, types: ['referral.opened', 'nothing.*'] }, '/types/1'],
    [{ url: URL, secret: 'mine' }, '/secret'],
  ] as const)('%j is refused with its field', async (body, pointer) => {
    const before = await api.world.db.root.$count(webhooks)
    const answer = await create(body)
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_input' } })
    expect(answer.body.errors[0].pointer).toBe(pointer)
    expect(await api.world.db.root.$count(webhooks)).toBe(before)
  })

  it.each([
    ['rotation', { overlapHours: 169 }, '/overlapHours'],
    ['rotation', { overlapHours: -1 }, '/overlapHours'],
    ['replay', {}, '/since'],
    ['replay', { since: 'yesterday' }, '/since'],
    ['replay', { since: '2026-12-01T00:00:00Z', deliveryIds: [crypto.randomUUID()] }, '/deliveryIds'],
    ['replay', { since: '2026-12-02T00:00:00Z', until: '2026-12-01T00:00:00Z' }, '/until'],
    ['replay', { deliveryIds: [crypto.randomUUID()] }, '/deliveryIds/0'],
    ['replay', { deliveryIds: [] }, '/deliveryIds'],
  ] as const)('of %s: %j', async (operation, body, pointer) => {
    const { id } = (await send('GET', '/v1/webhooks')).body.items[0]
    const answer = await send('POST', `/v1/webhooks/${id}/${operation}`, body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })
})

describe('types of events', () => {
  /** Told to nobody: they have no audience. */
  const UNADDRESSED = [
    'area.created',
    'areas.created',
    'areas.imported',
    'community_group.changed',
    'community_group.created',
    'cool_off.begun',
    'grid_post.set',
    'needs.moved',
    'offerings.published',
    'organizations.created',
    'station.changed',
    'station.created',
    'webhook.test',
  ]

  it('are published for everything that is emitted', () => {
    const features = join(import.meta.dirname, '../../../src/features')
    const emitted = readdirSync(features, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(features, path), 'utf8'))
      .flatMap((text) => [
        ...text.matchAll(/emit(?:All)?\(\s*\w+,\s*'([a-z_]+\.[a-z_]+)'/g),
        ...text.matchAll(/told: '([a-z_]+\.[a-z_]+)'/g),
      ])
      .map((match) => match[1]!)
    expect(emitted).toContain('referral.opened')
    const unknown = emitted.filter((type) => !(EVENT_TYPES as readonly string[]).includes(type))
    expect([...new Set(unknown)].filter((type) => !UNADDRESSED.includes(type))).toEqual([])
  })

  it('are asked for singly, by object, or all', () => {
    expect(matchesTypes([], 'need.withdrawn')).toBe(true)
    expect(matchesTypes(['need.*'], 'need.withdrawn')).toBe(true)
    expect(matchesTypes(['need.*'], 'needs.moved')).toBe(false)
    expect(matchesTypes(['need.registered', 'run.*'], 'need.withdrawn')).toBe(false)
  })
})
