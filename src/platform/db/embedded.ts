/** The embedded engine: PGlite in a locked data directory, or in memory. */
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { createDb, type Db, type Handle } from './client.ts'
import { lockDataDir } from './data-dir-lock.ts'

/** BullMQ's tables live in their own schema, found after ours. */
const SEARCH_PATH = 'set search_path to public, bullmq'

/**
 * Opens the database of a data directory; creates it where there is none.
 * @throws Refusal `data_dir_locked` while another process has it open.
 */
export async function openEmbedded(directory: string): Promise<Db> {
  const unlock = lockDataDir(directory)
  try {
    return await wrap(await PGlite.create({ dataDir: join(directory, 'pgdata') }), unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

/** A database in memory, empty or filled from a dump of another. */
export async function openInMemory(dump?: Blob): Promise<Db> {
  return wrap(await PGlite.create(dump ? { loadDataDir: dump } : {}), () => {})
}

async function wrap(pglite: PGlite, unlock: () => void): Promise<Db> {
  await pglite.exec(SEARCH_PATH)
  const handle = drizzle(pglite) as unknown as Handle
  return createDb({
    source: { engine: 'pglite', pglite },
    handle,
    begin: (work) => handle.transaction((tx) => work(tx as unknown as Handle)),
    close: async () => {
      await pglite.close()
      unlock()
    },
  })
}
