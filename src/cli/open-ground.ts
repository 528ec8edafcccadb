import { REACTIONS } from '../jobs.ts'
import { type Config, readConfig } from '../platform/config.ts'
import type { Ground } from '../platform/context.ts'
import { openDb } from '../platform/db/open-db.ts'
import { readEncryptionKey } from '../platform/encryption-key.ts'
import { createLogger } from '../platform/telemetry.ts'

export interface OpenedGround extends Ground {
  config: Config
}

/** Reads the settings, opens the database they name, and brings its schema up to date. */
export async function openGround(logLevel?: string): Promise<OpenedGround> {
  const config = readConfig()
  const log = createLogger(logLevel ?? config.LOG_LEVEL)
  const db = await openDb(config, log)
  try {
    return {
      config,
      db,
      log,
      encryptionKey: readEncryptionKey(config),
      currency: config.LIFECIRCLE_CURRENCY,
      reactions: REACTIONS,
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Opens the ground for the time of one command. */
export async function withGround<T>(
  work: (ground: OpenedGround) => Promise<T>,
  logLevel = 'warn',
): Promise<T> {
  const ground = await openGround(logLevel)
  try {
    return await work(ground)
  } finally {
    await ground.db.close()
  }
}
