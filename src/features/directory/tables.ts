import { sql } from 'drizzle-orm'
import { bigserial, index, jsonb, pgEnum, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../../platform/db/columns.ts'
import { type JsonValue, LINK_NAMES, RECORD_KIND_NAMES } from './record.ts'

export const directoryKind = pgEnum('directory_kind', RECORD_KIND_NAMES)

/** A column for each link. */
export const linkColumns = () => ({
  organization_id: uuid('organization_id'),
  program_id: uuid('program_id'),
  service_id: uuid('service_id'),
  location_id: uuid('location_id'),
  service_at_location_id: uuid('service_at_location_id'),
  contact_id: uuid('contact_id'),
  phone_id: uuid('phone_id'),
  taxonomy_id: uuid('taxonomy_id'),
  taxonomy_term_id: uuid('taxonomy_term_id'),
  parent_id: uuid('parent_id'),
  link_id: uuid('link_id'),
  resource_id: uuid('resource_id'),
  unit_id: uuid('unit_id'),
  parent_organization_id: uuid('parent_organization_id'),
})

/**
 * Every record of the directory: its links in columns, so that what hangs below an owner is found by index, and all
 * other fields as they came. No foreign keys: a feed may name an organization that another feed brings later.
 */
export const directoryRecords = pgTable(
  'directory_records',
  {
    kind: directoryKind('kind').notNull(),
    id: uuid('id').notNull(),
    /** The feed it came from; null = published here. Feeds are to the right, so no foreign key. */
    feedId: uuid('feed_id'),
    ...linkColumns(),
    fields: jsonb('fields').$type<Record<string, JsonValue>>().notNull(),
    /** SHA-256 over links and fields: a record put again unchanged is not written. */
    digest: text('digest').notNull(),
    /** Order of arrival: the order of lists, exports and nested arrays. */
    position: bigserial('position', { mode: 'number' }).notNull(),
    modifiedAt: instant('modified_at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'directory_records_identity', columns: [table.kind, table.id] }),
    index('directory_records_in_order').on(table.kind, table.position),
    index('directory_records_feed').on(table.feedId, table.kind).where(sql`feed_id is not null`),
    /** As place-filter.ts compares postal codes. */
    index('directory_records_postal_code')
      .on(sql`upper(replace(fields->>'postal_code', ' ', ''))`)
      .where(sql`kind = 'address'`),
    ...LINK_NAMES.map((name) =>
      index(`directory_records_${name}`)
        .on(table[name], table.kind)
        .where(sql.raw(`${name} is not null`)),
    ),
  ],
)

/**
 * Services at locations that are shown to nobody now, whoever describes them: a feed may go on telling of them, and
 * changes nothing by it. No foreign key: a feed may drop a record and bring it again.
 */
export const directoryWithheld = pgTable('directory_withheld', {
  placeId: uuid('place_id').primaryKey(),
})
