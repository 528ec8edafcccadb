import { hash } from 'node:crypto'
import { V7Generator } from 'uuidv7'

/** Makes UUIDv7 ids that sort in the order they were made, also within one millisecond. */
export function createIdSource(clock: () => Date): () => string {
  const generator = new V7Generator()
  return () => generator.generateOrResetCore(clock().getTime(), 10_000).toString()
}

/** The 16 bytes of a uuid. */
export function bytesOfUuid(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

/**
 * A name-based uuid (RFC 9562, version 5): the same name in the same namespace has the same one everywhere. By the
 * one-shot hash: a large import needs millions.
 */
export function namedUuid(namespace: Buffer, name: string): string {
  const digits = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]))
  const variant = ((Number.parseInt(digits[16]!, 16) & 0x3) | 0x8).toString(16)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-5${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}
