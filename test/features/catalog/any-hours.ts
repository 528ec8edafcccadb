/** Random hours that are valid: for the properties of everything that reads hours. */
import fc from 'fast-check'
import type { Hours, Interval, Weekday } from '../../../src/features/catalog/hours.ts'
import { addDays } from '../../../src/features/catalog/hours.ts'

const DAYS: Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

const clock = (quarters: number) =>
  `${String(Math.floor(quarters / 4)).padStart(2, '0')}:${String((quarters % 4) * 15).padStart(2, '0')}`

/** Up to three intervals of a day that do not overlap: distinct times in order, taken in pairs. */
const day: fc.Arbitrary<Interval[]> = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 })
  .map((times) => times.sort((a, b) => a - b))
  .map((times) =>
    Array.from({ length: Math.floor(times.length / 2) }, (_, at) => ({
      opens: clock(times[2 * at]!),
      closes: clock(times[2 * at + 1]!),
    })),
  )

/** The days on which anyHours can have exceptions. */
export const FIRST_DATE = '2026-10-20'

export const anyHours: fc.Arbitrary<Hours> = fc
  .record({
    timeZone: fc.constantFrom('Asia/Taipei', 'Europe/Berlin', 'America/New_York', 'UTC'),
    week: fc.array(fc.option(day, { nil: [] }), { minLength: 7, maxLength: 7 }),
    exceptions: fc.uniqueArray(fc.record({ date: fc.integer({ min: 0, max: 20 }), intervals: day }), {
      maxLength: 5,
      selector: ({ date }) => date,
    }),
    // Exceptions that repeat a weekday's hours, whole or in part, are where rules of recurrence go wrong.
    copied: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ timeZone, week, exceptions, copied }) => ({
    timeZone,
    weekly: week.flatMap((intervals, at) => intervals.map((interval) => ({ day: DAYS[at]!, ...interval }))),
    exceptions: exceptions.map(({ date, intervals }, at) => ({
      date: addDays(FIRST_DATE, date),
      intervals: at % 2 ? week[copied]! : intervals,
    })),
  }))
