/**
 * Partners' references to residents, as the database holds them: a keyed hash that finds a reference again and tells
 * nothing, and a seal (AES-256-GCM) that only the key opens. Both keys are derived from the deployment's one.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { Refusal } from '../../platform/errors.ts'

const NONCE_BYTES = 12

export interface ReferenceSeal {
  /** HMAC-SHA256, different for every partner, so that two partners' rows can't be told to be one person. */
  hash(organizationId: string, reference: string): string
  /** `v1.<key id>.<nonce>.<tag>.<ciphertext>`; bound to the resident's row, so that it opens nowhere else. */
  seal(residentId: string, reference: string): string
  /** @throws Refusal `config_invalid` when another key sealed it. */
  open(residentId: string, sealed: string): string
}

/** Derives the keys once, for as many references as are to be sealed. */
export function createReferenceSeal(encryptionKey: Uint8Array): ReferenceSeal {
  const hashKey = derive(encryptionKey, 'lifecircle reference hash')
  const sealKey = derive(encryptionKey, 'lifecircle reference seal')
  const keyId = createHash('sha256').update(sealKey).digest('hex').slice(0, 8)
  return {
    hash: (organizationId, reference) =>
      createHmac('sha256', hashKey).update(`${organizationId}\n${reference}`).digest('hex'),
    seal: (residentId, reference) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(residentId))
      const text = Buffer.concat([cipher.update(reference, 'utf8'), cipher.final()])
      return ['v1', keyId, ...[nonce, cipher.getAuthTag(), text].map(encode)].join('.')
    },
    open: (residentId, sealed) => {
      const [version, sealedWith, ...parts] = sealed.split('.')
      if (version !== 'v1' || sealedWith !== keyId) throw otherKey(sealedWith, keyId)
      const [nonce, tag, text] = parts.map((part) => Buffer.from(part, 'base64url'))
      const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce!).setAAD(Buffer.from(residentId))
      decipher.setAuthTag(tag!)
      return decipher.update(text!, undefined, 'utf8') + decipher.final('utf8')
    },
  }
}

function derive(key: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', use, 32))
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64url')
}

function otherKey(sealedWith: string | undefined, keyId: string): Refusal {
  return new Refusal(
    'config_invalid',
    `A reference was sealed with key ${sealedWith}, not ${keyId}: LIFECIRCLE_ENCRYPTION_KEY is not the one it was stored under.`,
  )
}
