/** Dates and times of day as people and spreadsheets spell them. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The first year of the calendar that Taiwan's files count by is 1912. */
const ROC_OFFSET = 1911

const EARLIEST = 1800

export interface SpelledDate {
  /** `2026-12-31` */
  iso: string
  /** `3/4/2020` could be either; it is read as month/day. */
  ambiguous?: true
}

/**
 * A calendar date in any common spelling: `2020-12-31` (also with a time after it), `2020/1/2`, `20201231`,
 * `12/31/2020`, `31.12.2020`, `January 1, 1970`, `1 Jan 1970`, `109.5.29` and `107年7月9日`. Null if it is none, or
 * before 1800.
 */
export function spelledDate(text: string): SpelledDate | null {
  const bare = text.trim().replace(/(\d)(?:st|nd|rd|th)\b/i, '$1')
  return yearFirst(bare) ?? monthNamed(bare) ?? yearLast(bare)
}

function yearFirst(text: string): SpelledDate | null {
  const found =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$/.exec(text) ??
    /^(\d{2,4})[/.](\d{1,2})[/.](\d{1,2})$/.exec(text) ??
    /^(?:民國)?(\d{2,4})年(\d{1,2})月(\d{1,2})日$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(text)
  if (found === null) return null
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number]
  // `12/24/15` has the year last.
  if (found[1]!.length === 2 && month > 12) return null
  return found[1]!.length < 4 ? dateOf(year + ROC_OFFSET, month, day) : dateOf(year, month, day)
}

function monthNamed(text: string): SpelledDate | null {
  const [, first, second, year] = /^(\w+)\.? (\w+)\.?,? (\d{4})$/.exec(text.replace(/, ?/g, ' ')) ?? []
  if (first === undefined || second === undefined) return null
  const [name, day] = /^\d/.test(first) ? [second, first] : [first, second]
  const month = MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1
  return month === 0 ? null : dateOf(Number(year), month, Number(day))
}

function yearLast(text: string): SpelledDate | null {
  const found = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})$/.exec(text)
  if (found === null) return null
  const [first, second, tail] = [Number(found[1]), Number(found[3]), Number(found[4])]
  const year = tail < 70 ? 2000 + tail : tail < 100 ? 1900 + tail : tail
  // With dots it is the European order; with slashes the American one unless that is no date.
  if (found[2] === '.' || first > 12) return dateOf(year, second, first)
  const date = dateOf(year, first, second)
  return date !== null && second <= 12 && first !== second ? { ...date, ambiguous: true } : date
}

function dateOf(year: number, month: number, day: number): SpelledDate | null {
  const date = new Date(Date.UTC(year, month - 1, day))
  if (year < EARLIEST || year > 9999) return null
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
  return { iso: date.toISOString().slice(0, 10) }
}

/** A time of day as `08:30:00`; `9am`, `4:00 PM` and `8.30` are read too, an offset from UTC is kept. */
export function spelledTime(text: string): string | null {
  const bare = text.trim()
  const found =
    /^(\d{1,2})(?:[:.](\d{2}))?(?::(\d{2})(?:\.\d+)?)? ?([ap])?\.?(?:m\.?)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(bare)
  if (found === null || (found[2] === undefined && found[4] === undefined)) return null
  const [, hours, minutes = '00', seconds = '00', half, offset = ''] = found
  let hour = Number(hours)
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null
    hour = (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  }
  const late = hour === 24 && Number(minutes) === 0
  if ((hour > 23 && !late) || Number(minutes) > 59 || Number(seconds) > 59) return null
  return `${String(late ? 0 : hour).padStart(2, '0')}:${minutes}:${seconds}${offset}`
}

/** An instant in RFC 3339; what has no zone is read as UTC, what has no time as the day's beginning. Null if none. */
export function spelledInstant(text: string): string | null {
  const bare = text.trim()
  const found = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(\.\d+)?\s?([Zz]|[+-]\d{2}:?\d{2})?$/.exec(
    bare,
  )
  if (found === null) {
    const date = spelledDate(bare)
    return date === null || bare.length > 24 ? null : `${date.iso}T00:00:00Z`
  }
  const [, day, time, seconds = ':00', fraction = '', zone = 'Z'] = found
  const offset = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const instant = `${day}T${time}${seconds}${fraction}${offset}`
  return Number.isNaN(Date.parse(instant)) ? null : instant
}
