import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import type { WebhookRow } from './get-webhook.ts'
import { webhooks } from './tables.ts'

/** The webhooks of the actor's organization, in order of creation. */
export async function listWebhooks(ctx: Context, { limit, cursor }: PageQuery): Promise<Page<WebhookRow>> {
  permit(ctx, 'webhook.read')
  const rows = await query(ctx)
    .select()
    .from(webhooks)
    .where(
      and(
        eq(webhooks.organizationId, ctx.actor.organizationId),
        cursor ? gt(webhooks.id, cursor) : undefined,
      ),
    )
    .orderBy(asc(webhooks.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}
