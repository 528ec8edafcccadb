/** Databases to throw away, each a copy of one that is migrated once. */
import { Client } from 'pg'
import type { Db } from '../../src/platform/db/client.ts'
import { openInMemory } from '../../src/platform/db/embedded.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { openPostgres } from '../../src/platform/db/postgres.ts'
import { createLogger } from '../../src/platform/telemetry.ts'

export interface Databases {
  open(): Promise<{ db: Db; drop(): Promise<void> }>
  /** Also the one that the others are copies of. */
  close(): Promise<void>
}

export async function databasesInMemory(): Promise<Databases> {
  const db = await openInMemory()
  await migrate(db)
  if (db.source.engine !== 'pglite') throw new Error('A database in memory is a PGlite.')
  const template = await db.source.pglite.dumpDataDir('none')
  await db.close()
  return {
    open: async () => {
      const db = await openInMemory(template as Blob)
      return { db, drop: () => db.close() }
    },
    close: async () => {},
  }
}

/** On a PostgreSQL server; commits don't wait for the disk, for nothing of it is to last. */
export async function serverDatabases(url: string): Promise<Databases> {
  const log = createLogger('silent')
  const template = `histories_${process.pid}`
  const urlOf = (name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href
  await asAdmin(url, [
    `create database ${template}`,
    `alter database ${template} set synchronous_commit = off`,
  ])
  const migrated = await openPostgres(urlOf(template), log)
  await migrate(migrated)
  await migrated.close()
  let made = 0
  return {
    open: async () => {
      const name = `${template}_${++made}`
      await asAdmin(url, [
        `create database ${name} template ${template}`,
        `alter database ${name} set synchronous_commit = off`,
      ])
      const db = await openPostgres(urlOf(name), log)
      return {
        db,
        drop: async () => {
          await db.close()
          await asAdmin(url, [`drop database ${name} with (force)`])
        },
      }
    },
    close: () => asAdmin(url, [`drop database ${template} with (force)`]),
  }
}

async function asAdmin(url: string, statements: readonly string[]): Promise<void> {
  const admin = new Client({ connectionString: url })
  await admin.connect()
  try {
    for (const statement of statements) await admin.query(statement)
  } finally {
    await admin.end()
  }
}
