/** One value of a feed against what its field should hold. */
import type { Field } from '../../directory/field.ts'
import type { JsonValue } from '../../directory/record.ts'
import { spelledDate, spelledInstant, spelledTime } from './spelled-dates.ts'

/** The value to keep (undefined = none), and what was wrong with the one that came. */
export interface CleanValue {
  value?: JsonValue
  reason?: string
}

/**
 * Reads one value: text is trimmed, numbers, dates and times may be spelled in the common ways, web addresses without
 * a scheme get one, codes may differ in case. Nothing is guessed beyond that: what does not fit comes back without a
 * value and with a reason. `null`, blank text and absent values are no flaw.
 */
export function cleanValue(field: Field, raw: unknown): CleanValue {
  if (raw === undefined || raw === null) return {}
  if (field.type === 'object' || field.type === 'array') return jsonValue(field.type, raw)
  if (typeof raw === 'object') return { reason: `should be ${aKind(field)}, and is ${described(raw)}` }
  const text = String(raw).trim()
  if (text === '') return {}
  if (!isStorable(text)) return { reason: 'holds NUL or half a character' }
  if (field.type !== 'string') return numberValue(field, text)
  const { value, reason } = stringValue(field, text)
  if (value !== undefined && reason === undefined) {
    if (typeof raw !== 'string') return { value, reason: `a ${typeof raw} where text belongs: kept as text` }
    if (text.includes('\uFFFD')) return { value, reason: 'holds a character lost before it came here: kept' }
  }
  return reason === undefined ? { value: value! } : { ...(value !== undefined && { value }), reason }
}

function aKind(field: Field): string {
  if (field.type === 'integer') return 'a whole number'
  return field.type === 'number' ? 'a number' : 'text'
}

function described(raw: object): string {
  return Array.isArray(raw) ? 'a list' : 'an object'
}

/** With the `u` flag a surrogate pair is one character, so what the class finds stands alone. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text)
}

/**
 * What should be an object and is none stays as `{ unreadable }`: dropping a rule that says for whom a place is would
 * open it to everybody.
 */
function jsonValue(type: 'object' | 'array', raw: unknown): CleanValue {
  const value = typeof raw === 'string' ? parsed(raw) : raw
  if (typeof raw === 'string' && raw.trim() === '') return {}
  if (!isStorable((JSON.stringify(value) ?? '').replaceAll('\\u0000', '\0'))) {
    return { reason: 'holds NUL or half a character' }
  }
  const fits = type === 'array' ? Array.isArray(value) : isPlainObject(value)
  if (fits) return { value: value as JsonValue }
  if (type === 'array') return { reason: 'is no list' }
  return { value: { unreadable: raw as JsonValue }, reason: 'is no object: kept, of no use' }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function numberValue(field: Field, text: string): CleanValue {
  const bare = text
    .normalize('NFKC')
    .replace(/^([+-]?\d{1,3}(?:,\d{3})+)(?=$|\.)/, (head) => head.replaceAll(',', ''))
  const value = Number(bare)
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare) || !Number.isFinite(value)) {
    return { reason: `is not ${aKind(field)}` }
  }
  if (field.type === 'integer' && !Number.isSafeInteger(value)) return { reason: 'is not a whole number' }
  return { value: Object.is(value, -0) ? 0 : value }
}

function stringValue(field: Field, text: string): CleanValue {
  if (field.codes !== undefined) return codeValue(field.codes, text)
  switch (field.format) {
    case 'email':
      return isEmail(text) ? { value: text } : { reason: 'is not an e-mail address' }
    case 'uri':
      return uriValue(text)
    case 'date':
      return dateValue(text)
    case 'time':
      return orReason(spelledTime(text), 'is not a time of day')
    case 'date-time':
      return orReason(spelledInstant(text), 'is not a date with a time')
    default:
      return { value: text }
  }
}

function orReason(value: string | null, reason: string): CleanValue {
  return value === null ? { reason } : { value }
}

function codeValue(codes: readonly string[], text: string): CleanValue {
  const same = (code: string) => code.toLowerCase().replace(/[\s_-]+/g, ' ')
  const found = codes.find((code) => same(code) === same(text))
  return found === undefined ? { reason: `is none of ${codes.join(', ')}` } : { value: found }
}

function isEmail(text: string): boolean {
  return /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/i.test(
    text,
  )
}

const SCHEMELESS = /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?$/i

function uriValue(text: string): CleanValue {
  const added = SCHEMELESS.test(text)
  const full = added ? `https://${text}` : text
  if (!/^[a-z][a-z\d+.-]*:\S+$/i.test(full) || !URL.canParse(full)) return { reason: 'is not a web address' }
  const value = /^[\x21-\x7e]+$/.test(full) ? full : new URL(full).href
  return added ? { value, reason: 'has no scheme: https:// is put before it' } : { value }
}

function dateValue(text: string): CleanValue {
  const date = spelledDate(text)
  if (date === null) return { reason: 'is not a date' }
  return date.ambiguous
    ? { value: date.iso, reason: 'could be day/month: read as month/day' }
    : { value: date.iso }
}
