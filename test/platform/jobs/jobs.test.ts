import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inTransaction, type TransactionContext } from '../../../src/platform/context.ts'
import { Refusal } from '../../../src/platform/errors.ts'
import { type AnyJobDefinition, defineJob, type JobRun } from '../../../src/platform/jobs/define-job.ts'
import { enqueueJob } from '../../../src/platform/jobs/enqueue-job.ts'
import { type JobRunner, startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { openTestDb, rungs, type TestWorld } from '../../support/test-world.ts'

const RESEND_AFTER_MS = 1_000

/** A job that says one thing, once: the effect every test looks at. */
const Say = z.object({ what: z.string() })
type Say = z.infer<typeof Say>

async function say(ctx: TransactionContext, what: string): Promise<void> {
  await ctx.tx.execute(sql`insert into said (what) values (${what})`)
}

function sayJob(more: Partial<AnyJobDefinition> = {}) {
  return defineJob<Say>({
    name: 'say',
    payload: Say,
    attempts: 3,
    perform: async (_ctx, { what }, job) => {
      await job.finish((ctx) => say(ctx, what))
    },
    ...more,
  })
}

describe.each(rungs())('jobs on %s', (rung) => {
  let world: TestWorld
  let runner: JobRunner | undefined

  beforeAll(async () => {
    world = await openTestDb(rung)
    await world.db.root.execute(sql`create table said (what text not null)`)
  })
  afterEach(async () => {
    await runner?.close()
    runner = undefined
    await world.db.root.execute(sql`delete from jobs`)
    await world.db.root.execute(sql`delete from said`)
    await world.loseQueue()
  })
  afterAll(() => world.close())

  const start = async (...definitions: AnyJobDefinition[]) => {
    const { db, config, log, clock, encryptionKey } = world
    runner = await startJobs({
      db,
      config,
      log,
      definitions,
      encryptionKey,
      currency: 'TWD',
      clock: clock.read,
      resendAfterMs: RESEND_AFTER_MS,
    })
    return runner
  }
  const enqueue = (definition: AnyJobDefinition, payload: unknown, more = {}) =>
    inTransaction(world.context(), (ctx) => enqueueJob(ctx, definition, payload, more))
  const said = async () => {
    const { rows } = (await world.db.root.execute(sql`select what from said order by what`)) as unknown as {
      rows: { what: string }[]
    }
    return rows.map(({ what }) => what)
  }
  const rowOf = async (id: string) => {
    const [row] = await world.db.root.select().from(jobs).where(eq(jobs.id, id))
    return row!
  }

  it('commits the effect and done_at together, as the actor who asked', async () => {
    let actor: unknown
    const job = sayJob({
      perform: async (ctx, { what }, run) => {
        actor = ctx.actor
        await run.finish((ctx) => say(ctx, what))
      },
    })
    const { idle } = await start(job)
    const asked = world.context({ role: 'purchaser.officer' })
    const id = await inTransaction(asked, (ctx) => enqueueJob(ctx, job, { what: 'hello' }))
    await idle()
    expect(await said()).toEqual(['hello'])
    expect(actor).toEqual(asked.actor)
    expect(await rowOf(id)).toMatchObject({ doneAt: world.clock.read(), failedAt: null, attempts: 0 })
  })

  it('rolls the effect back when done_at cannot be written with it', async () => {
    let tries = 0
    const job = sayJob({
      perform: async (_ctx, { what }, run) => {
        await run.finish(async (ctx) => {
          await say(ctx, what)
          if (++tries === 1) throw new Error('after the effect, before the end')
        })
      },
    })
    const { idle } = await start(job)
    await enqueue(job, { what: 'once' })
    await idle()
    expect(tries).toBe(2)
    expect(await said()).toEqual(['once'])
  })

  it('skips the effect of a repeat', async () => {
    const ran: boolean[] = []
    const job = sayJob({
      perform: async (_ctx, { what }, run) => {
        ran.push(await run.finish((ctx) => say(ctx, what)))
        ran.push(await run.finish((ctx) => say(ctx, what)))
      },
    })
    const { idle } = await start(job)
    await enqueue(job, { what: 'repeat' })
    await idle()
    expect(await said()).toEqual(['repeat'])
    await expect.poll(() => ran).toEqual([true, false])
  })

  it('marks a job done that never calls finish', async () => {
    const job = sayJob({ perform: async () => {} })
    const { idle } = await start(job)
    const id = await enqueue(job, { what: '' })
    await idle()
    expect((await rowOf(id)).doneAt).not.toBeNull()
  })

  it('keeps one job per key and gives its id back', async () => {
    const job = sayJob()
    const key = randomUUID()
    const first = await enqueue(job, { what: 'first' }, { key })
    const second = await enqueue(job, { what: 'second' }, { key })
    const { idle } = await start(job)
    await idle()
    expect(second).toBe(first)
    expect(await enqueue(job, { what: 'third' }, { key })).toBe(first)
    expect(await said()).toEqual(['first'])
  })

  it('leaves nothing of a job whose transaction is rolled back', async () => {
    const job = sayJob()
    const { idle } = await start(job)
    const rolledBack = inTransaction(world.context(), async (ctx) => {
      await enqueueJob(ctx, job, { what: 'never' })
      throw new Error('changed my mind')
    })
    await expect(rolledBack).rejects.toThrow('changed my mind')
    await idle()
    expect(await world.db.root.select().from(jobs)).toEqual([])
    expect(await said()).toEqual([])
  })

  it('does not start a job before it is available', async () => {
    const job = sayJob()
    const { idle, nudge } = await start(job)
    await enqueue(job, { what: 'later' }, { availableAt: new Date('2026-12-01T09:00:00Z') })
    await idle()
    expect(await said()).toEqual([])
    world.clock.advance(60 * 60 * 1000)
    nudge()
    await idle()
    expect(await said()).toEqual(['later'])
  })

  it('tries a failing job again, then gives it up in one transaction with onGivenUp', async () => {
    const attempts: number[] = []
    const job = sayJob({
      perform: async (_ctx, _payload, run: JobRun) => {
        attempts.push(run.attempt)
        throw new Refusal('insufficient', 'The fund has not enough left.')
      },
      onGivenUp: (ctx, { what }, reason) => say(ctx, `${what}: ${reason}`),
    })
    const { idle } = await start(job)
    const id = await enqueue(job, { what: 'given up' })
    await idle()
    expect(attempts).toEqual([1, 2, 3])
    expect(await said()).toEqual(['given up: The fund has not enough left.'])
    expect(await rowOf(id)).toMatchObject({
      attempts: 3,
      error: 'The fund has not enough left.',
      failedAt: world.clock.read(),
      doneAt: null,
    })
  })

  it('tries only the giving up again when that is what failed', async () => {
    let performed = 0
    let givenUp = 0
    const job = sayJob({
      attempts: 1,
      perform: async () => {
        performed++
        throw new Error('select secret from residents')
      },
      onGivenUp: async (ctx, _payload, reason) => {
        await say(ctx, reason)
        if (++givenUp === 1) throw new Error('not yet')
      },
    })
    const { idle } = await start(job)
    await enqueue(job, { what: '' })
    await idle()
    expect(performed).toBe(1)
    expect(await said()).toEqual(['The job failed for an unexpected reason; see the log.'])
  })

  it('gives up a job that this version does not know, or whose payload does not fit', async () => {
    const unknown = await enqueue(sayJob({ name: 'sing' }), { what: '' })
    const unfit = await enqueue(sayJob(), { what: 7 } as never)
    const { idle } = await start(sayJob())
    await idle()
    expect((await rowOf(unknown)).error).toBe('There is no job named sing in this version.')
    expect((await rowOf(unfit)).error).toMatch(/^The payload does not fit the job/)
  })

  it('finds the job of a process that was killed', async () => {
    const job = sayJob()
    const id = await enqueue(job, { what: 'orphan' })
    await world.db.root.update(jobs).set({ sentAt: sql`now()` }).where(eq(jobs.id, id))
    const { idle } = await start(job)
    await idle()
    expect(await said()).toEqual(['orphan'])
  })

  it('has each of 200 effects once, though the queue loses everything again and again', async () => {
    const job = sayJob({
      perform: async (_ctx, { what }, run) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        await run.finish((ctx) => say(ctx, what))
      },
    })
    const { idle } = await start(job)
    const words = Array.from({ length: 200 }, (_, i) => `word ${String(i).padStart(3, '0')}`)
    await inTransaction(world.context(), async (ctx) => {
      for (const what of words) await enqueueJob(ctx, job, { what })
    })
    for (let lost = 0; lost < 3; lost++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      await world.loseQueue()
    }
    await idle()
    expect(await said()).toEqual(words)
  })

  it('tells running jobs that it closes, and leaves them to the next process', async () => {
    let running = () => {}
    const started = new Promise<void>((resolve) => {
      running = resolve
    })
    const job = sayJob({
      perform: async (_ctx, _payload, { signal }) => {
        running()
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    const { close } = await start(job)
    const id = await enqueue(job, { what: 'resumed' })
    await started
    const began = performance.now()
    await close()
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(await rowOf(id)).toMatchObject({ attempts: 0, sentAt: null, doneAt: null, failedAt: null })
    const next = await start(sayJob())
    await next.idle()
    expect(await said()).toEqual(['resumed'])
  })
})
