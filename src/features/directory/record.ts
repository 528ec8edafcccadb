/** One record of the directory, in the words of HSDS. */

export const RECORD_KIND_NAMES = [
  'organization',
  'program',
  'service',
  'service_at_location',
  'location',
  'address',
  'phone',
  'contact',
  'schedule',
  'funding',
  'service_area',
  'required_document',
  'language',
  'accessibility',
  'attribute',
  'taxonomy',
  'taxonomy_term',
  'metadata',
  'meta_table_description',
  'cost_option',
  'organization_identifier',
  'url',
  'service_capacity',
  'unit',
] as const

export type RecordKind = (typeof RECORD_KIND_NAMES)[number]

/** Fields that name another record. */
export const LINK_NAMES = [
  'organization_id',
  'program_id',
  'service_id',
  'location_id',
  'service_at_location_id',
  'contact_id',
  'phone_id',
  'taxonomy_id',
  'taxonomy_term_id',
  'parent_id',
  'link_id',
  'resource_id',
  'unit_id',
  'parent_organization_id',
] as const

export type LinkName = (typeof LINK_NAMES)[number]

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue }

/**
 * `fields` has HSDS's names, links such as `service_id` included (uuids), the id not. What a record does not say is
 * absent: never null, never ''.
 */
export interface DirectoryRecord {
  kind: RecordKind
  /** A uuid, unique within the kind. */
  id: string
  fields: Record<string, JsonValue>
}
