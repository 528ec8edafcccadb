import { catchUpDirectory } from '../features/catalog/catch-up-directory.ts'
import { SYSTEM } from '../features/identity/permissions.ts'
import { openSandbox } from '../features/sandbox/open-sandbox.ts'
import { REACTIONS } from '../jobs.ts'
import { type Config, readConfig } from '../platform/config.ts'
import { clockOf, createContext, type Ground, systemClock } from '../platform/context.ts'
import type { Db } from '../platform/db/client.ts'
import { openDb } from '../platform/db/open-db.ts'
import { readEncryptionKey } from '../platform/encryption-key.ts'
import { createLogger } from '../platform/telemetry.ts'

export interface OpenedGround extends Ground {
  config: Config
}

/**
 * Reads the settings, opens the database they name, brings its schema up to date, and the directory where the database
 * is older than it.
 */
export async function openGround(logLevel?: string): Promise<OpenedGround> {
  const config = readConfig()
  const log = createLogger(logLevel ?? config.LOG_LEVEL)
  const db = await openDb(config, log)
  try {
    const time = await timeOf(config, db)
    const ground = { config, db, log, ...settingsOf(config), ...time, reactions: REACTIONS }
    await catchUpDirectory(createContext({ ...ground, actor: SYSTEM }))
    return ground
  } catch (error) {
    await db.close()
    throw error
  }
}

/** The sandbox's clock in a sandbox, the machine's elsewhere. */
async function timeOf(config: Config, db: Db): Promise<Pick<Ground, 'clock' | 'sandbox'>> {
  const sandbox = await openSandbox(db, config.LIFECIRCLE_SANDBOX)
  return sandbox ? { sandbox, clock: clockOf(sandbox) } : { sandbox: null, clock: systemClock }
}

function settingsOf(config: Config) {
  const { LIFECIRCLE_TRAVEL_URL: url, LIFECIRCLE_TRAVEL_ENGINE: engine } = config
  return {
    encryptionKey: readEncryptionKey(config),
    currency: config.LIFECIRCLE_CURRENCY,
    timeZone: config.LIFECIRCLE_TIME_ZONE,
    router: url ? { url, engine } : null,
    publisher: {
      name: config.LIFECIRCLE_PUBLISHER_NAME,
      url: config.LIFECIRCLE_PUBLIC_URL ?? `http://${config.HOST}:${config.PORT}`,
    },
    allowPrivateUrls: config.LIFECIRCLE_ALLOW_PRIVATE_URLS,
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
