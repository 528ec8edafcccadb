import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readConfig } from '../../../src/platform/config.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import type { Db } from '../../../src/platform/db/client.ts'
import { openEmbedded } from '../../../src/platform/db/embedded.ts'
import { type AnyJobDefinition, defineJob } from '../../../src/platform/jobs/define-job.ts'
import { enqueueJob } from '../../../src/platform/jobs/enqueue-job.ts'
import { startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { asAdmin } from '../../support/global-setup.ts'
import { kill, outcome, saying, startProcess } from '../../support/processes.ts'
import { openTestDb, rungs, type TestWorld } from '../../support/test-world.ts'

const WORK = new URL('./programs/work.ts', import.meta.url)

const say = defineJob({
  name: 'say',
  payload: z.object({ what: z.string() }),
  attempts: 20,
  perform: async (_ctx, { what }, job) => {
    await setTimeout(10)
    await job.finish(async (ctx) => {
      await ctx.tx.execute(sql`insert into said (what) values (${what})`)
    })
  },
})

async function said(db: Db): Promise<string[]> {
  const { rows } = (await db.root.execute(sql`select what from said order by what`)) as unknown as {
    rows: { what: string }[]
  }
  return rows.map(({ what }) => what)
}

describe.each(rungs())('a job runner on %s', (rung) => {
  let world: TestWorld
  let directory: string
  beforeEach(async () => {
    world = await openTestDb(rung)
    directory = await mkdtemp(join(tmpdir(), 'lifecircle-jobs-'))
    await world.db.root.execute(sql`create table said (what text not null)`)
  })
  afterEach(async () => {
    await world.close()
    await rm(directory, { recursive: true, force: true })
  })

  const start = (given: { db?: Db; definitions?: AnyJobDefinition[]; resendAfterMs?: number } = {}) => {
    const { db, config, log, encryptionKey } = world
    return startJobs({ db, config, log, encryptionKey, currency: 'TWD', definitions: [say], ...given })
  }
  const settings = (): Record<string, string> => ({
    LIFECIRCLE_DATA_DIR: directory,
    DATABASE_URL: world.config.DATABASE_URL ?? '',
    REDIS_URL: world.config.REDIS_URL ?? '',
  })

  it('leaves nothing open: its process ends by itself', async () => {
    const began = performance.now()
    const { code, out, error } = await outcome(startProcess(WORK, ['work'], settings()))
    expect({ code, out, error }).toEqual({
      code: 0,
      out: 'working\n{"answered":"well"}\nclosed\n',
      error: '',
    })
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  it('does the job of a process that was killed in the middle of it', async () => {
    const killed = startProcess(WORK, ['hang'], settings())
    await saying(killed, 'working')
    await kill(killed)
    const db = rung === 'embedded' ? await openEmbedded(directory) : world.db
    await db.root.execute(sql`create table if not exists said (what text not null)`)
    const began = performance.now()
    const runner = await start({ db, definitions: [say] })
    await runner.idle()
    expect(await said(db)).toEqual(['from a process'])
    // On a server, the dead process's lock has to expire first: others may be alive there.
    expect(performance.now() - began).toBeLessThan(rung === 'embedded' ? 3_000 : 30_000)
    await runner.close()
    if (db !== world.db) await db.close()
  })
})

describe('a job runner whose Redis cannot be reached', () => {
  it('is refused in a sentence without the password, and closes what it opened', async () => {
    const { db, log, encryptionKey, close } = await openTestDb()
    const config = readConfig({ REDIS_URL: 'redis://someone:s3cret@127.0.0.1:1' })
    const error: Error = await startJobs({
      db,
      config,
      log,
      encryptionKey,
      currency: 'TWD',
      definitions: [],
    }).then(
      () => expect.fail('it started'),
      (error) => error,
    )
    expect(error).toMatchObject({ name: 'Refusal', code: 'unavailable' })
    expect(error.message).toMatch(/^REDIS_URL: no connection to Redis at 127\.0\.0\.1:1: .+\.$/)
    expect(error.message).not.toContain('s3cret')
    await close()
  })
})

const servers = rungs().filter((rung) => rung !== 'embedded')

describe.runIf(servers.length > 0).each(servers)(
  'a job runner whose connections are killed on %s',
  (rung) => {
    it('has every effect once, nothing uncaught, and goes on', async () => {
      const uncaught: unknown[] = []
      const note = (error: unknown) => uncaught.push(error)
      process.on('uncaughtException', note).on('unhandledRejection', note)
      const world = await openTestDb(rung)
      const { db, config, log, clock, encryptionKey } = world
      await db.root.execute(sql`create table said (what text not null)`)
      const runner = await startJobs({
        ...{ db, config, log, encryptionKey, currency: 'TWD', clock: clock.read },
        definitions: [say],
        resendAfterMs: 1_000,
      })
      const words = Array.from({ length: 300 }, (_, n) => `word ${1000 + n}`)
      await inTransaction(world.context(), async (ctx) => {
        for (const what of words) await enqueueJob(ctx, say, { what })
      })
      for (let killed = 0; killed < 6; killed++) {
        await setTimeout(100)
        await killConnections(world)
      }
      await idleAfterKills(runner)
      expect(await said(db)).toEqual(words)
      expect(uncaught).toEqual([])
      await runner.close()
      await world.close()
      process.off('uncaughtException', note).off('unhandledRejection', note)
    })
  },
)

/** The first question after a kill may still meet a dead connection. */
async function idleAfterKills(runner: { idle(timeoutMs: number): Promise<void> }): Promise<void> {
  await setTimeout(100)
  await runner.idle(40_000)
}

async function killConnections({ config }: TestWorld): Promise<void> {
  await asAdmin(config.DATABASE_URL!, (admin) =>
    admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid()`),
  )
  if (!config.REDIS_URL) return
  const redis = new Redis(config.REDIS_URL)
  const clients = String(await redis.client('LIST')).split('\n')
  const ours = clients.filter((client) => client.includes(` db=${redis.options.db} `))
  for (const id of ours.map((client) => /^id=(\d+)/.exec(client)?.[1] ?? '')) {
    await redis.client('KILL', 'ID', id, 'SKIPME', 'yes').catch(() => {}) // gone by itself since
  }
  await redis.quit()
}
