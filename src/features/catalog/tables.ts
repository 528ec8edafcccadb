import { sql } from 'drizzle-orm'
import {
  char,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../../platform/db/columns.ts'
import { areas } from '../communities/tables.ts'
import { organizations } from '../identity/tables.ts'
import type { Rule } from '../policies/eligibility.ts'

export const category = pgEnum('category', ['elderly_care', 'medical', 'cultural', 'life_care'])
export const tier = pgEnum('tier', ['basic', 'inclusive', 'personalized'])
export const mode = pgEnum('mode', ['onsite', 'home', 'remote'])
export const serviceUnit = pgEnum('service_unit', ['visit', 'hour', 'day', 'meal', 'month'])
export const offeringState = pgEnum('offering_state', ['published', 'withdrawn'])

/** Where services happen; shared by the offerings at one address. */
export const locations = pgTable(
  'locations',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    areaId: uuid('area_id').references(() => areas.id),
    name: text('name').notNull(),
    address: text('address').notNull(),
    /** Null where unknown: such a location is listed, but not matched by distance. */
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    sourceRef: text('source_ref').unique('locations_source_ref'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('locations_area').on(table.areaId)],
)

/** What an organization does, wherever it does it. */
export const services = pgTable(
  'services',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    name: text('name').notNull(),
    category: category('category').notNull(),
    /** Taxonomy term shared by services and needs, such as `day_care`. */
    term: text('term').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    unique('services_one_per_name').on(table.organizationId, table.category, table.term, table.name),
  ],
)

/** A service at a location: the unit of matching and of capacity. */
export const offerings = pgTable(
  'offerings',
  {
    id: id(),
    serviceId: uuid('service_id')
      .notNull()
      .references(() => services.id),
    locationId: uuid('location_id')
      .notNull()
      .references(() => locations.id),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    tier: tier('tier').notNull(),
    mode: mode('mode').notNull(),
    unit: serviceUnit('unit').notNull(),
    /** Minor units per unit of service. */
    price: amount('price').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    staffMinutesPerUnit: integer('staff_minutes_per_unit').notNull(),
    /** Areas whose residents it serves, however far; empty = by distance (onsite, home) or everywhere (remote). */
    serviceAreaIds: jsonb('service_area_ids').$type<string[]>().notNull(),
    eligibility: jsonb('eligibility').$type<Rule>(),
    languages: jsonb('languages').$type<string[]>().notNull(),
    state: offeringState('state').notNull(),
    sourceRef: text('source_ref').unique('offerings_source_ref'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('offerings_organization').on(table.organizationId),
    index('offerings_service').on(table.serviceId),
    index('offerings_location').on(table.locationId),
    check('offerings_price', sql`${table.price} >= 0`),
    check('offerings_staff_minutes', sql`${table.staffMinutesPerUnit} >= 0`),
  ],
)
