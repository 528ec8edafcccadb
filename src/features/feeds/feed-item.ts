import type { RecordKind } from '../directory/record.ts'

/** Where something stands in a feed. */
export interface Place {
  file: string
  /** 1-based; for JSON the line or the ordinal of the object. */
  line: number
}

/** One record of a feed, before its fields are checked; ids and links are the source's own. */
export interface RawRecord {
  kind: RecordKind
  sourceId: string
  fields: Record<string, unknown>
  /** Field name (service_id, location_id …) to the source id it names. */
  links: Record<string, string>
  place: Place
  /** True: this record stands for one source row in the row accounts. */
  row?: boolean
}

/** What is wrong at a place. Refused: the row is not imported. Kept: it is, without the field or as noted. */
export interface Flaw {
  place: Place
  field: string | null
  reason: string
  value?: string
  outcome: 'kept' | 'refused'
}

/**
 * What a reader yields; `rows`, once per file, says how many data rows the file had.
 *
 * JSON files and live APIs show a record wherever it nests; their readers merge these sightings (`mergeSightings` in
 * json-merge.ts), so that each record comes once with all of its links, after the whole feed has been read. Whoever
 * applies the items merges nothing, and gets no record of a feed that breaks off.
 */
export type FeedItem = { record: RawRecord } | { flaw: Flaw } | { rows: { file: string; rows: number } }
