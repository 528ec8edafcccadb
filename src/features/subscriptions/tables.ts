import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { events } from '../../platform/events/tables.ts'
import { organizations } from '../identity/tables.ts'

export const webhookState = pgEnum('webhook_state', ['enabled', 'disabled'])

/** Where an organization wants to be told of what concerns it. */
export const webhooks = pgTable(
  'webhooks',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    url: text('url').notNull(),
    /** Types of events to be told of; none = all. */
    types: jsonb('types').$type<string[]>().notNull(),
    /** The signing secret, AES-256-GCM: it has to be used again, so a hash would not do. */
    secretSealed: text('secret_sealed').notNull(),
    /** The secret before the last rotation signs too, until then. */
    previousSecretSealed: text('previous_secret_sealed'),
    previousUntil: instant('previous_until'),
    state: webhookState('state').notNull(),
    /** `by_owner`, `gone` or `failing`; null while it is enabled. */
    disabledReason: text('disabled_reason'),
    /** Events up to this number are not told: they were written before it was created or enabled again. */
    afterPosition: bigint('after_position', { mode: 'number' }).notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('webhooks_organization').on(table.organizationId)],
)

export const webhookDeliveryState = pgEnum('webhook_delivery_state', ['pending', 'delivered', 'dead'])

/** An event on its way to a webhook, with what came of the tries so far. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: id(),
    webhookId: uuid('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    eventId: uuid('event_id')
      .notNull()
      .references(() => events.id),
    state: webhookDeliveryState('state').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** When it is due; while it is on its way, when it counts as lost. Null once nothing more is tried. */
    nextAttemptAt: instant('next_attempt_at'),
    /** HTTP status of the last answer; null where there was none. */
    lastStatus: integer('last_status'),
    lastError: text('last_error'),
    createdAt: instant('created_at').notNull(),
    deliveredAt: instant('delivered_at'),
  },
  (table) => [
    index('webhook_deliveries_webhook').on(table.webhookId, table.state),
    index('webhook_deliveries_due').on(table.nextAttemptAt).where(sql`${table.state} = 'pending'`),
    index('webhook_deliveries_event').on(table.eventId),
  ],
)
