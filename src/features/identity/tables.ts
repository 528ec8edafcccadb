import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  char,
  check,
  foreignKey,
  index,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'

export const organizationKind = pgEnum('organization_kind', [
  'provider',
  'purchaser',
  'supervisor',
  'partner',
  'operator',
])

export const sector = pgEnum('sector', ['government', 'ngo', 'market', 'joint'])

export const organizations = pgTable(
  'organizations',
  {
    id: id(),
    kind: organizationKind('kind').notNull(),
    name: text('name').notNull(),
    /** Providers only. */
    sector: sector('sector'),
    /** Stable key in the source the organization was imported from. */
    sourceRef: text('source_ref').unique('organizations_source_ref'),
    /** The organization that this one is a part of in law; null = it is a body of its own. */
    bodyId: uuid('body_id').references((): AnyPgColumn => organizations.id),
    /** A purchaser of another body that approves what this one creates; needed where its body is a provider too. */
    secondBodyId: uuid('second_body_id').references((): AnyPgColumn => organizations.id),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    unique('organizations_id_kind').on(table.id, table.kind),
    check(
      'organizations_sector_of_providers',
      sql`(${table.kind} = 'provider') = (${table.sector} is not null)`,
    ),
    index('organizations_body').on(table.bodyId),
  ],
)

export const role = pgEnum('role', [
  'partner',
  'provider',
  'purchaser.officer',
  'purchaser.finance',
  'supervisor',
  'operator',
])

/** People and apps of an organization. The role must fit the organization's kind: the database checks it. */
export const principals = pgTable(
  'principals',
  {
    id: id(),
    organizationId: uuid('organization_id').notNull(),
    organizationKind: organizationKind('organization_kind').notNull(),
    role: role('role').notNull(),
    name: text('name').notNull(),
    /**
     * Root of the community subtree a purchaser or supervisor may reach; null = every area. No foreign key: areas are
     * to the right.
     */
    areaId: uuid('area_id'),
    active: boolean('active').notNull().default(true),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    foreignKey({
      name: 'principals_organization',
      columns: [table.organizationId, table.organizationKind],
      foreignColumns: [organizations.id, organizations.kind],
    }),
    check(
      'principals_role_fits_kind',
      sql`split_part(${table.role}::text, '.', 1) = ${table.organizationKind}::text`,
    ),
    index('principals_organization_id').on(table.organizationId),
  ],
)

/** Only a hash of a key is stored; its secret is shown once. */
export const apiKeys = pgTable('api_keys', {
  id: id(),
  principalId: uuid('principal_id')
    .notNull()
    .references(() => principals.id),
  hash: char('hash', { length: 64 }).notNull().unique('api_keys_hash'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at'),
  revokedAt: instant('revoked_at'),
})

export const dutyKind = pgEnum('duty_kind', ['create', 'approve', 'settle', 'supervise'])

/**
 * One person has at most one duty on an object, administrators included: that is the primary key. Triggers see to it
 * that only the role that a duty belongs to takes it, that a body does not supervise what it purchases, and that duties
 * stay as they were taken.
 */
export const duties = pgTable(
  'duties',
  {
    objectId: uuid('object_id').notNull(),
    principalId: uuid('principal_id')
      .notNull()
      .references(() => principals.id),
    duty: dutyKind('duty').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ name: 'duties_one_per_person', columns: [table.objectId, table.principalId] })],
)
