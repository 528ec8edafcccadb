import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/platform/config.ts'
import { readEncryptionKey } from '../../src/platform/encryption-key.ts'

describe('the encryption key', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lifecircle-key-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const read = (more: Record<string, string> = {}) =>
    readEncryptionKey(readConfig({ LIFECIRCLE_DATA_DIR: join(directory, 'data'), ...more }))

  it('is made once, readable by its owner only', () => {
    const key = read()
    expect(key).toHaveLength(32)
    expect(read()).toEqual(key)
    const path = join(directory, 'data', 'encryption.key')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toBe(`${Buffer.from(key).toString('hex')}\n`)
  })

  it('is that of the settings where they have one, and then no file is written', () => {
    expect(read({ LIFECIRCLE_ENCRYPTION_KEY: '0a'.repeat(32) })).toEqual(Buffer.alloc(32, 10))
    expect(read({ LIFECIRCLE_ENCRYPTION_KEY: '0A'.repeat(32) })).toEqual(Buffer.alloc(32, 10))
    expect(() => statSync(join(directory, 'data'))).toThrow()
  })

  it('is never replaced: a damaged file is refused in a sentence', () => {
    read()
    writeFileSync(join(directory, 'data', 'encryption.key'), 'half a ke')
    expect(() => read()).toThrow(/encryption\.key holds no key: 64 hexadecimal digits/)
  })
})
