import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/platform/config.ts'
import { createContext } from '../../src/platform/context.ts'
import { isTimeZone, localTime } from '../../src/platform/time-zone.ts'

describe('localTime', () => {
  it.each([
    ['Asia/Taipei', '2026-12-31T16:00:00Z', { date: '2027-01-01', time: '00:00' }],
    ['America/New_York', '2026-07-01T03:59:59Z', { date: '2026-06-30', time: '23:59' }],
    ['Asia/Kathmandu', '2026-07-01T00:00:00Z', { date: '2026-07-01', time: '05:45' }],
  ])('reads the wall clock of %s', (zone, instant, shown) => {
    expect(localTime(zone, new Date(instant))).toEqual(shown)
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
