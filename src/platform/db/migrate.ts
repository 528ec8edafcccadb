/** Brings the schema up to date: the same SQL on both engines. The queue's own tables: `jobs/backend.ts`. */
import { fileURLToPath } from 'node:url'
import type { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator'
import { Client } from 'pg'
import type { Db } from './client.ts'

const MIGRATIONS = {
  migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)),
  migrationsSchema: 'public',
  migrationsTable: 'schema_migrations',
}

/** Any fixed number will do; this one spells LIFE. */
const ADVISORY_LOCK = 0x4c494645

/** Applies what is missing. Several processes may start at once: one migrates, the others wait for it. */
export function migrate(db: Db): Promise<void> {
  return db.source.engine === 'pglite' ? migrateEmbedded(db.source.pglite) : migrateServer(db.source.url)
}

async function migrateEmbedded(pglite: PGlite): Promise<void> {
  await migratePglite(drizzlePglite(pglite), MIGRATIONS)
}

async function migrateServer(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
    await migratePostgres(drizzlePostgres(client), MIGRATIONS)
  } finally {
    await client.end()
  }
}
