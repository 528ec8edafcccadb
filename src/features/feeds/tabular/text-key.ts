import { createHash } from 'node:crypto'

/** A short stable stand-in for a long text: the same text has the same one in every import. 24 hexadecimal digits. */
export function textKey(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}

/**
 * A copy that does not keep the text alive that it was cut from: the platform's slices hold on to the whole block of
 * a file, and a set of a million ids would hold the whole file.
 */
export function detached(text: string): string {
  return Buffer.from(text).toString()
}
