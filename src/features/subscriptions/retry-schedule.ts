/** When a delivery that failed is tried again. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Pauses after the first try, which is made at once, and after each further one: about three days in all. */
export const PAUSES_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

const LONGEST_MS = 24 * HOUR

/**
 * The next try after so many have failed; null after the last.
 * @param retryAfterMs what the receiver asked for: kept where it is longer than the pause, up to a day.
 */
export function nextTry(failed: number, now: Date, retryAfterMs: number | null): Date | null {
  const pause = PAUSES_MS[failed - 1]
  if (pause === undefined) return null
  return new Date(now.getTime() + Math.max(pause, Math.min(retryAfterMs ?? 0, LONGEST_MS)))
}

/** Milliseconds that a Retry-After header (seconds, or a date of HTTP) asks to wait; null where it can't be read. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * SECOND
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime())
}
