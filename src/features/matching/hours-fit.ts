/** When a need can be served by an offering: the hours acceptable to the resident in which it is open. Pure. */
import { addDays, type Interval, intervalsOn, type Weekday, weekdayOf } from '../catalog/hours.ts'
import type { SnapshotNeed, SnapshotOffering } from './snapshot.ts'

export interface HoursFit {
  /** False where nobody knows when the offering is open: then nothing stands in the way, and nothing can be promised. */
  known: boolean
  /** Weekly, in order, touching ones joined; each long enough for one unit. */
  fitting: (Interval & { day: Weekday })[]
  /** Of a need wanted once by a day: when it can be served until then, in order; null = not wanted by a day. */
  dates: (Interval & { date: string })[] | null
}

/** What of a need and of an offering decides about hours. */
export type NeedHours = Pick<SnapshotNeed, 'acceptableHours' | 'neededBy'>
export type OfferingHours = Pick<SnapshotOffering, 'hours' | 'unit' | 'staffMinutesPerUnit'>

/** In minutes of a day; `until` is not in it. */
interface Span {
  from: number
  until: number
}

const WEEK: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const WHOLE_DAY: readonly Span[] = [{ from: 0, until: 1440 }]

/**
 * Whether the hours keep the offering from serving the need. Hours that are not known do not, and a need that names
 * neither hours nor a day takes any. A need for once must find the offering open on a day from today on, exceptions
 * included; one all through the period, in some week's hours. A day that has passed is too late for every offering.
 * @param today a date, on the same calendar as the hours.
 */
export function hoursConflict(need: NeedHours, offering: OfferingHours, today: string): boolean {
  const { acceptableHours, neededBy } = need
  if (neededBy !== null && neededBy < today) return true
  if (!offering.hours || (acceptableHours === null && neededBy === null)) return false
  if (neededBy === null) {
    const [acceptable, open] = [weekOf(acceptableHours!), weekOf(offering.hours.weekly)]
    return !WEEK.some((day) => isAnyCommon(acceptable[day], open[day], offering))
  }
  return !datesUntil(neededBy, today).some((date) => fittingDate(need, offering, date).length > 0)
}

/** Which hours of the offering suit the need; empty lists where the offering's are not known. */
export function hoursFit(need: NeedHours, offering: OfferingHours, today: string): HoursFit {
  const { neededBy } = need
  const known = offering.hours !== null
  const fitting = known ? WEEK.flatMap((day) => shown(fittingOn(need, offering, day), { day })) : []
  if (neededBy === null) return { known, fitting, dates: null }
  const dates = known ? datesUntil(neededBy, today) : []
  return {
    known,
    fitting,
    dates: dates.flatMap((date) => shown(fittingDate(need, offering, date), { date })),
  }
}

/** From today on, but not before the day's month: the need is one of that period. */
function datesUntil(neededBy: string, today: string): string[] {
  const first = `${neededBy.slice(0, 7)}-01`
  const dates: string[] = []
  for (let date = first > today ? first : today; date <= neededBy; date = addDays(date, 1)) dates.push(date)
  return dates
}

function fittingOn(need: NeedHours, offering: OfferingHours, day: Weekday): Span[] {
  return common(acceptableOn(need, day), weekOf(offering.hours!.weekly)[day], offering)
}

function fittingDate(need: NeedHours, offering: OfferingHours, date: string): Span[] {
  const open = joined(intervalsOn(offering.hours!, date))
  return common(acceptableOn(need, weekdayOf(date)), open, offering)
}

function acceptableOn({ acceptableHours }: NeedHours, day: Weekday): readonly Span[] {
  return acceptableHours ? weekOf(acceptableHours)[day] : WHOLE_DAY
}

type Weekly = readonly (Interval & { day: Weekday })[]

/** A run asks about the same weeks hundreds of thousands of times; lists in a snapshot are never changed in place. */
const weeks = new WeakMap<Weekly, Record<Weekday, readonly Span[]>>()

function weekOf(weekly: Weekly): Record<Weekday, readonly Span[]> {
  const known = weeks.get(weekly)
  if (known) return known
  const on = (wanted: Weekday) => joined(weekly.filter(({ day }) => day === wanted))
  const week = {
    MO: on('MO'),
    TU: on('TU'),
    WE: on('WE'),
    TH: on('TH'),
    FR: on('FR'),
    SA: on('SA'),
    SU: on('SU'),
  }
  weeks.set(weekly, week)
  return week
}

/** Where both overlap for as long as one unit takes. */
function common(acceptable: readonly Span[], open: readonly Span[], offering: OfferingHours): Span[] {
  if (open.length === 0 || acceptable.length === 0) return []
  const least = leastOf(open, offering)
  return acceptable
    .flatMap((one) =>
      open.map((other) => ({
        from: Math.max(one.from, other.from),
        until: Math.min(one.until, other.until),
      })),
    )
    .filter((span) => lengthOf(span) >= least)
}

/** Whether `common` finds any; without lists, because every offering near a need is asked. */
function isAnyCommon(acceptable: readonly Span[], open: readonly Span[], offering: OfferingHours): boolean {
  if (open.length === 0 || acceptable.length === 0) return false
  const least = leastOf(open, offering)
  for (const one of acceptable) {
    for (const other of open) {
      if (Math.min(one.until, other.until) - Math.max(one.from, other.from) >= least) return true
    }
  }
  return false
}

/** Never longer than the longest time the offering is open that day: staff minutes may be those of several people. */
function leastOf(open: readonly Span[], offering: OfferingHours): number {
  let longest = 0
  for (const span of open) longest = Math.max(longest, lengthOf(span))
  return Math.min(minutesOfUnit(offering), longest)
}

/**
 * How long the resident has to be there for one unit: an hour; for a visit or a meal as long as the staff are busy with
 * it. Of days and months nobody knows, so any minute will do.
 */
function minutesOfUnit({ unit, staffMinutesPerUnit }: OfferingHours): number {
  if (unit === 'hour') return 60
  return unit === 'visit' || unit === 'meal' ? Math.max(1, staffMinutesPerUnit) : 1
}

/** In order, those that touch or overlap joined into one: a visit may begin in one and end in the next. */
function joined(intervals: readonly Interval[]): Span[] {
  const spans = intervals
    .map(({ opens, closes }) => ({ from: minuteOf(opens), until: minuteOf(closes) }))
    .sort((one, other) => one.from - other.from)
  const all: Span[] = []
  for (const span of spans) {
    const last = all.at(-1)
    if (last && span.from <= last.until) last.until = Math.max(last.until, span.until)
    else all.push(span)
  }
  return all
}

const lengthOf = ({ from, until }: Span) => until - from

function shown<On extends object>(spans: readonly Span[], on: On): (Interval & On)[] {
  return spans.map(({ from, until }) => ({ ...on, opens: timeOf(from), closes: timeOf(until) }))
}

/** Of HH:MM; 1440 for 24:00. */
function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

function timeOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
