/**
 * The secret part of an action link: the link's id and a signature over it, so that nobody can make one up, and the
 * database alone, without the deployment's key, tells nobody a link that works.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

const LABEL = 'lifecircle action link'

/** `<id>.<signature>`, both in base64url: 16 and 32 bytes. */
export function linkToken(encryptionKey: Uint8Array, linkId: string): string {
  const id = Buffer.from(linkId.replaceAll('-', ''), 'hex')
  return `${id.toString('base64url')}.${sign(encryptionKey, id).toString('base64url')}`
}

/** The id of the link that the token was made for; null for anything that was not made here. */
export function readLinkToken(encryptionKey: Uint8Array, token: string): string | null {
  if (!/^[\w-]{22}\.[\w-]{43}$/.test(token)) return null
  const hex = Buffer.from(token.slice(0, 22), 'base64url').toString('hex')
  const linkId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const genuine = timingSafeEqual(Buffer.from(token), Buffer.from(linkToken(encryptionKey, linkId)))
  return genuine ? linkId : null
}

/** With a key of its own: what signs links opens nothing else. */
function sign(encryptionKey: Uint8Array, id: Buffer): Buffer {
  const key = Buffer.from(hkdfSync('sha256', encryptionKey, '', LABEL, 32))
  return createHmac('sha256', key).update(id).digest()
}
