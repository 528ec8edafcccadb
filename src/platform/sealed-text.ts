/**
 * What the database holds so that only the deployment's key opens it: AES-256-GCM under a key derived for one use.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { Refusal } from './errors.ts'

const NONCE_BYTES = 12

export interface TextSeal {
  /** `v1.<key id>.<nonce>.<tag>.<ciphertext>`; bound to a row by its id, so that it opens nowhere else. */
  seal(rowId: string, text: string): string
  /** @throws Refusal `config_invalid` when another key sealed it. */
  open(rowId: string, sealed: string): string
  /** The same of bytes, as a text. */
  sealBytes(rowId: string, bytes: Uint8Array): string
  /** @throws Refusal `config_invalid` when another key sealed them. */
  openBytes(rowId: string, sealed: string): Buffer
}

/**
 * Derives the key once, for as many texts as are to be sealed.
 * @param use what is sealed, such as `lifecircle reference seal`: each use has a key of its own.
 */
export function createTextSeal(encryptionKey: Uint8Array, use: string): TextSeal {
  const key = deriveKey(encryptionKey, use)
  const keyId = createHash('sha256').update(key).digest('hex').slice(0, 8)
  const sealBytes: TextSeal['sealBytes'] = (rowId, bytes) => {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(rowId))
    const hidden = Buffer.concat([cipher.update(bytes), cipher.final()])
    return ['v1', keyId, ...[nonce, cipher.getAuthTag(), hidden].map(encode)].join('.')
  }
  const openBytes: TextSeal['openBytes'] = (rowId, sealed) => {
    const [version, sealedWith, ...parts] = sealed.split('.')
    if (version !== 'v1' || sealedWith !== keyId) throw otherKey(sealedWith, keyId)
    const [nonce, tag, hidden] = parts.map((part) => Buffer.from(part, 'base64url'))
    const decipher = createDecipheriv('aes-256-gcm', key, nonce!).setAAD(Buffer.from(rowId))
    decipher.setAuthTag(tag!)
    return Buffer.concat([decipher.update(hidden!), decipher.final()])
  }
  return {
    sealBytes,
    openBytes,
    seal: (rowId, text) => sealBytes(rowId, Buffer.from(text, 'utf8')),
    open: (rowId, sealed) => openBytes(rowId, sealed).toString('utf8'),
  }
}

/** 32 bytes for one use of the deployment's key, from which the other uses' can't be told. */
export function deriveKey(encryptionKey: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', encryptionKey, '', use, 32))
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64url')
}

function otherKey(sealedWith: string | undefined, keyId: string): Refusal {
  return new Refusal(
    'config_invalid',
    `A text was sealed with key ${sealedWith}, not ${keyId}: LIFECIRCLE_ENCRYPTION_KEY is not the one it was stored under.`,
  )
}
