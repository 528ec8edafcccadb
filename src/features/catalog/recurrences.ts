/**
 * Hours as RFC 5545 recurrences, for calendars and directories that read those. Only ever written: what is stored
 * and edited are the hours themselves.
 */
import rrule from 'rrule'
import { addDays, type Hours, type Interval, intervalsOn, type Weekday, weekdayOf } from './hours.ts'

// CommonJS in disguise: Node finds no named exports in it.
const { RRule, RRuleSet } = rrule

/** All days on which the same interval holds. */
export interface Recurrence extends Interval {
  /** DTSTART, RRULE, RDATE and EXDATE, a line each; an occurrence lasts from `opens` to `closes`. */
  rule: string
}

const ORDER: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/** One recurrence per distinct interval, beginning at a date; exceptions before that date are left out. */
export function recurrencesOf(hours: Hours, from: string): Recurrence[] {
  const exceptions = hours.exceptions.filter(({ date }) => date >= from)
  const intervals = [...hours.weekly, ...exceptions.flatMap((one) => one.intervals)]
  const distinct = new Map(intervals.map(({ opens, closes }) => [`${opens} ${closes}`, { opens, closes }]))
  return [...distinct.values()]
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
    .map((interval) => ({ ...interval, rule: ruleOf({ ...hours, exceptions }, interval, from) }))
}

function ruleOf(hours: Hours, interval: Interval, from: string): string {
  const holds = (date: string, of: Omit<Hours, 'timeZone'>) =>
    intervalsOn(of, date).some((one) => keyOf(one) === keyOf(interval))
  const isWeekly = (date: string) => holds(date, { weekly: hours.weekly, exceptions: [] })
  const days = ORDER.filter((day) =>
    hours.weekly.some((one) => one.day === day && keyOf(one) === keyOf(interval)),
  )
  const dates = hours.exceptions.map(({ date }) => date).sort()
  const added = dates.filter((date) => !isWeekly(date) && holds(date, hours))
  const removed = dates.filter((date) => isWeekly(date) && !holds(date, hours))
  const at = (date: string) => new Date(`${date}T${interval.opens}:00Z`)
  const first = days.length > 0 ? firstOf(days, from) : added[0]!
  const start = { dtstart: at(first), tzid: hours.timeZone }
  const set = new RRuleSet()
  const weekly = { freq: RRule.WEEKLY, byweekday: days.map((day) => RRule[day]) }
  // Without weekly days, the first date is a rule of its own: a set of dates alone loses the zone of its DTSTART.
  set.rrule(new RRule({ ...(days.length > 0 ? weekly : { freq: RRule.DAILY, count: 1 }), ...start }))
  for (const date of days.length > 0 ? added : added.slice(1)) set.rdate(at(date))
  for (const date of removed) set.exdate(at(date))
  return set.toString()
}

function firstOf(days: readonly Weekday[], from: string): string {
  for (let date = from; ; date = addDays(date, 1)) if (days.includes(weekdayOf(date))) return date
}

function keyOf({ opens, closes }: Interval): string {
  return `${opens} ${closes}`
}
