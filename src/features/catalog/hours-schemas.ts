import { z } from '@hono/zod-openapi'
import { isTimeZone } from '../../platform/time-zone.ts'
import type { Interval } from './hours.ts'

export const Weekday = z.enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'])

const Opens = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 09:00')
const Closes = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day such as 17:00, at most 24:00')

const interval = { opens: Opens.openapi({ example: '09:00' }), closes: Closes.openapi({ example: '17:00' }) }

const endsAfterItBegins = ({ opens, closes }: Interval) => opens < closes
const PAST_MIDNIGHT = {
  path: ['closes'],
  message:
    'must be after opens; hours past midnight are two intervals, one until 24:00 and one from 00:00 of the next day',
}

const DayInterval = z.strictObject(interval).refine(endsAfterItBegins, PAST_MIDNIGHT)
const WeeklyInterval = z.strictObject({ day: Weekday, ...interval }).refine(endsAfterItBegins, PAST_MIDNIGHT)

const HoursException = z.strictObject({
  date: z.iso.date(),
  intervals: z
    .array(DayInterval)
    .max(10)
    .refine((all) => !overlaps(all), 'two intervals overlap')
    .openapi({ description: 'What holds on this date instead of the weekly hours; empty = closed' }),
})

const TimeZone = z.string().max(64).refine(isTimeZone, 'an IANA time zone such as Asia/Taipei').openapi({
  example: 'Asia/Taipei',
  description: 'IANA time zone; the deployment’s own where it is not given',
})

/** Hours as they are sent. */
export const Hours = z
  .strictObject({
    timeZone: TimeZone.optional(),
    weekly: z
      .array(WeeklyInterval)
      .max(70)
      .default([])
      .refine(
        (all) => Weekday.options.every((day) => !overlaps(all.filter((one) => one.day === day))),
        'two intervals of a day overlap',
      ),
    exceptions: z
      .array(HoursException)
      .max(400)
      .default([])
      .refine((all) => new Set(all.map(({ date }) => date)).size === all.length, 'a date stands here twice'),
  })
  .openapi({ description: 'Weekly hours on the wall clock, and dates on which others hold' })

/** Null = not known. Without a name in the document: `.nullable()` of a named schema is lost there. */
export const OptionalHours = Hours.nullable()

/** Hours that replace a part of those known; a list is replaced whole. */
export const HoursPatch = z.strictObject({
  timeZone: TimeZone.nullable().optional(),
  weekly: z.array(z.unknown()).nullable().optional(),
  exceptions: z.array(z.unknown()).nullable().optional(),
})

export const Recurrence = z
  .object({
    opens: z.string(),
    closes: z.string(),
    rule: z.string().openapi({
      description: 'RFC 5545: DTSTART, RRULE, RDATE and EXDATE, a line each',
      example: 'DTSTART;TZID=Asia/Taipei:20261201T090000\nRRULE:FREQ=WEEKLY;BYDAY=TU,TH',
    }),
  })
  .openapi('Recurrence')

function overlaps(intervals: readonly Interval[]): boolean {
  const inOrder = [...intervals].sort((one, other) => (one.opens < other.opens ? -1 : 1))
  return inOrder.some((one, at) => at > 0 && one.opens < inOrder[at - 1]!.closes)
}
