import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  json,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import type { JsonValue } from '../directory/record.ts'
import { directoryKind, linkColumns } from '../directory/tables.ts'
import { organizations, sector } from '../identity/tables.ts'
import type { FeedSource, ImportProgress, ImportResult } from './schemas.ts'

/** Directories of others that are taken in, each under its name: the namespace of its ids. */
export const feeds = pgTable('feeds', {
  id: id(),
  name: text('name').notNull().unique('feeds_name'),
  /** Who imports it; null = the operator's command line. */
  organizationId: uuid('organization_id').references(() => organizations.id),
  /** Where its last import read from. */
  source: jsonb('source').$type<FeedSource>().notNull(),
  /** Source id under which it lists the organization that imports it. */
  ownSourceId: text('own_source_id'),
  /** Sector of its organizations that name none. */
  sector: sector('sector'),
  createdAt: instant('created_at').notNull(),
})

export const importState = pgEnum('import_state', ['queued', 'running', 'done', 'failed'])

/** One reading of a feed into the directory. */
export const imports = pgTable(
  'imports',
  {
    id: id(),
    feedId: uuid('feed_id')
      .notNull()
      .references(() => feeds.id),
    source: jsonb('source').$type<FeedSource>().notNull(),
    /** What was sent along with the order; taken away when the import has ended. */
    content: text('content'),
    /** Column map for files that are no HSDS; text, not jsonb, which forgets the order in which columns are made. */
    map: json('map').$type<JsonValue>(),
    dryRun: boolean('dry_run').notNull(),
    /** Whether a command performs it and waits for it, where else a job does. */
    attended: boolean('attended').notNull(),
    state: importState('state').notNull(),
    progress: jsonb('progress').$type<ImportProgress>().notNull(),
    result: jsonb('result').$type<ImportResult>(),
    failure: text('failure'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    // Two imports of one feed at a time would undo each other.
    uniqueIndex('imports_one_active').on(table.feedId).where(sql`${table.state} in ('queued', 'running')`),
    index('imports_feed').on(table.feedId),
  ],
)

export const flawOutcome = pgEnum('flaw_outcome', ['kept', 'refused'])

/** The quarantine report of an import: what was refused, and what was taken with a flaw. */
export const importFlaws = pgTable(
  'import_flaws',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id),
    ordinal: integer('ordinal').notNull(),
    file: text('file').notNull(),
    /** 1-based; 0 = the file as a whole. */
    line: integer('line').notNull(),
    field: text('field'),
    reason: text('reason').notNull(),
    value: text('value'),
    outcome: flawOutcome('outcome').notNull(),
  },
  (table) => [primaryKey({ name: 'import_flaws_in_order', columns: [table.importId, table.ordinal] })],
)

/**
 * What of a feed waits to be applied. This table stays empty: every import makes an unlogged one of its own in its
 * likeness, filled by COPY and dropped as a whole, so that a large feed leaves no dead rows behind.
 */
export const stagedRecords = pgTable('staged_records', {
  ordinal: bigint('ordinal', { mode: 'number' }).notNull(),
  kind: directoryKind('kind').notNull(),
  id: uuid('id').notNull(),
  ...linkColumns(),
  fields: jsonb('fields').$type<Record<string, JsonValue>>().notNull(),
  digest: text('digest').notNull(),
  file: text('file').notNull(),
  line: integer('line').notNull(),
  /** Whether it stands for a row of the file. */
  isRow: boolean('is_row').notNull(),
  /** A record that stood in the feed before, or of which a united one follows: not applied. */
  isRepeat: boolean('is_repeat').notNull(),
  /** United from several sightings. */
  isUnited: boolean('is_united').notNull(),
  /** Why it is not applied; found out after the COPY. */
  refusal: text('refusal'),
})
