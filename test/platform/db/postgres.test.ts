import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Db } from '../../../src/platform/db/client.ts'
import { migrate } from '../../../src/platform/db/migrate.ts'
import { openPostgres } from '../../../src/platform/db/postgres.ts'
import { prepareQueueSchema } from '../../../src/platform/jobs/backend.ts'
import { createLogger } from '../../../src/platform/telemetry.ts'
import { asAdmin, withDatabase } from '../../support/global-setup.ts'
import { engines, openTestDb, rungs, type TestWorld } from '../../support/test-world.ts'

const log = createLogger('silent')
const onPostgres = rungs().includes('postgres')

describe('a PostgreSQL that cannot be used', () => {
  it('is refused in a sentence without the password', async () => {
    const error = await openPostgres('postgres://someone:s3cret@127.0.0.1:1/nothing', log).catch((e) => e)
    expect(error).toMatchObject({ name: 'Refusal', code: 'unavailable' })
    expect(error.message).toMatch(
      /^DATABASE_URL: no connection to PostgreSQL at 127\.0\.0\.1:1\/nothing: .+\.$/,
    )
    expect(error.message).not.toContain('s3cret')
  })

  it.runIf(onPostgres)('is refused when the database does not exist', async () => {
    const url = withDatabase(inject('postgresTemplate')?.adminUrl ?? '', 'no_such_database')
    await expect(openPostgres(url, log)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('no_such_database'),
    })
  })
})

describe.each(engines())('migrations on %s', (rung) => {
  it('change nothing the second time', async () => {
    const { db, close } = await openTestDb(rung)
    const applied = async () => {
      const { rows } = (await db.root.execute(sql`
        select (select count(*)::int from schema_migrations) as ours,
          (select max(version) from bullmq.migration) as theirs`)) as unknown as { rows: unknown[] }
      return rows
    }
    const before = await applied()
    await migrate(db)
    await prepareQueueSchema(db.source, log)
    expect(await applied()).toEqual(before)
    await close()
  })
})

describe.runIf(onPostgres)('migrations on an empty PostgreSQL', () => {
  const { adminUrl, name } = inject('postgresTemplate') ?? { adminUrl: '', name: '' }
  const empty = `${name}_migrations`
  let databases: Db[]
  beforeEach(async () => {
    await asAdmin(adminUrl, (admin) => admin.query(`create database ${empty} template template0`))
    const url = withDatabase(adminUrl, empty)
    databases = await Promise.all([openPostgres(url, log), openPostgres(url, log)])
  })
  afterEach(async () => {
    for (const db of databases) await db.close()
    await asAdmin(adminUrl, (admin) => admin.query(`drop database ${empty} with (force)`))
  })

  it('may be started by two processes at once', async () => {
    await Promise.all(databases.map(migrate))
    await Promise.all(databases.map((db) => prepareQueueSchema(db.source, log)))
    await Promise.all(databases.map(migrate))
    const { rows } = (await databases[0]!.root.execute(sql`
      select (select count(*)::int from jobs) as ours, (select count(*)::int from bullmq.job) as theirs
    `)) as unknown as { rows: unknown[] }
    expect(rows).toEqual([{ ours: 0, theirs: 0 }])
  })
})

describe.runIf(onPostgres)('a PostgreSQL whose connections are killed', () => {
  let world: TestWorld
  const uncaught: unknown[] = []
  const note = (error: unknown) => uncaught.push(error)
  beforeAll(async () => {
    world = await openTestDb('postgres')
    process.on('uncaughtException', note).on('unhandledRejection', note)
    await world.db.root.execute(sql`create table written (writer int, n int, primary key (writer, n))`)
  })
  afterAll(async () => {
    process.off('uncaughtException', note).off('unhandledRejection', note)
    await world.close()
  })

  const killAll = () =>
    asAdmin(world.config.DATABASE_URL!, (admin) =>
      admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and pid <> pg_backend_pid()`),
    )

  it('costs eight writers some refusals, no uncaught exception, no hung call, and nothing acknowledged', async () => {
    let stopped = false
    const acknowledged: string[] = []
    const refusals: unknown[] = []
    const writer = async (number: number) => {
      for (let n = 0; !stopped; n++) {
        await world.db
          .transaction((tx) => tx.execute(sql`insert into written values (${number}, ${n})`))
          .then(
            () => acknowledged.push(`${number}.${n}`),
            (error) => refusals.push(error),
          )
      }
    }
    const writers = Array.from({ length: 8 }, (_, number) => writer(number))
    for (let kill = 0; kill < 6; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      await killAll()
    }
    const before = acknowledged.length
    await expect.poll(() => acknowledged.length, { timeout: 2_000 }).toBeGreaterThan(before)
    stopped = true
    await Promise.all(writers)
    expect(uncaught).toEqual([])
    expect(new Set(refusals.map((error) => (error as { code?: string }).code))).toEqual(
      new Set(['unavailable']),
    )
    const { rows } = (await world.db.root.execute(
      sql`select writer || '.' || n as id from written`,
    )) as unknown as { rows: { id: string }[] }
    const written = new Set(rows.map((row) => row.id))
    expect(acknowledged.filter((id) => !written.has(id))).toEqual([])
  })
})
