import fc from 'fast-check'
import rrule from 'rrule'
import { describe, expect, it } from 'vitest'
import { addDays, type Hours, intervalsOn } from '../../../src/features/catalog/hours.ts'
import { type Recurrence, recurrencesOf } from '../../../src/features/catalog/recurrences.ts'
import { anyHours, FIRST_DATE } from './any-hours.ts'

/** What the library expands the text to, as `date opens closes`; the zone is left out, so that it counts wall clocks. */
function expand(recurrences: Recurrence[], from: string, days: number): string[] {
  const until = new Date(`${addDays(from, days)}T00:00:00Z`)
  return recurrences
    .flatMap(({ rule, opens, closes }) =>
      rrule
        .rrulestr(rule.replaceAll(/;TZID=[^:]+/g, ''), { forceset: true })
        .between(new Date(`${from}T00:00:00Z`), until, true)
        .filter((at) => at < until)
        .map((at) => {
          expect(at.toISOString().slice(11, 16)).toBe(opens)
          return `${at.toISOString().slice(0, 10)} ${opens} ${closes}`
        }),
    )
    .sort()
}

function listed(hours: Hours, from: string, days: number): string[] {
  return Array.from({ length: days }, (_, day) => addDays(from, day))
    .flatMap((date) => intervalsOn(hours, date).map(({ opens, closes }) => `${date} ${opens} ${closes}`))
    .sort()
}

describe('recurrencesOf', () => {
  it('writes one recurrence per interval, with its exceptions', () => {
    const hours: Hours = {
      timeZone: 'Asia/Taipei',
      weekly: [
        { day: 'TU', opens: '09:00', closes: '12:00' },
        { day: 'TH', opens: '09:00', closes: '12:00' },
      ],
      exceptions: [
        { date: '2026-12-03', intervals: [] },
        { date: '2026-12-04', intervals: [{ opens: '09:00', closes: '12:00' }] },
        { date: '2026-12-08', intervals: [{ opens: '10:00', closes: '11:00' }] },
      ],
    }
    expect(recurrencesOf(hours, '2026-12-02')).toEqual([
      {
        opens: '09:00',
        closes: '12:00',
        rule: [
          'DTSTART;TZID=Asia/Taipei:20261203T090000',
          'RRULE:FREQ=WEEKLY;BYDAY=TU,TH',
          'RDATE;TZID=Asia/Taipei:20261204T090000',
          'EXDATE;TZID=Asia/Taipei:20261203T090000,20261208T090000',
        ].join('\n'),
      },
      {
        opens: '10:00',
        closes: '11:00',
        rule: 'DTSTART;TZID=Asia/Taipei:20261208T100000\nRRULE:FREQ=DAILY;COUNT=1',
      },
    ])
  })

  it('expands, in the library’s own hands, to the intervals of every date', () => {
    fc.assert(
      fc.property(anyHours, fc.integer({ min: 0, max: 10 }), (hours, later) => {
        const from = addDays(FIRST_DATE, later)
        const recurrences = recurrencesOf(hours, from)
        expect(expand(recurrences, from, 40)).toEqual(listed(hours, from, 40))
      }),
      { numRuns: 200 },
    )
  })

  it('names the zone wherever it names a time', () => {
    fc.assert(
      fc.property(anyHours, (hours) => {
        const lines = recurrencesOf(hours, FIRST_DATE).flatMap(({ rule }) => rule.split('\n'))
        const timed = lines.filter((line) => !line.startsWith('RRULE'))
        const zone = hours.timeZone === 'UTC' ? /^[A-Z]+:[^;]*Z|;TZID=UTC:/ : `;TZID=${hours.timeZone}:`
        for (const line of timed) expect(line).toMatch(zone)
      }),
    )
  })
})
