/** What the HTTP layer makes of requests before a verb sees them, and of errors after. */
import { z } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Refusal, type RefusalCode } from '../../../src/platform/errors.ts'
import { etag, expectedVersion, requireVersion } from '../../../src/platform/http/conditional.ts'
import { mapPage, PageQuery, pageOf, toPage } from '../../../src/platform/http/paging.ts'
import { answerError, Problem } from '../../../src/platform/http/problem.ts'
import { createRouter, invalidInput } from '../../../src/platform/http/router.ts'
import type { Logger } from '../../../src/platform/telemetry.ts'
import { type ApiWorld, openApi } from '../../app/api-world.ts'
import { NOBODY } from '../../app/operations.ts'

const STATUSES: Record<RefusalCode, number> = {
  unauthenticated: 401,
  forbidden: 403,
  duty_conflict: 403,
  consent_missing: 403,
  not_found: 404,
  conflict: 409,
  duplicate: 409,
  state_conflict: 409,
  insufficient: 409,
  not_an_option: 409,
  not_bookable: 403,
  outbid: 409,
  link_used: 410,
  request_in_progress: 409,
  precondition_failed: 412,
  invalid_input: 422,
  idempotency_key_reused: 422,
  precondition_required: 428,
  busy: 503,
  unavailable: 503,
  data_dir_locked: 503,
  config_invalid: 500,
  port_in_use: 500,
}

type Body = z.infer<typeof Problem>

async function answerTo(thrown: unknown) {
  const app = createRouter()
  app.onError(answerError)
  app.get('/', () => {
    throw thrown
  })
  const response = await app.request('/')
  return { response, body: (await response.json()) as Body }
}
describe('an error', () => {
  it.each(Object.entries(STATUSES))('%s is answered with %i as problem+json', async (code, status) => {
    const { response, body } = await answerTo(new Refusal(code as RefusalCode, 'This is why.'))
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(Problem.parse(body)).toEqual(body)
    expect(body).toMatchObject({ status, code, detail: 'This is why.' })
    expect(body.title).not.toBe(body.detail)
  })

  it('tells its fields and facts', async () => {
    const errors = [{ pointer: '/a', message: 'is wrong' }]
    const refusal = new Refusal('invalid_input', 'No.', { errors, facts: { existingId: 'x' } })
    expect((await answerTo(refusal)).body).toMatchObject({ errors, existingId: 'x' })
  })

  it('of the settings is logged, one of the caller is not', async () => {
    const logged: string[] = []
    const app = createRouter()
    app.onError(answerError)
    app.use(async (c, next) => {
      c.set('log', {
        error: (_facts: object, sentence: string) => logged.push(sentence),
      } as unknown as Logger)
      await next()
    })
    app.get('/:code', (c) => {
      throw new Refusal(c.req.param('code') as RefusalCode, 'No.')
    })
    for (const code of ['not_found', 'duplicate', 'unavailable']) await app.request(`/${code}`)
    expect(logged).toEqual([])
    await app.request('/config_invalid')
    expect(logged).toHaveLength(1)
  })

  it('says how to authenticate, and when to try again', async () => {
    const header = async (code: RefusalCode, name: string) =>
      (await answerTo(new Refusal(code, '…'))).response.headers.get(name)
    expect(await header('unauthenticated', 'www-authenticate')).toBe('Bearer')
    expect(await header('unavailable', 'retry-after')).toBe('1')
    expect(await header('busy', 'retry-after')).toBe('1')
  })

  it('that nobody expected tells nothing of itself', async () => {
    const secret = Object.assign(new Error('select secret from safe'), { cause: new Error('password') })
    for (const thrown of [secret, Object.assign(new Error('insert …'), { code: '42601' })]) {
      const { response, body } = await answerTo(thrown)
      expect(response.status).toBe(500)
      expect(body).toEqual({
        type: 'https://lifecircle.dev/problems/internal',
        title: 'Something went wrong',
        status: 500,
        code: 'internal',
        detail: 'Something went wrong on our side; it is logged.',
      })
    }
  })

  it('of the database is answered by its kind, without its text', async () => {
    const thrown = Object.assign(new Error('Key (reference)=(Mrs Lin) exists'), {
      code: '23505',
      constraint: 'residents_reference',
    })
    const { response, body } = await answerTo(thrown)
    expect(response.status).toBe(409)
    expect(JSON.stringify(body)).not.toContain('Lin')
  })

  it('of hono keeps its status', async () => {
    const { response, body } = await answerTo(new HTTPException(400, { message: 'Malformed JSON' }))
    expect(response.status).toBe(400)
    expect(body.code).toBe('malformed_json')
  })

  it('points at every flawed field as a JSON pointer', () => {
    const { errors } = invalidInput([{ path: ['a/b', 0, 'c~d'], message: 'is wrong' }], '/query')
    expect(errors).toEqual([{ pointer: '/query/a~1b/0/c~0d', message: 'is wrong' }])
  })
})

describe('a version', () => {
  it('travels as an ETag and comes back in If-Match', () => {
    expect(expectedVersion(etag(7).ETag)).toBe(7)
    expect(() => requireVersion({ version: 7 }, 7)).not.toThrow()
  })

  it.each(['7', 'W/"7"', '"seven"', '"-1"', '"1", "2"', '*', '""', '"99999999999"'])(
    'is not what %s names',
    (header) => {
      expect(() => expectedVersion(header)).toThrow(expect.objectContaining({ code: 'precondition_failed' }))
    },
  )

  it('is missing, or another by now', () => {
    expect(() => expectedVersion(undefined)).toThrow(
      expect.objectContaining({ code: 'precondition_required' }),
    )
    expect(() => requireVersion({ version: 8 }, 7)).toThrow(
      expect.objectContaining({ code: 'precondition_failed' }),
    )
  })
})

describe('a page', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `id-${at}` }))

  it('names where the next one starts, unless it is the last', () => {
    expect(toPage(rows(3), 2)).toEqual({ items: rows(2), nextCursor: 'id-1' })
    expect(toPage(rows(2), 2)).toEqual({ items: rows(2), nextCursor: null })
    expect(toPage(rows(0), 2)).toEqual({ items: [], nextCursor: null })
    expect(mapPage(toPage(rows(2), 2), ({ id }) => id).items).toEqual(['id-0', 'id-1'])
    expect(pageOf(z.string()).parse({ items: [], nextCursor: null })).toBeDefined()
  })

  it('has fifty items unless told otherwise, and two hundred at most', () => {
    expect(PageQuery.parse({})).toEqual({ limit: 50 })
    expect(PageQuery.parse({ limit: '200' })).toEqual({ limit: 200 })
    for (const limit of ['0', '201', '1.5', 'many', '']) {
      expect(PageQuery.safeParse({ limit }).success).toBe(false)
    }
    expect(PageQuery.safeParse({ cursor: 'x' }).success).toBe(false)
  })
})

describe('a request', () => {
  let api: ApiWorld
  beforeAll(async () => {
    api = await openApi()
  })
  afterAll(() => api.close())

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    api.request('operator', 'POST', path, {
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
  const office = (name: string) => JSON.stringify({ kind: 'purchaser', name })

  it('with a body of more than a megabyte is refused, announced or not', async () => {
    const big = office('x'.repeat(1024 * 1024))
    expect(await post('/v1/organizations', big)).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    })
    const announced = { 'content-length': String(big.length) }
    expect(await post('/v1/organizations', big, announced)).toMatchObject({ status: 413 })
  })

  it('that is not JSON is refused', async () => {
    for (const body of ['{"kind":', '', 'kind=purchaser']) {
      const answer = await post('/v1/organizations', body)
      expect(answer).toMatchObject({ status: 400, type: 'application/problem+json' })
      expect(answer.body).toMatchObject({
        code: 'malformed_json',
        detail: expect.stringContaining('send {}'),
      })
    }
  })

  it('with a field that nobody knows is refused at it: a misspelled expiry is no key for ever', async () => {
    const path = `/v1/principals/${api.actors.operator.principalId}/keys`
    const answer = await post(path, JSON.stringify({ expiresat: '2026-12-02T00:00:00Z', note: '' }))
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toMatchObject([{ pointer: '/expiresat' }, { pointer: '/note' }])
  })

  it('without a field that must be there says that it is missing', async () => {
    const { body } = await post('/v1/organizations', JSON.stringify({ kind: 'purchaser' }))
    expect(body).toMatchObject({
      detail: '/name: is missing.',
      errors: [{ pointer: '/name', message: 'is missing' }],
    })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json5', ''])(
    'of the content type %j is refused, not taken for an empty one',
    async (type) => {
      const path = `/v1/principals/${api.actors.operator.principalId}/keys`
      const body = JSON.stringify({ expiresAt: '2026-12-02T00:00:00Z' })
      const answer = await post(path, body, { 'content-type': type })
      expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    },
  )

  it('of the content type application/json with parameters is read', async () => {
    const type = { 'content-type': 'Application/JSON; charset=utf-8' }
    const answer = await post('/v1/organizations', office('Office'), type)
    expect(answer).toMatchObject({ status: 201, body: { name: 'Office' } })
  })

  it('with a text that cannot be stored is refused at its field', async () => {
    for (const name of ['a\u0000b', '\ud800', '   ']) {
      const answer = await post('/v1/organizations', office(name))
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/name' }] } })
    }
  })

  it('with flaws in path, query or header is refused at its parameter', async () => {
    const get = async (path: string) => (await api.request('operator', 'GET', path)).body.errors
    expect(await get('/v1/organizations/x')).toMatchObject([{ pointer: '/param/id' }])
    expect(await get('/v1/organizations?limit=0&kind=club')).toMatchObject([
      { pointer: '/query/limit' },
      { pointer: '/query/kind' },
    ])
    const answer = await post('/v1/organizations', office('A'), { 'idempotency-key': 'x'.repeat(256) })
    expect(answer.body).toMatchObject({ errors: [{ pointer: '/header/idempotency-key' }] })
  })

  it('to an unknown address is answered with a problem', async () => {
    for (const path of ['/v1/unknown', '/elsewhere', '/v1/organizations/x/y']) {
      const answer = await api.request('operator', 'GET', path)
      expect(answer).toMatchObject({ status: 404, type: 'application/problem+json' })
      expect(answer.body.code).toBe('not_found')
    }
  })

  it.each([
    ['PATCH', '/v1/organizations', 'GET, HEAD, POST'],
    ['OPTIONS', `/v1/organizations/${NOBODY}`, 'GET, HEAD, PUT'],
    ['GET', `/v1/keys/${NOBODY}`, 'DELETE'],
    ['POST', '/healthz', 'GET, HEAD'],
  ])('%s to %s is told what the address takes', async (method, path, allowed) => {
    const answer = await api.request('operator', method, path)
    expect(answer).toMatchObject({ status: 405, type: 'application/problem+json' })
    expect(answer.headers.get('allow')).toBe(allowed)
    expect(answer.body).toMatchObject({
      code: 'method_not_allowed',
      detail: expect.stringContaining(allowed),
    })
  })

  it('walks all pages of a list once, in order', async () => {
    for (const name of ['P1', 'P2', 'P3', 'P4', 'P5']) await post('/v1/organizations', office(name))
    const seen: { id: string; name: string }[] = []
    let path = '/v1/organizations?kind=purchaser&limit=2'
    for (;;) {
      const { body } = await api.request('operator', 'GET', path)
      seen.push(...body.items)
      if (!body.nextCursor) break
      path = `/v1/organizations?kind=purchaser&limit=2&cursor=${body.nextCursor}`
    }
    expect(seen.map(({ name }) => name).filter((name) => /^P\d/.test(name))).toEqual([
      'P1',
      'P2',
      'P3',
      'P4',
      'P5',
    ])
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length)
  })
})
