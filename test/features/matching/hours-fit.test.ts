import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, type Interval, intervalsOn, weekdayOf } from '../../../src/features/catalog/hours.ts'
import {
  hoursConflict,
  hoursFit,
  type NeedHours,
  type OfferingHours,
} from '../../../src/features/matching/hours-fit.ts'
import { interval, weeklyHours } from './snapshots.ts'

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
/** A Monday. */
const TODAY = '2026-11-30'

const open = (more: Partial<OfferingHours> = {}, weekly: Interval[] = []): OfferingHours => ({
  unit: 'hour',
  staffMinutesPerUnit: 0,
  hours: { timeZone: 'UTC', weekly: weekly.map((one) => ({ day: 'MO', ...one })), exceptions: [] },
  ...more,
})
const wanted = (more: Partial<NeedHours> = {}): NeedHours => ({
  acceptableHours: null,
  neededBy: null,
  ...more,
})
const monday = (opens: string, closes: string) => [{ day: 'MO' as const, opens, closes }]

describe('hours that fit', () => {
  it('are those of both in which one unit has room', () => {
    const offering = open({}, [
      { opens: '09:00', closes: '12:00' },
      { opens: '14:00', closes: '18:00' },
    ])
    const need = wanted({ acceptableHours: monday('11:00', '14:59') })
    expect(hoursFit(need, offering, TODAY)).toEqual({
      known: true,
      fitting: [{ day: 'MO', opens: '11:00', closes: '12:00' }],
      dates: null,
    })
    const late = wanted({ acceptableHours: monday('11:01', '14:59') })
    expect(hoursFit(late, offering, TODAY).fitting).toEqual([])
    expect(hoursConflict(late, offering, TODAY)).toBe(true)
    expect(hoursConflict(late, { ...offering, unit: 'day' }, TODAY)).toBe(false)
  })

  it('for a visit are as long as the staff are busy with it, and never longer than it is open', () => {
    const offering = open({ unit: 'visit', staffMinutesPerUnit: 45 }, [{ opens: '09:00', closes: '12:00' }])
    const need = (closes: string) => wanted({ acceptableHours: monday('11:00', closes) })
    expect(hoursConflict(need('11:45'), offering, TODAY)).toBe(false)
    expect(hoursConflict(need('11:44'), offering, TODAY)).toBe(true)
    const whole = wanted({ acceptableHours: monday('09:00', '12:00') })
    expect(hoursConflict(whole, { ...offering, staffMinutesPerUnit: 600 }, TODAY)).toBe(false)
  })

  it('are no obstacle where nobody knows them, or the need names none', () => {
    const need = wanted({ acceptableHours: monday('09:00', '12:00'), neededBy: '2026-12-01' })
    expect(hoursConflict(need, open({ hours: null }), TODAY)).toBe(false)
    expect(hoursFit(need, open({ hours: null }), TODAY)).toEqual({ known: false, fitting: [], dates: [] })
    expect(hoursConflict(wanted(), open(), TODAY)).toBe(false)
    expect(hoursConflict(wanted({ acceptableHours: monday('09:00', '12:00') }), open(), TODAY)).toBe(true)
  })

  it('by a day are those of a date from today on, exceptions included', () => {
    const offering = open({}, [{ opens: '09:00', closes: '12:00' }])
    const by = (neededBy: string, today = TODAY) => hoursConflict(wanted({ neededBy }), offering, today)
    expect(by('2026-11-30')).toBe(false)
    expect(by('2026-12-06', '2026-12-01')).toBe(true)
    expect(by('2026-12-07', '2026-12-01')).toBe(false)
    // Of December: the Monday in November does not count.
    expect(by('2026-12-06')).toBe(true)
    expect(by('2026-12-07', '2026-12-08')).toBe(true)
    expect(hoursConflict(wanted({ neededBy: '2026-12-07' }), open({ hours: null }), '2026-12-08')).toBe(true)
    const exceptions = [
      { date: '2026-12-07', intervals: [] },
      { date: '2026-12-09', intervals: [{ opens: '20:00', closes: '24:00' }] },
    ]
    const excepted = { ...offering, hours: { ...offering.hours!, exceptions } }
    expect(hoursConflict(wanted({ neededBy: '2026-12-08' }), excepted, '2026-12-01')).toBe(true)
    expect(hoursFit(wanted({ neededBy: '2026-12-15' }), excepted, '2026-12-01').dates).toEqual([
      { date: '2026-12-09', opens: '20:00', closes: '24:00' },
      { date: '2026-12-14', opens: '09:00', closes: '12:00' },
    ])
  })
})

const MINUTES = Array.from({ length: 1440 }, (_, minute) => clock(minute))

/** The minutes of a day that lie in one of the intervals. */
const minutesIn = (intervals: readonly Interval[]): boolean[] =>
  MINUTES.map((time) => intervals.some(({ opens, closes }) => opens <= time && time < closes))
function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** Stretches of minutes that follow each other. */
function stretches(minutes: readonly boolean[]): Interval[] {
  const found: Interval[] = []
  let opens = -1
  for (let minute = 0; minute <= 1440; minute++) {
    if (minutes[minute] && opens < 0) opens = minute
    if (minutes[minute] || opens < 0) continue
    found.push({ opens: clock(opens), closes: clock(minute) })
    opens = -1
  }
  return found
}
const length = ({ opens, closes }: Interval) =>
  (Date.parse(`2026-01-01T${closes.replace('24:00', '23:59')}Z`) - Date.parse(`2026-01-01T${opens}Z`)) /
    60_000 +
  (closes === '24:00' ? 1 : 0)

/** What fits on one day, minute by minute. */
function fitting(day: string, need: NeedHours, offering: OfferingHours, intervals: readonly Interval[]) {
  const acceptable = minutesIn(
    need.acceptableHours?.filter((one) => one.day === day) ?? [{ opens: '00:00', closes: '24:00' }],
  )
  const isOpen = minutesIn(intervals)
  const unit = {
    hour: 60,
    visit: offering.staffMinutesPerUnit,
    meal: offering.staffMinutesPerUnit,
    day: 1,
    month: 1,
  }
  const longest = Math.max(0, ...stretches(isOpen).map(length))
  const least = Math.min(longest, Math.max(1, unit[offering.unit]))
  return stretches(isOpen.map((yes, minute) => yes && acceptable[minute]!)).filter(
    (one) => length(one) >= least,
  )
}

const day = fc.nat(14).map((days) => addDays(TODAY, days))

it('says what looking at every minute says', () => {
  let [conflicts, served] = [0, 0]
  fc.assert(
    fc.property(
      fc.record({
        acceptableHours: fc.option(weeklyHours(1)),
        neededBy: fc.option(day.filter((date) => date > TODAY)),
        weekly: weeklyHours(0),
        exceptions: fc.uniqueArray(
          fc.record({ date: day, intervals: fc.array(interval, { maxLength: 2 }) }),
          { selector: ({ date }) => date, maxLength: 6 },
        ),
        unit: fc.constantFrom('visit' as const, 'hour' as const, 'day' as const, 'meal' as const),
        staffMinutesPerUnit: fc.constantFrom(0, 15, 40, 300),
        today: day,
      }),
      ({ acceptableHours, neededBy, weekly, exceptions, unit, staffMinutesPerUnit, today }) => {
        const need = { acceptableHours, neededBy }
        const offering = { unit, staffMinutesPerUnit, hours: { timeZone: 'UTC', weekly, exceptions } }
        const week = DAYS.flatMap((day) =>
          fitting(
            day,
            need,
            offering,
            weekly.filter((one) => one.day === day),
          ).map((one) => ({ day, ...one })),
        )
        const from = [today, '2026-12-01'].sort()[1]!
        const dates = Array.from({ length: 40 }, (_, days) => addDays(from, days))
          .filter((date) => neededBy !== null && date <= neededBy)
          .flatMap((date) =>
            fitting(weekdayOf(date), need, offering, intervalsOn(offering.hours, date)).map((one) => ({
              date,
              ...one,
            })),
          )
        expect(hoursFit(need, offering, today)).toEqual({
          known: true,
          fitting: week,
          dates: neededBy === null ? null : dates,
        })
        const none = neededBy === null ? acceptableHours !== null && week.length === 0 : dates.length === 0
        expect(hoursConflict(need, offering, today)).toBe(none)
        if (none) conflicts++
        else served++
      },
    ),
    { seed: 3, numRuns: 100 },
  )
  expect(Math.min(conflicts, served)).toBeGreaterThan(15)
})
