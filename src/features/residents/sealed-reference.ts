/**
 * Partners' references to residents, as the database holds them: a keyed hash that finds a reference again and tells
 * nothing, and a seal that only the key opens. Both keys are derived from the deployment's one.
 */
import { createHmac } from 'node:crypto'
import { createTextSeal, deriveKey } from '../../platform/sealed-text.ts'

export interface ReferenceSeal {
  /** HMAC-SHA256, different for every partner, so that two partners' rows can't be told to be one person. */
  hash(organizationId: string, reference: string): string
  /** Bound to the resident's row, so that it opens nowhere else. */
  seal(residentId: string, reference: string): string
  /** @throws Refusal `config_invalid` when another key sealed it. */
  open(residentId: string, sealed: string): string
}

/** Derives the keys once, for as many references as are to be sealed. */
export function createReferenceSeal(encryptionKey: Uint8Array): ReferenceSeal {
  const hashKey = deriveKey(encryptionKey, 'lifecircle reference hash')
  return {
    hash: (organizationId, reference) =>
      createHmac('sha256', hashKey).update(`${organizationId}\n${reference}`).digest('hex'),
    ...createTextSeal(encryptionKey, 'lifecircle reference seal'),
  }
}
