import type { Config } from '../config.ts'
import type { Logger } from '../telemetry.ts'
import type { Db } from './client.ts'
import { openEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres.ts'

/** Opens the database that the settings name and brings its schema up to date. */
export async function openDb(config: Config, log: Logger): Promise<Db> {
  const db = config.DATABASE_URL
    ? await openPostgres(config.DATABASE_URL, log)
    : await openEmbedded(config.LIFECIRCLE_DATA_DIR)
  try {
    await migrate(db)
    return db
  } catch (error) {
    await db.close()
    throw error
  }
}
