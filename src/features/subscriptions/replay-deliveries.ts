import { and, arrayContains, asc, eq, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { events } from '../../platform/events/tables.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { lockWebhook, type WebhookRow } from './get-webhook.ts'
import { queueDeliveries } from './queue-deliveries.ts'
import { requireEnabled } from './require-enabled.ts'
import { ReplayDeliveries } from './schemas.ts'
import { webhookDeliveries } from './tables.ts'

const MOST_EVENTS = 10_000

/**
 * Sends events again, as new deliveries: those of some deliveries (those still on their way are left alone), or all
 * that concern the organization and are of the webhook's types, from an instant on, delivered before or not.
 * @returns how many are on their way.
 * @throws Refusal `not_found`, `state_conflict` while it is disabled, `invalid_input` for deliveries that are not the
 *   webhook's, and for more than 10,000 events: then nothing is sent.
 */
export async function replayDeliveries(
  ctx: Context,
  { id, ...input }: ReplayDeliveries & { id: string },
): Promise<number> {
  permit(ctx, 'webhook.replay')
  const { since, until, deliveryIds } = parseInput(ReplayDeliveries, input)
  return inTransaction(ctx, async (ctx) => {
    const webhook = await lockWebhook(ctx, id)
    requireEnabled(webhook)
    const eventIds = deliveryIds
      ? await eventsOfDeliveries(ctx, id, deliveryIds)
      : await eventsBetween(ctx, webhook, since!, until)
    await queueDeliveries(
      ctx,
      eventIds.map((eventId) => ({ webhookId: id, eventId })),
    )
    await record(ctx, 'webhook.replay_deliveries', id, { since, until, queued: eventIds.length })
    return eventIds.length
  })
}

async function eventsOfDeliveries(
  ctx: TransactionContext,
  webhookId: string,
  ids: readonly string[],
): Promise<string[]> {
  const known = new Map<string, { eventId: string; isPending: boolean }>()
  for (const chunk of chunks([...new Set(ids)])) {
    const rows = await ctx.tx
      .select()
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.webhookId, webhookId), inArray(webhookDeliveries.id, chunk)))
    for (const { id, eventId, state } of rows) known.set(id, { eventId, isPending: state === 'pending' })
  }
  const unknown = ids.flatMap((id, index) => (known.has(id) ? [] : [index]))
  if (unknown.length > 0) {
    const message = 'is no delivery of this webhook'
    throw invalidInput(unknown.map((index) => ({ path: ['deliveryIds', index], message })))
  }
  const wanted = [...known.values()].filter(({ isPending }) => !isPending)
  return [...new Set(wanted.map(({ eventId }) => eventId))]
}

async function eventsBetween(
  ctx: TransactionContext,
  { organizationId, types }: WebhookRow,
  since: string,
  until: string | undefined,
): Promise<string[]> {
  const rows = await ctx.tx
    .select({ id: events.id })
    .from(events)
    .where(
      and(
        arrayContains(events.audience, [organizationId]),
        gte(events.at, new Date(since)),
        until === undefined ? undefined : lt(events.at, new Date(until)),
        ofTypes(types),
      ),
    )
    .orderBy(asc(events.position))
    .limit(MOST_EVENTS + 1)
  if (rows.length <= MOST_EVENTS) return rows.map(({ id }) => id)
  const message = `more than ${MOST_EVENTS} events have happened since: narrow it with until`
  throw invalidInput([{ path: ['since'], message }])
}

/** `matchesTypes` in the words of the database. */
function ofTypes(filters: readonly string[]): SQL | undefined {
  return or(
    ...filters.map((filter) =>
      filter.endsWith('.*')
        ? sql`starts_with(${events.type}, ${filter.slice(0, -1)})`
        : eq(events.type, filter),
    ),
  )
}
