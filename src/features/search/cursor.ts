/** The cursor of a page: the place in the order where it ended, opaque to clients. */
import { z } from 'zod'
import type { Place } from './cut-page.ts'

/** What results are sorted by; what is equal in it, by id. */
export type Order = 'minutes' | 'points' | 'id'

const Content = z.strictObject({
  by: z.enum(['minutes', 'points', 'id']),
  key: z.number(),
  // In the spelling of our ids: other spellings of the same id would sort elsewhere.
  id: z.uuid().regex(/^[0-9a-f-]+$/),
})

/** Nearest first, otherwise what fits the words best, otherwise in order of publication. */
export function orderOf(query: { near?: unknown; q?: unknown }): Order {
  if (query.near) return 'minutes'
  return query.q ? 'points' : 'id'
}

export function writeCursor(by: Order, { key, id }: Place): string {
  return Buffer.from(JSON.stringify({ by, key, id })).toString('base64url')
}

/** The place and its order; null for anything that `writeCursor` has not written. */
export function readCursor(cursor: string): (Place & { by: Order }) | null {
  try {
    return Content.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))).data ?? null
  } catch {
    return null
  }
}
