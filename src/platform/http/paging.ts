/** Cursor paging: ids sort in order of creation, so the last id of a page is where the next one starts. */
import { z } from '@hono/zod-openapi'

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).openapi({ description: 'Most items of a page' }),
  cursor: z.uuid().optional().openapi({ description: '`nextCursor` of the page before' }),
})
export type PageQuery = z.infer<typeof PageQuery>

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** The wire form of a page of `item`s. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.uuid().nullable() })
}

/** A page from rows that were read with `limit + 1`. */
export function toPage<T extends { id: string }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.id : null }
}

/** A page's rows in wire form. */
export function mapPage<T, U>(page: Page<T>, toWire: (row: T) => U): Page<U> {
  return { items: page.items.map(toWire), nextCursor: page.nextCursor }
}
