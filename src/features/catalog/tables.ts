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
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../../platform/db/columns.ts'
import { areas } from '../communities/tables.ts'
import { organizations } from '../identity/tables.ts'
import type { Rule } from '../policies/eligibility.ts'
import type { Hours } from './hours.ts'
import type { PriceOption } from './price-schemas.ts'
import type { Gender, ReviseOffering } from './schemas.ts'

export const category = pgEnum('category', ['elderly_care', 'medical', 'cultural', 'life_care'])
export const tier = pgEnum('tier', ['basic', 'inclusive', 'personalized'])
export const mode = pgEnum('mode', ['onsite', 'home', 'remote'])
export const serviceUnit = pgEnum('service_unit', ['visit', 'hour', 'day', 'meal', 'month'])
export const offeringState = pgEnum('offering_state', ['published', 'withdrawn', 'suspended'])
export const priceType = pgEnum('price_type', ['free', 'fixed', 'per_unit', 'sliding'])
export const visibility = pgEnum('location_visibility', ['public', 'confidential'])
export const addressOf = pgEnum('address_of', ['station', 'person'])
export const capacityStatus = pgEnum('capacity_status', [
  'capacity',
  'no-capacity',
  'waitlist',
  'additional-assessment-required',
])
export const changeRequestState = pgEnum('change_request_state', [
  'pending',
  'approved',
  'rejected',
  'superseded',
])

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
    /** Null where nobody told. */
    visibility: visibility('visibility'),
    addressOf: addressOf('address_of').notNull().default('station'),
    sourceRef: text('source_ref').unique('locations_source_ref'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('locations_area').on(table.areaId),
    index('locations_organization').on(table.organizationId),
  ],
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
    /** Minor units per unit of service, for a resident without reduction: the price that matching counts with. */
    price: amount('price').notNull(),
    priceType: priceType('price_type').notNull().default('per_unit'),
    priceCeiling: amount('price_ceiling'),
    priceOptions: jsonb('price_options').$type<PriceOption[]>().notNull().default([]),
    currency: char('currency', { length: 3 }).notNull(),
    staffMinutesPerUnit: integer('staff_minutes_per_unit').notNull(),
    /** Areas whose residents it serves, however far; empty = by distance (onsite, home) or everywhere (remote). */
    serviceAreaIds: jsonb('service_area_ids').$type<string[]>().notNull(),
    eligibility: jsonb('eligibility').$type<Rule>(),
    languages: jsonb('languages').$type<string[]>().notNull(),
    caregiverGenders: jsonb('caregiver_genders').$type<Gender[]>().notNull().default([]),
    /** Null where not known. */
    hours: jsonb('hours').$type<Hours>(),
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
    check('offerings_price_ceiling', sql`${table.priceCeiling} >= ${table.price}`),
    check('offerings_free', sql`${table.priceType} <> 'free' or ${table.price} = 0`),
    check('offerings_staff_minutes', sql`${table.staffMinutesPerUnit} >= 0`),
  ],
)

/**
 * What a provider says of an offering's month. How many units are left is the ledger's to say: the account's limit is
 * what is funded, or the maximum.
 */
export const offeringCapacities = pgTable(
  'offering_capacities',
  {
    offeringId: uuid('offering_id')
      .notNull()
      .references(() => offerings.id),
    period: text('period').notNull(),
    maximum: amount('maximum').notNull(),
    /** Null = all of the maximum. */
    funded: amount('funded'),
    status: capacityStatus('status').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.offeringId, table.period] }),
    check('offering_capacities_maximum', sql`${table.maximum} >= 0`),
    check('offering_capacities_funded', sql`${table.funded} between 0 and ${table.maximum}`),
  ],
)

/**
 * The last verification of an offering. A table of its own, so that renewing it edits nothing. No foreign keys on who
 * verified it: the system's own hand has no row.
 */
export const offeringAssurances = pgTable('offering_assurances', {
  offeringId: uuid('offering_id')
    .primaryKey()
    .references(() => offerings.id),
  what: text('what').notNull(),
  /** Version of the offering that was verified. */
  assuredVersion: integer('assured_version').notNull(),
  assuredBy: uuid('assured_by').notNull(),
  principalId: uuid('principal_id').notNull(),
  assuredAt: instant('assured_at').notNull(),
  lapsesAt: instant('lapses_at').notNull(),
  /** When the job marked it as lapsed; null until then, and again after a renewal. */
  lapsedAt: instant('lapsed_at'),
})

/** What somebody thinks an offering should say, for its provider to decide. */
export const changeRequests = pgTable(
  'change_requests',
  {
    id: id(),
    offeringId: uuid('offering_id')
      .notNull()
      .references(() => offerings.id),
    changes: jsonb('changes').$type<ReviseOffering>().notNull(),
    reason: text('reason').notNull(),
    proposedBy: uuid('proposed_by').notNull(),
    proposerId: uuid('proposer_id').notNull(),
    proposerRole: text('proposer_role').notNull(),
    state: changeRequestState('state').notNull(),
    decidedBy: uuid('decided_by'),
    decidedAt: instant('decided_at'),
    decisionReason: text('decision_reason'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('change_requests_offering').on(table.offeringId),
    index('change_requests_proposer').on(table.proposedBy),
  ],
)

/** Providers that a supervisor has taken out of matching; what they publish meanwhile is suspended from the start. */
export const suspendedProviders = pgTable('suspended_providers', {
  organizationId: uuid('organization_id')
    .primaryKey()
    .references(() => organizations.id),
  since: instant('since').notNull(),
})

/** Single offerings likewise; a row stays also while the offering is withdrawn, so that it comes back as it went. */
export const suspendedOfferings = pgTable('suspended_offerings', {
  offeringId: uuid('offering_id')
    .primaryKey()
    .references(() => offerings.id),
  since: instant('since').notNull(),
})
