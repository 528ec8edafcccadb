/**
 * When an offering is open: weekly hours on the wall clock of its time zone, and dates on which others hold. Pure;
 * the machine's own time zone plays no part.
 */
import { type LocalTime, localTime } from '../../platform/time-zone.ts'

export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU'

/** From `opens` until, and not at, `closes`: HH:MM of one day, `24:00` for its end. */
export interface Interval {
  opens: string
  closes: string
}

export interface Hours {
  /** IANA name. */
  timeZone: string
  weekly: (Interval & { day: Weekday })[]
  /** What holds on a date instead of the weekly hours; no interval = closed. Each date once. */
  exceptions: { date: string; intervals: Interval[] }[]
}

const MINUTE = 60_000
const DAY = 86_400_000
const DAYS: readonly Weekday[] = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

export function weekdayOf(date: string): Weekday {
  return DAYS[new Date(`${date}T00:00:00Z`).getUTCDay()]!
}

/** The intervals that hold on a date, in order: those of its exception, otherwise those of its weekday. */
export function intervalsOn({ weekly, exceptions }: Omit<Hours, 'timeZone'>, date: string): Interval[] {
  const exception = exceptions.find((one) => one.date === date)
  const day = weekdayOf(date)
  const intervals = exception?.intervals ?? weekly.filter((one) => one.day === day)
  return intervals
    .map(({ opens, closes }) => ({ opens, closes }))
    .sort((one, other) => (one.opens < other.opens ? -1 : 1))
}

/** Whether it is open at the instant. */
export function openAt(hours: Hours, instant: Date): boolean {
  return openAtLocal(hours, localTime(hours.timeZone, instant))
}

/** The same for a wall clock that was read already: search asks it of thousands of offerings in one zone. */
export function openAtLocal(hours: Omit<Hours, 'timeZone'>, { date, time }: LocalTime): boolean {
  return intervalsOn(hours, date).some(({ opens, closes }) => opens <= time && time < closes)
}

/** The first instant, to the minute, from `instant` on at which it is open; null when it never opens again. */
export function nextOpening(hours: Hours, instant: Date): Date | null {
  if (openAt(hours, instant)) return instant
  const today = localTime(hours.timeZone, instant).date
  for (const date of datesToTry(hours, today)) {
    const opening = firstOpening(hours, date, instant)
    if (opening) return opening
  }
  return null
}

/** A weekly day can be excepted as often as there are exceptions; after that many weeks, one must be open. */
function datesToTry({ weekly, exceptions }: Hours, today: string): string[] {
  const days = weekly.length > 0 ? 7 * (exceptions.length + 1) + 1 : 1
  const coming = Array.from({ length: days }, (_, day) => addDays(today, day))
  const dated = exceptions.map(({ date }) => date).filter((date) => date > today)
  return [...new Set([...coming, ...dated])].sort()
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
}

function firstOpening(hours: Hours, date: string, from: Date): Date | null {
  const intervals = intervalsOn(hours, date)
  if (intervals.length === 0) return null
  const midnight = Date.parse(`${date}T00:00:00Z`)
  const before = offsetAt(hours.timeZone, midnight - DAY)
  const after = offsetAt(hours.timeZone, midnight + 2 * DAY)
  if (before !== after) return scanDay(hours, date, from)
  for (const { opens } of intervals) {
    const opening = Date.parse(`${date}T${opens}:00Z`) - before
    if (opening >= from.getTime()) return new Date(opening)
  }
  return null
}

/** Around a change of the clock, hours are skipped or come twice: minute by minute is the one rule that is right. */
function scanDay(hours: Hours, date: string, from: Date): Date | null {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  const start = Math.max(Math.ceil(from.getTime() / MINUTE) * MINUTE, midnight - DAY)
  for (let at = start; at < midnight + 2 * DAY; at += MINUTE) {
    const shown = localTime(hours.timeZone, new Date(at))
    if (shown.date > date) return null
    if (shown.date === date && openAtLocal(hours, shown)) return new Date(at)
  }
  return null
}

/** How far the wall clock is ahead of UTC, in milliseconds. */
function offsetAt(timeZone: string, at: number): number {
  const { date, time } = localTime(timeZone, new Date(at))
  return Date.parse(`${date}T${time}:00Z`) - at
}
