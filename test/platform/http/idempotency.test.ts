import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { organizations } from '../../../src/features/identity/tables.ts'
import { idempotently } from '../../../src/platform/http/idempotency.ts'
import { purgeAnswersJob } from '../../../src/platform/http/purge-answers-job.ts'
import { createRouter } from '../../../src/platform/http/router.ts'
import { idempotencyKeys } from '../../../src/platform/http/tables.ts'
import { scheduleRecurring } from '../../../src/platform/jobs/recurring.ts'
import { startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { type ApiWorld, appOver, openApi, type Send, sender } from '../../app/api-world.ts'
import { engines, openTestDb } from '../../support/test-world.ts'

const DAY_MS = 86_400_000
const DEADLOCK = sql`do $$ begin raise exception using errcode = '40P01'; end $$`

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

  it('makes requests at the same time have one effect; the others wait for its answer', async () => {
    const before = await count()
    const answers = await Promise.all(Array.from({ length: 8 }, () => create('race', office('Race'))))
    expect(await count()).toBe(before + 1)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1)
  })

  it('lets the next one try where the first one failed', async () => {
    const taken = { ...office('Taken'), sourceRef: 'taken' }
    await create(null, taken)
    const before = await count()
    const answers = await Promise.all(Array.from({ length: 4 }, () => create('fails', taken)))
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 4 }, () => [409, 'duplicate']),
    )
    expect(await count()).toBe(before)
  })

  it('tries a request again that met a deadlock, with one effect and one answer', async () => {
    const { world, actors } = api
    const app = createRouter()
    app.use(async (c, next) => {
      c.set('ctx', world.context(actors.operator))
      await next()
    })
    let tries = 0
    app.post('/things', (c) =>
      idempotently(c, async (ctx) => {
        tries++
        const { id } = await createOrganization(ctx, { kind: 'purchaser', name: 'Thing' })
        if (tries === 1) await ctx.tx.execute(DEADLOCK)
        return { body: { id }, status: 201 }
      }),
    )
    const before = await count()
    const post = () => app.request('/things', { method: 'POST', headers: { 'idempotency-key': 'deadlock' } })
    const [first, again] = [await post(), await post()]
    expect([first.status, again.status, tries]).toEqual([201, 201, 2])
    expect(await again.text()).toBe(await first.text())
    expect(await count()).toBe(before + 1)
  })

  it.skipIf(rung === 'embedded')(
    'refuses after some seconds of waiting, and works once the other has ended',
    async () => {
      const name = `${api.actors.operator.principalId} slow`
      let end = () => {}
      const held = new Promise<void>((started) => {
        const holding = api.world.db.transaction(async (tx) => {
          await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`)
          started()
          await new Promise<void>((resolve) => {
            end = resolve
          })
        })
        holding.catch(() => {})
      })
      await held
      const refused = await create('slow', office('Slow'))
      expect(refused).toMatchObject({ status: 409, body: { code: 'request_in_progress' } })
      const waiting = create('slow', office('Slow'))
      await new Promise((resolve) => setTimeout(resolve, 100))
      end()
      expect(await waiting).toMatchObject({ status: 201 })
    },
    20_000,
  )

  it('has one effect a key where two processes’ worth of requests come for many keys at once', async () => {
    const other = sender(appOver(api.world))
    const post = (key: string, send: Send) =>
      send(api.keys.operator, 'POST', '/v1/organizations', {
        body: JSON.stringify(office(key)),
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
      })
    const before = await count()
    const keys = Array.from({ length: rung === 'embedded' ? 10 : 40 }, (_, key) => `many ${key}`)
    const answers = await Promise.all(
      keys.map((key) => Promise.all([api.send, other, api.send, other, api.send].map((to) => post(key, to)))),
    )
    expect(await count()).toBe(before + keys.length)
    for (const same of answers) {
      expect(same.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
      expect(new Set(same.map(({ text }) => text)).size).toBe(1)
    }
  })
})

test('stored answers are forgotten after a week', async () => {
  const world = await openTestDb()
  try {
    const { db, config, log, clock, encryptionKey } = world
    const ctx = world.context()
    const store = (key: string) =>
      db.root.insert(idempotencyKeys).values({
        principalId: ctx.actor.principalId,
        key,
        requestHash: 'x',
        createdAt: ctx.clock(),
      })
    await store('old')
    clock.advance(7 * DAY_MS)
    await store('young')
    await scheduleRecurring(ctx, [purgeAnswersJob])
    await scheduleRecurring(ctx, [purgeAnswersJob])
    expect(await db.root.select().from(jobs)).toHaveLength(1)
    clock.advance(DAY_MS)
    const deployment = { db, config, log, encryptionKey, currency: 'TWD', clock: clock.read }
    const runner = await startJobs({ ...deployment, definitions: [purgeAnswersJob] })
    await runner.idle()
    await runner.close()
    expect((await db.root.select().from(idempotencyKeys)).map(({ key }) => key)).toEqual(['young'])
    expect((await db.root.select().from(jobs)).filter((job) => job.doneAt === null)).toHaveLength(1)
  } finally {
    await world.close()
  }
})
