import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, type Hours, intervalsOn, nextOpening, openAt } from '../../../src/features/catalog/hours.ts'
import { Hours as HoursSchema } from '../../../src/features/catalog/hours-schemas.ts'
import { anyHours } from './any-hours.ts'

const STATION: Hours = {
  timeZone: 'Asia/Taipei',
  weekly: [
    { day: 'MO', opens: '13:30', closes: '17:00' },
    { day: 'MO', opens: '08:00', closes: '12:00' },
    { day: 'SA', opens: '22:00', closes: '24:00' },
    { day: 'SU', opens: '00:00', closes: '02:00' },
  ],
  exceptions: [
    { date: '2026-12-07', intervals: [] },
    { date: '2026-12-08', intervals: [{ opens: '10:00', closes: '11:00' }] },
  ],
}

/** A minute of Taipei, eight hours ahead of UTC all year. */
const taipei = (text: string) => new Date(`${text}:00+08:00`)

describe('openAt', () => {
  it.each([
    ['2026-11-30T07:59', false],
    ['2026-11-30T08:00', true],
    ['2026-11-30T11:59', true],
    ['2026-11-30T12:00', false],
    ['2026-11-30T13:30', true],
    ['2026-12-05T23:59', true],
    ['2026-12-06T00:00', true],
    ['2026-12-06T02:00', false],
    ['2026-12-07T09:00', false],
    ['2026-12-08T10:30', true],
    ['2026-12-08T09:00', false],
  ])('at %s in Taipei: %s', (at, open) => {
    expect(openAt(STATION, taipei(at))).toBe(open)
  })

  it('goes by the wall clock, also when that is moved', () => {
    const timeZone = 'Europe/Berlin'
    const hours: Hours = {
      timeZone,
      weekly: [{ day: 'SU', opens: '09:00', closes: '10:00' }],
      exceptions: [],
    }
    expect(openAt(hours, new Date('2026-10-18T07:30:00Z'))).toBe(true)
    expect(openAt(hours, new Date('2026-10-25T07:30:00Z'))).toBe(false)
    expect(openAt(hours, new Date('2026-10-25T08:30:00Z'))).toBe(true)
  })
})

describe('nextOpening', () => {
  it.each([
    ['2026-11-30T09:15', '2026-11-30T09:15'],
    ['2026-11-30T12:10', '2026-11-30T13:30'],
    ['2026-11-30T17:00', '2026-12-05T22:00'],
    ['2026-12-06T02:00', '2026-12-08T10:00'],
    ['2026-12-08T11:00', '2026-12-12T22:00'],
  ])('from %s: %s', (from, opens) => {
    expect(nextOpening(STATION, taipei(from))).toEqual(taipei(opens))
  })

  it('is null where it never opens again', () => {
    const never: Hours = { timeZone: 'UTC', weekly: [], exceptions: [] }
    expect(nextOpening(never, taipei('2026-12-01T00:00'))).toBeNull()
    const once = {
      ...never,
      exceptions: [{ date: '2030-01-01', intervals: [{ opens: '10:00', closes: '11:00' }] }],
    }
    expect(nextOpening(once, new Date('2026-12-01T00:00:00Z'))).toEqual(new Date('2030-01-01T10:00:00Z'))
    expect(nextOpening(once, new Date('2030-01-01T11:00:00Z'))).toBeNull()
  })

  it('looks past a year of closed days', () => {
    const mondays = Array.from({ length: 60 }, (_, week) => ({
      date: addDays('2026-12-07', 7 * week),
      intervals: [],
    }))
    const weekly = [{ day: 'MO' as const, opens: '08:00', closes: '09:00' }]
    const hours: Hours = { timeZone: 'UTC', weekly, exceptions: mondays }
    const after = new Date(`${addDays('2026-12-07', 7 * 60)}T08:00:00Z`)
    expect(nextOpening(hours, new Date('2026-12-07T00:00:00Z'))).toEqual(after)
  })

  it.each([
    ['a gap swallows the opening', '02:30', '03:30', '2026-03-29T00:00:00Z', '2026-03-29T01:00:00Z'],
    ['a gap swallows the whole interval', '02:15', '02:45', '2026-03-29T00:00:00Z', '2026-04-05T00:15:00Z'],
    ['an hour comes twice', '02:10', '02:20', '2026-10-25T00:25:00Z', '2026-10-25T01:10:00Z'],
    [
      'the clock is put back into the interval',
      '01:30',
      '02:30',
      '2026-10-25T00:45:00Z',
      '2026-10-25T01:00:00Z',
    ],
  ])('where %s', (_what, opens, closes, from, expected) => {
    const hours: Hours = { timeZone: 'Europe/Berlin', weekly: [{ day: 'SU', opens, closes }], exceptions: [] }
    expect(nextOpening(hours, new Date(from))).toEqual(new Date(expected))
  })

  it('is the first open minute that a walk through all minutes finds', () => {
    const start = Date.parse('2026-10-23T00:00:00Z')
    fc.assert(
      fc.property(anyHours, fc.integer({ min: 0, max: 3 * 1440 }), (hours, minutes) => {
        const from = start + minutes * 60_000
        const found = nextOpening(hours, new Date(from))
        const end = found ? found.getTime() : from + 3 * 86_400_000
        for (let at = from; at < end; at += 60_000) expect(openAt(hours, new Date(at))).toBe(false)
        if (found) expect(openAt(hours, found)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

describe('intervalsOn', () => {
  it('gives the intervals of a date in order', () => {
    expect(intervalsOn(STATION, '2026-11-30').map(({ opens }) => opens)).toEqual(['08:00', '13:30'])
    expect(intervalsOn(STATION, '2026-12-07')).toEqual([])
  })
})

describe('hours from outside', () => {
  const interval = { day: 'MO', opens: '09:00', closes: '17:00' }
  const date = '2026-12-25'
  it.each([
    ['past midnight', { weekly: [{ ...interval, opens: '22:00', closes: '02:00' }] }, 'weekly/0/closes'],
    ['of no length', { weekly: [{ ...interval, closes: '09:00' }] }, 'weekly/0/closes'],
    ['of no day', { weekly: [{ ...interval, day: 'XX' }] }, 'weekly/0/day'],
    ['at no time', { weekly: [{ ...interval, closes: '24:01' }] }, 'weekly/0/closes'],
    ['that overlap', { weekly: [interval, { ...interval, opens: '16:59', closes: '18:00' }] }, 'weekly'],
    ['on no date', { exceptions: [{ date: '2026-02-30', intervals: [] }] }, 'exceptions/0/date'],
    [
      'on a date twice',
      {
        exceptions: [
          { date, intervals: [] },
          { date, intervals: [] },
        ],
      },
      'exceptions',
    ],
    ['in no zone', { timeZone: 'Asia/Atlantis' }, 'timeZone'],
    ['as a rule', { rrule: 'FREQ=DAILY' }, ''],
  ])('are refused %s', (_what, hours, path) => {
    const { error } = HoursSchema.safeParse(hours)
    expect(error?.issues.map((issue) => issue.path.join('/'))).toEqual([path])
  })

  it('say how to write hours past midnight', () => {
    const { error } = HoursSchema.safeParse({ weekly: [{ day: 'SA', opens: '22:00', closes: '02:00' }] })
    expect(error?.issues[0]?.message).toContain('one until 24:00 and one from 00:00 of the next day')
  })

  it('are taken with several intervals a day that touch', () => {
    const weekly = [interval, { ...interval, opens: '17:00', closes: '24:00' }]
    expect(HoursSchema.parse({ weekly })).toEqual({ weekly, exceptions: [] })
  })

  it('are taken as they are generated for these tests', () => {
    fc.assert(
      fc.property(anyHours, (hours) => {
        expect(HoursSchema.parse(hours)).toEqual(hours)
      }),
    )
  })
})
