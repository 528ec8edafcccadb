/** The secrets that sign what webhooks are sent: `whsec_` and 32 random bytes in base64, as Standard Webhooks say. */
import { randomBytes } from 'node:crypto'
import { createTextSeal, type TextSeal } from '../../platform/sealed-text.ts'

const BYTES = 32

export function newSecret(): string {
  return `whsec_${randomBytes(BYTES).toString('base64')}`
}

/** Seals secrets, each for its webhook's row. */
export function createSecretSeal(encryptionKey: Uint8Array): TextSeal {
  return createTextSeal(encryptionKey, 'lifecircle webhook secret')
}
