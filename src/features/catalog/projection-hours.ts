/** Schedules of HSDS as hours: what `describe-hours.ts` writes, and as much of other directories as hours can say. Pure. */
import { isTimeZone } from '../../platform/time-zone.ts'
import type { JsonValue } from '../directory/record.ts'
import type { Hours, Interval, Weekday } from './hours.ts'
import { Hours as HoursSchema, Weekday as WeekdaySchema } from './hours-schemas.ts'

type Schedule = Record<string, JsonValue>

export interface ProjectedHours {
  /** Null = not known. */
  hours: Hours | null
  /** What of the schedules hours can't say, one sentence each. */
  flaws: string[]
}

interface Week {
  weekly: Hours['weekly']
  exceptions: Map<string, Interval[]>
  /** Somebody said that it never opens. */
  neverOpens: boolean
  flaws: string[]
}

/**
 * @param today calendar date: schedules that are over say nothing any more.
 * @param timeZone of the deployment, for schedules that name none.
 */
export function hoursOf(
  schedules: readonly Schedule[],
  { today, timeZone }: { today: string; timeZone: string },
): ProjectedHours {
  const week: Week = { weekly: [], exceptions: new Map(), neverOpens: false, flaws: [] }
  for (const schedule of schedules) {
    const date = dateOf(schedule)
    if (date === null) addWeekly(week, schedule, today)
    else addException(week, schedule, date)
  }
  const { weekly, exceptions, flaws } = week
  if (weekly.length === 0 && !week.neverOpens) {
    if (exceptions.size > 0) flaws.push('exceptions of unknown weekly hours: left out')
    return { hours: null, flaws }
  }
  const hours = {
    timeZone: zoneOf(schedules, timeZone, flaws),
    weekly: WeekdaySchema.options.flatMap((day) =>
      merged(weekly.filter((one) => one.day === day)).map((one) => ({ day, ...one })),
    ),
    exceptions: [...exceptions].map(([date, intervals]) => ({ date, intervals: merged(intervals) })),
  }
  if (HoursSchema.safeParse(hours).success) return { hours, flaws }
  return { hours: null, flaws: [...flaws, 'more intervals or dates than hours can hold: left out'] }
}

function dateOf({ valid_from: from, valid_to: to }: Schedule): string | null {
  return typeof from === 'string' && from === to ? from : null
}

function addException({ exceptions, flaws }: Week, schedule: Schedule, date: string): void {
  const known = exceptions.get(date) ?? []
  exceptions.set(date, known)
  const interval = intervalOf(schedule, flaws)
  if (!interval) return
  const { opens, closes } = interval
  if (opens < closes) known.push(interval)
  else {
    known.push({ opens, closes: '24:00' })
    flaws.push(`${date}: hours past midnight end with the day`)
  }
}

function addWeekly(week: Week, schedule: Schedule, today: string): void {
  const { flaws } = week
  const { valid_from: from, valid_to: to, until } = schedule
  if ([to, until].some((end) => typeof end === 'string' && end < today)) return
  if (typeof from === 'string' && from > today) {
    flaws.push(`hours from ${from} on: left out`)
    return
  }
  const why = notWeekly(schedule)
  if (why) {
    flaws.push(`${why}: left out`)
    return
  }
  if (schedule.byday === undefined && schedule.opens_at === undefined) {
    if (schedule.notes === 'closed') week.neverOpens = true
    return
  }
  const interval = intervalOf(schedule, flaws)
  if (!interval) return
  if (to ?? until) flaws.push(`hours until ${to ?? until}: taken as weekly without end`)
  for (const day of daysOf(schedule)) week.weekly.push(...wrapped(day, interval))
}

/** Why a schedule is no plain week; undefined if it is one. */
function notWeekly(schedule: Schedule): string | undefined {
  const { freq, interval, byday } = schedule
  if (freq !== undefined && freq !== 'WEEKLY') return `${freq} hours`
  if (interval !== undefined && interval !== 1) return `hours every ${interval} weeks`
  for (const name of ['byweekno', 'bymonthday', 'byyearday', 'count']) {
    if (schedule[name] !== undefined) return `hours with ${name}`
  }
  const days = daysOf(schedule)
  if (days.some((day) => !WeekdaySchema.safeParse(day).success)) return `days ${byday}`
  if (days.length === 0 && schedule.opens_at !== undefined) return 'hours without days'
  return undefined
}

function daysOf({ byday }: Schedule): Weekday[] {
  const days = String(byday ?? '').split(',')
  return days.map((day) => day.trim().toUpperCase()).filter((day) => day !== '') as Weekday[]
}

/** The times of a schedule; null where it tells none, or none that can be. */
function intervalOf({ opens_at: opens, closes_at: closes }: Schedule, flaws: string[]): Interval | null {
  if (opens === undefined && closes === undefined) return null
  const [from, to] = [timeOf(opens), timeOf(closes)]
  // The end of a day is written as the beginning of the next.
  const end = to === '00:00' ? '24:00' : to
  if (from && end && from !== end) return { opens: from, closes: end }
  flaws.push(`hours from ${opens ?? '?'} to ${closes ?? '?'}: left out`)
  return null
}

function timeOf(time: JsonValue | undefined): string | null {
  return /^([01]\d|2[0-3]):[0-5]\d/.exec(String(time ?? ''))?.[0] ?? null
}

/** Hours past midnight are two intervals. */
function wrapped(day: Weekday, { opens, closes }: Interval): Hours['weekly'] {
  if (opens < closes) return [{ day, opens, closes }]
  const days = WeekdaySchema.options
  const next = days[(days.indexOf(day) + 1) % days.length]!
  return [
    { day, opens, closes: '24:00' },
    { day: next, opens: '00:00', closes },
  ]
}

/** In order, and overlapping ones as one. */
function merged(intervals: readonly Interval[]): Interval[] {
  const inOrder = intervals
    .map(({ opens, closes }) => ({ opens, closes }))
    .sort((one, other) => (one.opens < other.opens ? -1 : 1))
  const found: Interval[] = []
  for (const interval of inOrder) {
    const last = found.at(-1)
    if (!last || last.closes <= interval.opens) found.push(interval)
    else if (last.closes < interval.closes) last.closes = interval.closes
  }
  return found
}

/** The zone that the schedules name, or one of their offset from UTC, or the deployment's. */
function zoneOf(schedules: readonly Schedule[], fallback: string, flaws: string[]): string {
  const named = new Set(schedules.map((schedule) => zoneNamed(schedule)).filter((zone) => zone !== null))
  const [zone = fallback] = named
  if (named.size > 1) flaws.push(`schedules in ${named.size} time zones: all taken as in ${zone}`)
  return zone
}

function zoneNamed({ time_zone: name, timezone: offset }: Schedule): string | null {
  if (typeof name === 'string' && isTimeZone(name)) return name
  if (typeof offset !== 'number' || !Number.isInteger(offset) || offset < -12 || offset > 14) return null
  // The signs of these zones are the other way round.
  return offset === 0 ? 'UTC' : `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`
}
