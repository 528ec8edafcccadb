/** Elements that several resources share, from nested directory records. */
import type { Address, ContactPoint } from 'fhir/r4.js'
import type { Nested } from '../directory/nest.ts'
import type { JsonValue } from '../directory/record.ts'

/** A text field, or undefined where it is absent or empty: FHIR allows no empty strings. */
export function text(record: Nested, name: string): string | undefined {
  const value = record[name]
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** The records of a nested collection. */
export function listOf(record: Nested, name: string): Nested[] {
  return (record[name] as Nested[] | undefined) ?? []
}

/** The object without what is undefined or empty. */
export function compact<T extends object>(element: T): T {
  const told = Object.entries(element).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(told) as T
}

export function toAddress(address: Nested): Address {
  const [city, state, postalCode, country] = ['city', 'state_province', 'postal_code', 'country'].map(
    (name) => text(address, name),
  )
  const line = [text(address, 'address_1'), text(address, 'address_2')].filter((part) => part !== undefined)
  const parts = [...line, city, [state, postalCode].filter(Boolean).join(' '), country]
  return compact({
    use: 'work' as const,
    type: address.address_type === 'postal' ? ('postal' as const) : ('physical' as const),
    text: parts.filter(Boolean).join(', ') || undefined,
    line,
    city,
    district: text(address, 'region'),
    state,
    postalCode,
    country,
  })
}

/** Systems of telephones, as the guide maps HSDS's types. */
const PHONE_SYSTEMS: Record<string, ContactPoint['system']> = {
  fax: 'fax',
  pager: 'pager',
  text: 'sms',
  textphone: 'sms',
  video: 'other',
}

/** How to reach somebody: telephones of the record, its email and its web address. */
export function toTelecom(record: Nested, web: string): ContactPoint[] {
  const phones = listOf(record, 'phones').map((phone) => {
    const extension = phone.extension === undefined ? '' : ` ext. ${phone.extension}`
    const system = PHONE_SYSTEMS[String(phone.type ?? '').toLowerCase()] ?? 'phone'
    return { system, value: `${phone.number}${extension}`, use: 'work' as const }
  })
  const email = text(record, 'email')
  const url = text(record, web)
  return [
    ...phones,
    ...(email ? [{ system: 'email' as const, value: email, use: 'work' as const }] : []),
    ...(url ? [{ system: 'url' as const, value: url, use: 'work' as const }] : []),
  ]
}

type Day = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** iCalendar's days as FHIR's. */
export const DAYS: Readonly<Record<string, Day>> = {
  MO: 'mon',
  TU: 'tue',
  WE: 'wed',
  TH: 'thu',
  FR: 'fri',
  SA: 'sat',
  SU: 'sun',
}

/** Weekly opening times of a schedule; null where it is not one that FHIR can say. */
export function weeklyHours(schedule: Nested): { daysOfWeek: Day[]; opens?: string; closes?: string } | null {
  const days = String(schedule.byday ?? '')
    .split(',')
    .flatMap((day) => DAYS[day.trim().toUpperCase()] ?? [])
  if (days.length === 0 || schedule.freq === 'MONTHLY') return null
  const [opens, closes] = [timeOf(schedule.opens_at), timeOf(schedule.closes_at)]
  return { daysOfWeek: days, ...(opens && { opens }), ...(closes && { closes }) }
}

/** FHIR's time has seconds and no zone. */
function timeOf(value: JsonValue | undefined): string | undefined {
  const match = /^(\d{2}):(\d{2})(?::(\d{2}))?/.exec(String(value ?? ''))
  return match ? `${match[1]}:${match[2]}:${match[3] ?? '00'}` : undefined
}
