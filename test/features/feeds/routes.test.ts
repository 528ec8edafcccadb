/** Imports over HTTP: ordered, performed by the queue, read back with their report. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JOBS, REACTIONS } from '../../../src/jobs.ts'
import { type JobRunner, startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { type ApiWorld, openApi } from '../../app/api-world.ts'
import { engines } from '../../support/test-world.ts'
import { smallFeed } from './feed-world.ts'

describe.each(engines())('imports over HTTP on %s', (rung) => {
  let api: ApiWorld
  let runner: JobRunner
  beforeAll(async () => {
    api = await openApi(rung)
    const { db, config, log, encryptionKey, clock } = api.world
    const ground = { db, log, encryptionKey, clock: clock.read, currency: 'TWD', reactions: REACTIONS }
    runner = await startJobs({ ...ground, config, definitions: JOBS })
  }, 60_000)
  afterAll(async () => {
    await runner.close()
    await api.close()
  })

  const post = (caller: 'operator' | 'provider' | 'partner', body: object, key?: string) =>
    api.request(caller, 'POST', '/v1/imports', {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
    })

  it('queues, performs, and shows what became of every row', async () => {
    const nameless = { id: 's2', organization_id: 'o1', status: 'active' }
    const body = { feed: 'city', content: JSON.stringify(smallFeed([nameless])) }
    const queued = await post('operator', body, 'once')
    expect(queued).toMatchObject({ status: 202, body: { feed: 'city', state: 'queued', dryRun: false } })
    const again = await post('operator', body, 'once')
    expect(again.body.id).toBe(queued.body.id)
    await runner.idle()
    const path = queued.headers.get('location')!
    const read = await api.request('operator', 'GET', path)
    expect(read).toMatchObject({
      status: 200,
      body: {
        state: 'done',
        progress: { phase: 'finished' },
        result: { total: { created: 5, refused: 1 }, files: [{ rows: 6, imported: 5, refused: 1 }] },
      },
    })
    const list = await api.request('operator', 'GET', '/v1/imports')
    expect(list.body.items.map(({ id }: { id: string }) => id)).toContain(queued.body.id)
    const page = await api.request('operator', 'GET', `${path}/flaws?outcome=refused`)
    expect(page.body).toMatchObject({
      items: [{ ordinal: 1, file: 'content', field: 'name', outcome: 'refused' }],
      nextCursor: null,
    })
    const csv = await api.request('operator', 'GET', `${path}/flaws?format=csv`)
    expect(csv.type).toContain('text/csv')
    expect(csv.body).toMatch(/^content,\d+,name,/m)
    const stranger = await api.request('provider', 'GET', path)
    expect(stranger.status).toBe(404)
  }, 60_000)

  it('pages the report', async () => {
    const services = Array.from({ length: 5 }, (_, at) => ({ id: `s${at}`, organization_id: 'o1' }))
    const { body } = await post('operator', {
      feed: 'flawed',
      content: JSON.stringify({ 'services.csv': services }),
    })
    await runner.idle()
    const seen: number[] = []
    for (let cursor: number | null = 0; cursor !== null; ) {
      const page = await api.request(
        'operator',
        'GET',
        `/v1/imports/${body.id}/flaws?limit=2&cursor=${cursor}`,
      )
      seen.push(...page.body.items.map(({ ordinal }: { ordinal: number }) => ordinal))
      cursor = page.body.nextCursor
    }
    const whole = await api.app.request(`/v1/imports/${body.id}/flaws?format=ndjson`, {
      headers: { authorization: `Bearer ${api.keys.operator}` },
    })
    const lines = (await whole.text()).trim().split('\n')
    expect(seen).toEqual(lines.map((_, at) => at + 1))
    expect(seen.length).toBeGreaterThanOrEqual(5)
  }, 60_000)

  it.each([
    ['a private address', { url: 'http://169.254.169.254/latest' }, 422, '/url'],
    ['an address of the machine itself', { url: 'http://localhost:1/' }, 422, '/url'],
    ['neither address nor content', {}, 422, '/url'],
    ['a name that leads astray', { content: '[]', feed: '../x' }, 422, '/feed'],
  ])('refuses %s with the field named', async (_, more, status, pointer) => {
    const refused = await post('operator', { feed: 'city', ...more })
    expect(refused).toMatchObject({ status, body: { code: 'invalid_input', errors: [{ pointer }] } })
  })

  it('refuses an address that is nowhere, and callers who may not', async () => {
    expect((await post('operator', { feed: 'city', url: 'http://nowhere.invalid/' })).status).toBe(503)
    expect((await post('partner', { feed: 'city', url: 'http://nowhere.invalid/' })).status).toBe(403)
  })
})
