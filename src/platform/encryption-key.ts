/**
 * The key that seals partners' references to residents: from the settings, or a file beside the embedded database.
 * Several hosts on one PostgreSQL must share it, so they set it.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { Refusal } from './errors.ts'

/**
 * Reads the key; makes one where there is none.
 * @throws Refusal `config_invalid` when the key's file holds something else: a new key in its place would make every
 *   sealed reference unreadable.
 */
export function readEncryptionKey(
  config: Pick<Config, 'LIFECIRCLE_ENCRYPTION_KEY' | 'LIFECIRCLE_DATA_DIR'>,
): Uint8Array {
  if (config.LIFECIRCLE_ENCRYPTION_KEY) return Buffer.from(config.LIFECIRCLE_ENCRYPTION_KEY, 'hex')
  const path = join(config.LIFECIRCLE_DATA_DIR, 'encryption.key')
  const text = readText(path) ?? create(config.LIFECIRCLE_DATA_DIR, path)
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex')
  throw new Refusal(
    'config_invalid',
    `${path} holds no key: 64 hexadecimal digits are expected. Restore it from a backup, or set LIFECIRCLE_ENCRYPTION_KEY.`,
  )
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** A whole file appears or none: it is written aside, and `link` refuses to replace another process's key. */
function create(directory: string, path: string): string {
  mkdirSync(directory, { recursive: true })
  const aside = `${path}.${process.pid}`
  const file = openSync(aside, 'wx', 0o600)
  writeSync(file, `${randomBytes(32).toString('hex')}\n`)
  fsyncSync(file)
  closeSync(file)
  try {
    linkSync(aside, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(aside)
  }
  return readText(path) ?? ''
}
