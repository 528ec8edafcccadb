/**
 * Confidential locations never leave: a shelter's or a person's address is in no answer and in no export. Where nobody
 * said whether a location is public, a person's address counts as confidential and a station's does not.
 */
import type { DirectoryRecord, JsonValue } from './record.ts'

/** All that is told of a confidential location; even its name may be an address. */
const TOLD = ['location_type', 'organization_id', 'address_of']

/** Whether a location's place may not be told; `fields` as of a location record. */
export function isConfidentialLocation(fields: Record<string, JsonValue>): boolean {
  return isConfidentialPlace(fields.visibility, fields.address_of)
}

/** The rule itself; what is not told is null or undefined. */
export function isConfidentialPlace(visibility: unknown, addressOf: unknown): boolean {
  return visibility === 'confidential' || ((visibility ?? null) === null && addressOf === 'person')
}

/** The record as anybody may see it: of a confidential location, only that it is there. */
export function redacted<T extends DirectoryRecord>(record: T): T {
  if (record.kind !== 'location' || !isConfidentialLocation(record.fields)) return record
  const kept = Object.entries(record.fields).filter(([name]) => TOLD.includes(name))
  return { ...record, fields: { ...Object.fromEntries(kept), visibility: 'confidential' } }
}

/**
 * The same rule as a condition on a row `location`, for records that would tell the place of another one: addresses,
 * descriptions of its entrance, and notes on either. True or false, never unknown: it is used negated too.
 */
export const CONFIDENTIAL_IN_SQL = `(coalesce(location.fields->>'visibility',
  case location.fields->>'address_of' when 'person' then 'confidential' else 'public' end) = 'confidential')`
