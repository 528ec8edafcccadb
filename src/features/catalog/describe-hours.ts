/**
 * Hours as HSDS schedules: one per interval of the week with its days, one per interval of a date that is excepted. Pure.
 */
import type { JsonValue } from '../directory/record.ts'
import type { Hours, Interval, Weekday } from './hours.ts'

/** What schedules of one place say, by a key that tells them apart. */
export type Schedules = Map<string, Record<string, JsonValue | undefined>>

const ORDER: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/** A place that is known never to open has one schedule without times, which tells it from one of unknown hours. */
export function schedulesOf({ timeZone, weekly, exceptions }: Hours): Schedules {
  const zone = { time_zone: timeZone, timezone: fixedOffset(timeZone) }
  const schedules: Schedules = new Map()
  if (weekly.length === 0) schedules.set('weekly', { ...zone, freq: 'WEEKLY', notes: 'closed' })
  for (const interval of distinct(weekly)) {
    const days = ORDER.filter((day) =>
      weekly.some((one) => one.day === day && keyOf(one) === keyOf(interval)),
    )
    const rule = { freq: 'WEEKLY', byday: days.join(','), ...times(interval) }
    schedules.set(`weekly ${keyOf(interval)}`, { ...zone, ...rule })
  }
  for (const { date, intervals } of exceptions) {
    const valid = { ...zone, valid_from: date, valid_to: date }
    if (intervals.length === 0) schedules.set(date, { ...valid, notes: 'closed' })
    for (const interval of intervals) {
      schedules.set(`${date} ${keyOf(interval)}`, { ...valid, ...times(interval) })
    }
  }
  return schedules
}

function distinct(intervals: readonly Interval[]): Interval[] {
  return [...new Map(intervals.map((interval) => [keyOf(interval), interval])).values()]
}

/** The standard's times end at 23:59:59: the end of the day is written as the beginning of the next. */
function times({ opens, closes }: Interval) {
  return { opens_at: `${opens}:00`, closes_at: closes === '24:00' ? '00:00:00' : `${closes}:00` }
}

function keyOf({ opens, closes }: Interval): string {
  return `${opens} ${closes}`
}

/** Offsets are looked up in any one year: what is told must not depend on when it is told. */
const WINTER = new Date('2026-01-01T00:00:00Z')
const SUMMER = new Date('2026-07-01T00:00:00Z')

const offsets = new Map<string, number | undefined>()

/**
 * Hours ahead of UTC, as the standard counts them; undefined where a zone changes its clocks. Remembered: a deployment
 * has few zones, and asking takes long.
 */
function fixedOffset(timeZone: string): number | undefined {
  if (offsets.has(timeZone)) return offsets.get(timeZone)
  const offset = offsetHours(timeZone, WINTER)
  offsets.set(timeZone, offset === offsetHours(timeZone, SUMMER) ? offset : undefined)
  return offsets.get(timeZone)
}

function offsetHours(timeZone: string, at: Date): number {
  const shown = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')!.value
  const [, sign, hours = '0', minutes = '0'] = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(shown) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) + Number(minutes) / 60) || 0
}
