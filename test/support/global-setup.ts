/** Migrates one database of each engine per test run; every test file works on its own copy. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import type { Db } from '../../src/platform/db/client.ts'
import { openInMemory } from '../../src/platform/db/embedded.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { openPostgres } from '../../src/platform/db/postgres.ts'
import { prepareQueueSchema } from '../../src/platform/jobs/backend.ts'
import { createLogger } from '../../src/platform/telemetry.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** File with the data directory of a migrated PGlite. */
    embeddedTemplate: string
    /** Where copies of the PostgreSQL template are made; null without TEST_DATABASE_URL. */
    postgresTemplate: { adminUrl: string; name: string } | null
  }
}

const log = createLogger('silent')

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'lifecircle-test-'))
  const adminUrl = process.env.TEST_DATABASE_URL
  const template = adminUrl ? { adminUrl, name: `lifecircle_test_${process.pid}` } : null
  project.provide('embeddedTemplate', await dumpEmbedded(join(directory, 'template.tar')))
  project.provide('postgresTemplate', template)
  if (template) await createTemplate(template)
  return async () => {
    await rm(directory, { recursive: true })
    if (template) await dropAll(template)
  }
}

async function dumpEmbedded(path: string): Promise<string> {
  const db = await openInMemory()
  await prepare(db)
  if (db.source.engine !== 'pglite') throw new Error('The embedded template must be PGlite.')
  const dump = await db.source.pglite.dumpDataDir('none')
  await writeFile(path, Buffer.from(await dump.arrayBuffer()))
  await db.close()
  return path
}

async function createTemplate({ adminUrl, name }: { adminUrl: string; name: string }): Promise<void> {
  await asAdmin(adminUrl, (admin) => admin.query(`create database ${name} template template0`))
  const db = await openPostgres(withDatabase(adminUrl, name), log)
  await prepare(db)
  await db.close()
}

/** The template and whatever copies a crashed test left behind. */
async function dropAll({ adminUrl, name }: { adminUrl: string; name: string }): Promise<void> {
  await asAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(
      'select datname from pg_database where datname = $1 or starts_with(datname, $2)',
      [name, `${name}_`],
    )
    for (const { datname } of rows) await admin.query(`drop database if exists ${datname} with (force)`)
  })
}

async function prepare(db: Db): Promise<void> {
  await migrate(db)
  await prepareQueueSchema(db.source, log)
}

/** Runs `work` on a connection of its own, outside of any pool. */
export async function asAdmin<T>(url: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: url })
  admin.on('error', () => {})
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

export function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
}
