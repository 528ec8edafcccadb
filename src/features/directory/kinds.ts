/**
 * The records of Open Referral HSDS 3.1: which there are, the fields of each, how they link, and the file of each in a
 * tabular data package; with the fields of our Profile. Names, types and formats are facts of the standard
 * (https://docs.openreferral.org/en/v3.1/hsds/schema_reference.html); everything that reads, writes, checks or serves
 * records follows this table.
 */
import { DETAIL_KINDS } from './detail-kinds.ts'
import type { Field, Kind } from './field.ts'
import { LISTING_KINDS } from './listing-kinds.ts'
import { RECORD_KIND_NAMES, type RecordKind } from './record.ts'

const TABLE: Readonly<Record<RecordKind, Kind>> = { ...LISTING_KINDS, ...DETAIL_KINDS }

/** In the order of `RECORD_KIND_NAMES`: a record comes after those it needs. */
export const KINDS = Object.fromEntries(RECORD_KIND_NAMES.map((kind) => [kind, TABLE[kind]])) as Readonly<
  Record<RecordKind, Kind>
>

/** The links of a kind: field name and field. */
export function linksOf(kind: RecordKind): [string, Field][] {
  return Object.entries(KINDS[kind].fields).filter(([, field]) => field.link !== undefined)
}

/** Kinds that are said of a service or of a service at a location. */
export const SAID_OF_SERVICES: ReadonlySet<RecordKind> = new Set(
  RECORD_KIND_NAMES.filter((kind) => {
    const { service_id: ofService, service_at_location_id: ofPlace } = KINDS[kind].fields
    return ofService !== undefined || ofPlace !== undefined
  }),
)
