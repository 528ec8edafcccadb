/** One page of an API's list, whichever dialect of Open Referral it speaks. */
import { isObject } from '../json/json-flatten.ts'

export interface Page {
  items: unknown[]
  /** As the server announces them; null where it doesn't. */
  totalItems: number | null
  totalPages: number | null
  /** The server says that no page follows. */
  isLast: boolean
}

/**
 * Reads the envelope of HSDS 3 (`contents`, `total_pages`, `last_page` …), that of Open Referral UK 1 (`content`,
 * `totalPages`, `last` …), or a bare list, which is all there is. Null: none of these.
 */
export function readPage(value: unknown): Page | null {
  if (Array.isArray(value)) {
    return { items: value, totalItems: value.length, totalPages: 1, isLast: true }
  }
  if (!isObject(value)) return null
  const items = value.contents ?? value.content
  if (!Array.isArray(items)) return value.empty === true ? NOTHING : null
  const isLast = value.last_page === true || value.last === true || value.empty === true || items.length === 0
  return {
    items,
    totalItems: count(value.total_items ?? value.totalElements),
    totalPages: count(value.total_pages ?? value.totalPages),
    isLast,
  }
}

const NOTHING: Page = { items: [], totalItems: 0, totalPages: 0, isLast: true }

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null
}
