/** Wall clocks: what an instant looks like in a zone. The machine's own zone plays no part. */

/** An instant on a wall clock: YYYY-MM-DD and HH:MM, which sort as text. */
export interface LocalTime {
  date: string
  time: string
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format takes a hundred times as long as using it, and a deployment has few zones. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  formats.set(timeZone, format)
  return format
}

/** Whether it is a zone's name (IANA). */
export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== undefined
  } catch {
    return false
  }
}

/** The instant at which a calendar month such as `2026-12` begins on the wall clocks of a zone, to the minute. */
export function startOfMonth(timeZone: string, month: string): Date {
  const first = `${month}-01`
  // No zone is more than a day away from UTC; a zone that leaves midnight out begins a little later.
  const guess = Date.parse(`${first}T00:00:00Z`) / MINUTE_MS
  let [before, from] = [guess - 1440, guess + 1440]
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2)
    if (localTime(timeZone, new Date(middle * MINUTE_MS)).date < first) before = middle
    else from = middle
  }
  return new Date(from * MINUTE_MS)
}

const MINUTE_MS = 60_000

/** What a clock on the wall of this zone shows at the instant. */
export function localTime(timeZone: string, instant: Date): LocalTime {
  // Swedish writes dates the way ISO 8601 does: 2026-12-01 16:00.
  const shown = formatOf(timeZone).format(instant)
  return { date: shown.slice(0, 10), time: shown.slice(11, 16) }
}
