import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/platform/config.ts'
import { createContext } from '../../src/platform/context.ts'
import { isTimeZone, localTime, startOfMonth } from '../../src/platform/time-zone.ts'

describe('localTime', () => {
  it.each([
    ['Asia/Taipei', '2026-12-31T16:00:00Z', { date: '2027-01-01', time: '00:00' }],
    ['America/New_York', '2026-07-01T03:59:59Z', { date: '2026-06-30', time: '23:59' }],
    ['Asia/Kathmandu', '2026-07-01T00:00:00Z', { date: '2026-07-01', time: '05:45' }],
  ])('reads the wall clock of %s', (zone, instant, shown) => {
    expect(localTime(zone, new Date(instant))).toEqual(shown)
  })
})

describe('startOfMonth', () => {
  it.each([
    ['UTC', '2026-12', '2026-12-01T00:00:00.000Z'],
    ['Asia/Taipei', '2027-01', '2026-12-31T16:00:00.000Z'],
    ['America/New_York', '2026-07', '2026-07-01T04:00:00.000Z'],
    ['America/New_York', '2026-12', '2026-12-01T05:00:00.000Z'],
    ['Asia/Kathmandu', '2026-07', '2026-06-30T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2027-01', '2026-12-31T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2027-01', '2027-01-01T11:00:00.000Z'],
    // Clocks went from 23:59 to 01:00: there was no midnight.
    ['Asia/Amman', '2022-04', '2022-03-31T21:00:00.000Z'],
    ['America/Asuncion', '2017-10', '2017-10-01T04:00:00.000Z'],
  ])('is when clocks in %s first show %s', (zone, month, instant) => {
    expect(startOfMonth(zone, month).toISOString()).toBe(instant)
  })
})

describe('the time zone of a deployment', () => {
  it('is a setting, and a zone that exists', () => {
    expect(readConfig({ LIFECIRCLE_TIME_ZONE: 'Europe/Paris' }).LIFECIRCLE_TIME_ZONE).toBe('Europe/Paris')
    expect(isTimeZone(readConfig({}).LIFECIRCLE_TIME_ZONE)).toBe(true)
    expect(() => readConfig({ LIFECIRCLE_TIME_ZONE: 'Asia/Atlantis' })).toThrow(
      /^LIFECIRCLE_TIME_ZONE is not valid/,
    )
  })

  it('comes to every verb with its context', () => {
    const given = { db: {}, log: {}, encryptionKey: new Uint8Array(), currency: 'TWD', actor: {} } as never
    expect(createContext({ ...(given as object), timeZone: 'Europe/Paris' } as never).timeZone).toBe(
      'Europe/Paris',
    )
    expect(createContext(given).timeZone).toBe('UTC')
  })
})
