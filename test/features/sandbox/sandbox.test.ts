import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issueKey } from '../../../src/features/identity/issue-key.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { recurring as dailyJobs } from '../../../src/features/residents/jobs.ts'
import { followClock, keepUpWithClock, openSandbox } from '../../../src/features/sandbox/open-sandbox.ts'
import { turnClock } from '../../../src/features/sandbox/turn-clock.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { readConfig } from '../../../src/platform/config.ts'
import { clockOf, createContext, inTransaction, type Sandbox } from '../../../src/platform/context.ts'
import { defineJob } from '../../../src/platform/jobs/define-job.ts'
import { enqueueJob } from '../../../src/platform/jobs/enqueue-job.ts'
import { scheduleRecurring } from '../../../src/platform/jobs/recurring.ts'
import { type JobRunner, startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { type Answer, appOver, keyOf, type Send, sender } from '../../app/api-world.ts'
import { openTestDb, rungs, type TestWorld } from '../../support/test-world.ts'
import { refusalOf } from '../communities/neighborhood.ts'
import { employ, organize } from '../referrals/proposed-run.ts'

const PATH = '/v1/sandbox/clock'
const DAY_MS = 24 * 3_600_000

describe.each(rungs())('a sandbox on %s', (rung) => {
  let world: TestWorld
  let sandbox: Sandbox
  let send: Send
  let key: string
  let principalId: string
  let runner: JobRunner | undefined

  beforeAll(async () => {
    world = await openTestDb(rung)
    const actor = await inTransaction(world.context(SYSTEM), async (ctx) =>
      employ(ctx, await organize(ctx, 'partner'), 'partner'),
    )
    principalId = actor.principalId
    key = await keyOf(world, actor)
  })
  beforeEach(async () => {
    sandbox = (await openSandbox(world.db, true))!
    send = sender(appOver(world, sandbox))
  })
  afterEach(async () => {
    await runner?.close()
    runner = undefined
  })
  afterAll(() => world.close())

  const read = () => send(key, 'GET', PATH)
  const turn = (wanted: object, by = send): Promise<Answer> =>
    by(key, 'PUT', PATH, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(wanted) })
  const ground = (of: Sandbox) => {
    const { db, log, encryptionKey, clock } = world
    return { db, log, encryptionKey, currency: 'TWD', sandbox: of, clock: clockOf(of, clock.read) }
  }
  const at = (ms: number) => new Date(world.clock.read().getTime() + ms)

  it('turns its clock forward, and says in every answer what it is', async () => {
    const before = await read()
    expect(before).toMatchObject({ status: 200, body: { now: at(sandbox.aheadMs).toISOString() } })
    const turned = await turn({ advanceSeconds: 90 })
    expect(turned).toMatchObject({ status: 200, body: { now: at(sandbox.aheadMs).toISOString() } })
    expect(turned.body.aheadSeconds).toBe(before.body.aheadSeconds + 90)
    const noon = '2026-12-24T20:00:00.000+08:00'
    expect((await turn({ now: noon })).body.now).toBe('2026-12-24T12:00:00.000Z')
    expect((await read()).body).toMatchObject({ now: '2026-12-24T12:00:00.000Z' })
    world.clock.advance(1000)
    expect((await read()).body).toMatchObject({ now: '2026-12-24T12:00:01.000Z' })
    const answers = [
      await read(),
      await turn({}),
      await send(null, 'GET', PATH),
      await send(null, 'GET', '/nowhere'),
      await send(null, 'GET', '/healthz'),
      await send(null, 'GET', '/openapi.json'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 422, 401, 404, 200, 200])
    expect(answers.map(({ headers }) => headers.get('lifecircle-sandbox'))).toEqual(answers.map(() => 'true'))
  })

  it('never turns it back, and points at what is flawed', async () => {
    const { body } = await read()
    const past = at(sandbox.aheadMs - 1).toISOString()
    const flaws: [object, string][] = [
      [{ now: past }, '/now'],
      [{ now: 'tomorrow' }, '/now'],
      [{ now: '2200-01-01T00:00:00Z' }, '/now'],
      [{ advanceSeconds: 0 }, '/advanceSeconds'],
      [{ advanceSeconds: -60 }, '/advanceSeconds'],
      [{ advanceSeconds: 0.5 }, '/advanceSeconds'],
      [{ advanceSeconds: 5_500_000_000 }, '/advanceSeconds'],
      [{ aheadMs: 5 }, '/aheadMs'],
      [{ advanceSeconds: 1, now: body.now }, ''],
      [{}, ''],
    ]
    for (const [flaw, pointer] of flaws) {
      const answer = await turn(flaw)
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
    }
    expect((await read()).body).toEqual(body)
  })

  it('is the time of everything: keys end by it, and the audit is written by it', async () => {
    await turn({ advanceSeconds: 60 })
    const expiresAt = at(sandbox.aheadMs + 30_000).toISOString()
    const brief = (await issueKey(world.context(SYSTEM), { principalId, expiresAt })).key
    expect((await send(brief, 'GET', PATH)).status).toBe(200)
    await turn({ advanceSeconds: 30 })
    expect((await send(brief, 'GET', PATH)).status).toBe(401)
    await turn({ advanceSeconds: 1 })
    const entries = await world.db.root.select().from(auditEntries).orderBy(auditEntries.id)
    const turns = entries.filter(({ action }) => action === 'clock.turn')
    expect(turns.at(-1)!.at).toEqual(at(sandbox.aheadMs - 1000))
    expect(turns.map((entry) => entry.at)).toEqual(
      turns.map((entry) => entry.at).toSorted((a, b) => a.getTime() - b.getTime()),
    )
  })

  it('adds up what is turned at once, in several processes', async () => {
    const other = sender(appOver(world, (await openSandbox(world.db, true))!))
    const { body: before } = await read()
    const turns = Array.from({ length: 6 }, (_, nth) => turn({ advanceSeconds: 10 }, nth % 2 ? send : other))
    expect((await Promise.all(turns)).map(({ status }) => status)).toEqual(turns.map(() => 200))
    for (const by of [send, other]) {
      const { body } = await by(key, 'GET', PATH)
      expect(body.aheadSeconds).toBe(before.aheadSeconds + 60)
    }
  })

  it('starts what is due by the clock as it was turned, also where another process turned it', async () => {
    const done: Date[] = []
    const deadline = defineJob({
      name: 'deadline',
      payload: z.object({}),
      attempts: 1,
      perform: async (ctx) => {
        done.push(ctx.clock())
      },
    })
    const worker = (await openSandbox(world.db, true))!
    const stop = followClock(world, worker)
    const options = { ...ground(worker), config: world.config, definitions: [deadline, ...dailyJobs] }
    runner = await startJobs(options)
    const ctx = createContext({ ...ground(worker), actor: SYSTEM })
    const due = new Date(ctx.clock().getTime() + 3 * DAY_MS)
    await inTransaction(ctx, (ctx) => enqueueJob(ctx, deadline, {}, { availableAt: due }))
    await scheduleRecurring(ctx, dailyJobs)
    await runner.idle()
    expect(done).toEqual([])
    expect((await turn({ advanceSeconds: 2 * 86_400 })).status).toBe(200)
    await keepUpWithClock(world.db, worker)
    await runner.idle()
    expect(done).toEqual([])
    expect((await turn({ advanceSeconds: 86_400 })).status).toBe(200)
    // Nothing tells the worker but its own watch.
    await expect.poll(() => done.length, { timeout: 20_000 }).toBe(1)
    expect(done[0]!.getTime()).toBeGreaterThanOrEqual(due.getTime())
    await runner.idle()
    await stop()
    const rows = await world.db.root.select().from(jobs)
    const waiting = rows.filter(({ doneAt }) => !doneAt)
    expect(waiting.map(({ name }) => name).sort()).toEqual([
      'needs.expire',
      'wallets.carry_over',
      'wallets.close_returned',
    ])
    for (const { availableAt } of waiting) expect(availableAt > ctx.clock()).toBe(true)
  })

  it('stays one: its database is refused where things are real', async () => {
    const refusal = await refusalOf(openSandbox(world.db, false))
    expect(refusal.code).toBe('config_invalid')
  })
})

describe('where things are real', () => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb()
  })
  afterAll(() => world.close())

  it('has no clock to read or to turn, and no mark on its answers', async () => {
    expect(await openSandbox(world.db, readConfig({}).LIFECIRCLE_SANDBOX)).toBeNull()
    expect(readConfig({ LIFECIRCLE_SANDBOX: 'true' }).LIFECIRCLE_SANDBOX).toBe(true)
    expect(() => readConfig({ LIFECIRCLE_SANDBOX: 'yes' })).toThrow(/LIFECIRCLE_SANDBOX/)
    const actor = await inTransaction(world.context(SYSTEM), async (ctx) =>
      employ(ctx, await organize(ctx, 'partner'), 'partner'),
    )
    const key = await keyOf(world, actor)
    const send = sender(appOver(world))
    const body = JSON.stringify({ advanceSeconds: 60 })
    const headers = { 'content-type': 'application/json' }
    const answers = [await send(key, 'GET', PATH), await send(key, 'PUT', PATH, { headers, body })]
    expect(answers.map(({ status }) => status)).toEqual([404, 404])
    expect(answers.map((answer) => answer.headers.get('lifecircle-sandbox'))).toEqual([null, null])
    expect((await refusalOf(turnClock(world.context(actor), { advanceSeconds: 1 }))).code).toBe('not_found')
  })
})
