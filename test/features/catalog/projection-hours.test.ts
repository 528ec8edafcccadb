import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schedulesOf } from '../../../src/features/catalog/describe-hours.ts'
import { openAt } from '../../../src/features/catalog/hours.ts'
import { hoursOf } from '../../../src/features/catalog/projection-hours.ts'
import type { JsonValue } from '../../../src/features/directory/record.ts'
import { hours as anyHours } from './offering-inputs.ts'

const AT = { today: '2026-12-01', timeZone: 'Asia/Taipei' }
const week = (fields: Record<string, JsonValue>) => ({
  freq: 'WEEKLY',
  byday: 'MO',
  opens_at: '09:00:00',
  closes_at: '17:00:00',
  ...fields,
})
const NINE_TO_FIVE = { opens: '09:00', closes: '17:00' }

describe('schedules as hours', () => {
  it('are open when the hours they were written from are', () => {
    const instant = fc.date({ min: new Date('2026-11-01'), max: new Date('2028-12-01'), noInvalidDate: true })
    fc.assert(
      fc.property(anyHours, fc.array(instant, { maxLength: 20 }), (hours, instants) => {
        const schedules = [...schedulesOf(hours).values()].map(
          (fields) =>
            Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Record<
              string,
              JsonValue
            >,
        )
        const read = hoursOf(schedules, AT)
        expect(read.flaws).toEqual([])
        expect(read.hours!.timeZone).toBe(hours.timeZone)
        for (const at of instants) expect(openAt(read.hours!, at)).toBe(openAt(hours, at))
      }),
    )
  })

  it('read days, nights, offsets and overlaps', () => {
    expect(hoursOf([], AT)).toEqual({ hours: null, flaws: [] })
    const { hours, flaws } = hoursOf(
      [
        week({ byday: 'SU, mo', opens_at: '22:00', closes_at: '02:00' }),
        week({ byday: 'MO', opens_at: '01:00:00', closes_at: '03:00:00' }),
        week({ byday: 'TU', opens_at: '00:00:00', closes_at: '00:00:00' }),
        week({ byday: 'WE', until: '2026-11-30' }),
      ],
      AT,
    )
    expect(flaws).toEqual([])
    expect(hours).toEqual({
      timeZone: 'Asia/Taipei',
      weekly: [
        { day: 'MO', opens: '00:00', closes: '03:00' },
        { day: 'MO', opens: '22:00', closes: '24:00' },
        { day: 'TU', opens: '00:00', closes: '24:00' },
        { day: 'SU', opens: '22:00', closes: '24:00' },
      ],
      exceptions: [],
    })
    expect(hoursOf([week({ timezone: 9 })], AT).hours!.timeZone).toBe('Etc/GMT-9')
    expect(hoursOf([week({ timezone: -5 })], AT).hours!.timeZone).toBe('Etc/GMT+5')
    expect(hoursOf([week({ timezone: 3 }), week({ timezone: 4 })], AT).flaws).toHaveLength(1)
  })

  it('say what hours cannot', () => {
    const unsaid: Record<string, JsonValue>[] = [
      { freq: 'MONTHLY' },
      { interval: 2 },
      { count: 5 },
      { bymonthday: '1,2' },
      { byday: '1MO' },
      { byday: '' },
      { valid_from: '2027-06-01' },
      { opens_at: 'noon' },
      { closes_at: '09:00:00' },
    ]
    for (const fields of unsaid) {
      const { hours, flaws } = hoursOf([week(fields)], AT)
      expect([hours, flaws.length], JSON.stringify(fields)).toEqual([null, 1])
      const beside = hoursOf([week(fields), week({ byday: 'SA' })], AT)
      expect(beside.hours!.weekly).toEqual([{ day: 'SA', ...NINE_TO_FIVE }])
      expect(beside.flaws).toEqual(flaws)
    }
    const season = hoursOf([week({ valid_from: '2026-01-01', valid_to: '2026-12-31' })], AT)
    expect(season.hours!.weekly).toEqual([{ day: 'MO', ...NINE_TO_FIVE }])
    expect(season.flaws).toEqual(['hours until 2026-12-31: taken as weekly without end'])
  })

  it('never take a date for a week', () => {
    const date = { valid_from: '2026-12-25', valid_to: '2026-12-25' }
    const alone = hoursOf([{ ...date, notes: 'closed' }], AT)
    expect(alone).toEqual({ hours: null, flaws: ['exceptions of unknown weekly hours: left out'] })
    const { hours } = hoursOf([week({}), { ...date, opens_at: '10:00:00', closes_at: '12:00:00' }], AT)
    expect(hours!.exceptions).toEqual([
      { date: '2026-12-25', intervals: [{ opens: '10:00', closes: '12:00' }] },
    ])
  })
})
