/** ETags from row versions, and If-Match on changes. */
import { z } from '@hono/zod-openapi'
import { Refusal } from '../errors.ts'

export const IfMatchHeader = z.object({
  'if-match': z
    .string()
    .optional()
    .openapi({ description: 'ETag of the version the change was decided on', example: '"1"' }),
})

export function etag(version: number): Record<string, string> {
  return { ETag: `"${version}"` }
}

/**
 * Reads the version out of If-Match; the verb compares it with the row's.
 * @throws Refusal `precondition_required` when it is missing, `precondition_failed` when it is not one of our ETags.
 */
export function expectedVersion(header: string | undefined): number {
  if (header === undefined) {
    throw new Refusal('precondition_required', 'Send If-Match with the ETag of the version you saw.')
  }
  const version = /^"(\d{1,9})"$/.exec(header)?.[1]
  if (version === undefined)
    throw new Refusal('precondition_failed', 'If-Match names no version of this object.')
  return Number(version)
}

/** @throws Refusal `precondition_failed` when the row is not the version the caller saw. */
export function requireVersion(row: { version: number }, expected: number): void {
  if (row.version !== expected) {
    throw new Refusal(
      'precondition_failed',
      `It has changed: its version is ${row.version}, not ${expected}.`,
    )
  }
}
