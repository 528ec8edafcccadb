import { sql } from 'drizzle-orm'
import {
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
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { offerings } from '../catalog/tables.ts'
import { areas } from '../communities/tables.ts'
import { organizations, principals } from '../identity/tables.ts'
import { referrals } from '../referrals/tables.ts'
import { residents } from '../residents/tables.ts'
import type { Candidate } from './draw-inspections.ts'

/** What supervision can be about. */
export const subjectKind = pgEnum('subject_kind', [
  'organization',
  'offering',
  'program',
  'policy',
  'run',
  'match',
  'need',
  'referral',
  'delivery',
  'settlement',
  'finding',
  'suspension',
])

/** A draw of offerings to be inspected: again with its seed, the same are drawn. */
export const inspectionPlans = pgTable('inspection_plans', {
  id: id(),
  organizationId: uuid('organization_id')
    .notNull()
    .references(() => organizations.id),
  areaId: uuid('area_id')
    .notNull()
    .references(() => areas.id),
  period: text('period').notNull(),
  seed: integer('seed').notNull(),
  /** How many by risk, and how many by lot among the others. */
  byRisk: integer('by_risk').notNull(),
  byLot: integer('by_lot').notNull(),
  /** How many there were to draw from. */
  population: integer('population').notNull(),
  /** What was drawn from, in order of id, with the risk of each: all that a second draw needs. */
  frame: jsonb('frame').$type<Candidate[]>().notNull(),
  createdAt: instant('created_at').notNull(),
})

export const inspectionDraw = pgEnum('inspection_draw', ['risk', 'lot', 'chosen'])
export const inspectionState = pgEnum('inspection_state', ['planned', 'passed', 'failed', 'not_possible'])

/** One look at one offering. */
export const inspections = pgTable(
  'inspections',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** Null where it was chosen by hand. */
    planId: uuid('plan_id').references(() => inspectionPlans.id),
    offeringId: uuid('offering_id')
      .notNull()
      .references(() => offerings.id),
    draw: inspectionDraw('draw').notNull(),
    /** Weight of the alerts about it when it was drawn. */
    risk: doublePrecision('risk').notNull(),
    state: inspectionState('state').notNull(),
    note: text('note'),
    inspectedBy: uuid('inspected_by').references(() => principals.id),
    inspectedAt: instant('inspected_at'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('inspections_offering').on(table.offeringId),
    unique('inspections_drawn_once').on(table.planId, table.offeringId),
  ],
)

export const findingState = pgEnum('finding_state', ['open', 'responded', 'corrected', 'verified', 'closed'])
export const findingSource = pgEnum('finding_source', [
  'inspection',
  'complaint',
  'appeal',
  'alert',
  'attempt',
  'observation',
])
export const findingSeverity = pgEnum('finding_severity', ['minor', 'major', 'critical'])

/** Something that is not as it must be, until somebody has verified that it is. */
export const findings = pgTable(
  'findings',
  {
    id: id(),
    /** The supervising body; null where the system found it, for every supervisor of the area. */
    organizationId: uuid('organization_id').references(() => organizations.id),
    /** Who has to answer; null where that is nobody's (an attempt by an operator). */
    respondentId: uuid('respondent_id').references(() => organizations.id),
    areaId: uuid('area_id').references(() => areas.id),
    source: findingSource('source').notNull(),
    /** Inspection, complaint or event it comes from. */
    sourceId: uuid('source_id'),
    subjectKind: subjectKind('subject_kind').notNull(),
    subjectId: uuid('subject_id').notNull(),
    /** Coded; `schemas.ts`. */
    code: text('code').notNull(),
    severity: findingSeverity('severity').notNull(),
    /** Null once a resident whom it is about was erased. */
    text: text('text'),
    state: findingState('state').notNull(),
    /** Until when the next answer is due; null = none is. */
    dueBy: instant('due_by'),
    /** Since when an appeal stays that. */
    stayedAt: instant('stayed_at'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('findings_respondent').on(table.respondentId),
    index('findings_subject').on(table.subjectId),
    // One event is one finding, however often its job runs.
    uniqueIndex('findings_one_an_attempt').on(table.sourceId).where(sql`${table.source} = 'attempt'`),
  ],
)

/** What happened to a finding, and in whose words; append-only, save that words are erased with a resident. */
export const findingSteps = pgTable(
  'finding_steps',
  {
    id: id(),
    findingId: uuid('finding_id')
      .notNull()
      .references(() => findings.id),
    /** The finding's after it: the order of the steps. */
    version: integer('version').notNull(),
    step: text('step').notNull(),
    principalId: uuid('principal_id').notNull(),
    text: text('text'),
    at: instant('at').notNull(),
  },
  (table) => [unique('finding_steps_in_order').on(table.findingId, table.version)],
)

export const grievanceKind = pgEnum('grievance_kind', ['complaint', 'appeal'])
export const grievanceState = pgEnum('grievance_state', ['received', 'upheld', 'dismissed', 'withdrawn'])

/** A complaint about something, or an appeal against a decision, which stays every deadline of its object. */
export const grievances = pgTable(
  'grievances',
  {
    id: id(),
    kind: grievanceKind('kind').notNull(),
    /** Who brings it: a provider, a purchaser, or the partner of the resident. */
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    residentId: uuid('resident_id').references(() => residents.id),
    areaId: uuid('area_id').references(() => areas.id),
    subjectKind: subjectKind('subject_kind').notNull(),
    subjectId: uuid('subject_id').notNull(),
    reason: text('reason').notNull(),
    /** In their own words; erased with the resident. */
    text: text('text'),
    state: grievanceState('state').notNull(),
    decision: text('decision'),
    decidedBy: uuid('decided_by').references(() => principals.id),
    decidedAt: instant('decided_at'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('grievances_subject').on(table.subjectId),
    index('grievances_organization').on(table.organizationId),
    index('grievances_resident').on(table.residentId),
    uniqueIndex('grievances_one_open_appeal')
      .on(table.subjectId, table.organizationId)
      .where(sql`${table.kind} = 'appeal' and ${table.state} = 'received'`),
  ],
)

/** A provider, or one of its offerings, taken out of matching and bookings until it is lifted. */
export const suspensions = pgTable(
  'suspensions',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    providerId: uuid('provider_id')
      .notNull()
      .references(() => organizations.id),
    /** Null = all that the provider offers. */
    offeringId: uuid('offering_id').references(() => offerings.id),
    reason: text('reason').notNull(),
    text: text('text').notNull(),
    imposedBy: uuid('imposed_by')
      .notNull()
      .references(() => principals.id),
    liftedAt: instant('lifted_at'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('suspensions_one_of_a_provider')
      .on(table.providerId)
      .where(sql`${table.liftedAt} is null and ${table.offeringId} is null`),
    uniqueIndex('suspensions_one_of_an_offering').on(table.offeringId).where(sql`${table.liftedAt} is null`),
  ],
)

export const suspendedReferralDecision = pgEnum('suspended_referral_decision', ['continue', 'end'])

/** Referrals that ran when the suspension came: each gets a decision of its purchaser, or of its partner where none pays. */
export const suspendedReferrals = pgTable(
  'suspended_referrals',
  {
    suspensionId: uuid('suspension_id')
      .notNull()
      .references(() => suspensions.id),
    referralId: uuid('referral_id')
      .notNull()
      .references(() => referrals.id),
    decision: suspendedReferralDecision('decision'),
    decidedBy: uuid('decided_by').references(() => principals.id),
    decidedAt: instant('decided_at'),
  },
  (table) => [
    primaryKey({ name: 'suspended_referrals_once', columns: [table.suspensionId, table.referralId] }),
    check(
      'suspended_referrals_decided',
      sql`num_nonnulls(${table.decision}, ${table.decidedBy}, ${table.decidedAt}) in (0, 3)`,
    ),
  ],
)
