import { and, eq } from 'drizzle-orm'
import { type Context, query, type TransactionContext } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { webhooks } from './tables.ts'

export type WebhookRow = typeof webhooks.$inferSelect

const owned = (ctx: Context, id: string) =>
  and(eq(webhooks.id, id), eq(webhooks.organizationId, ctx.actor.organizationId))

/** A webhook of the actor's organization. @throws Refusal `not_found`. */
export async function getWebhook(ctx: Context, id: string): Promise<WebhookRow> {
  permit(ctx, 'webhook.read')
  const [row] = await query(ctx).select().from(webhooks).where(owned(ctx, id))
  return found(row, 'webhook')
}

/** The same, locked until the transaction ends. @throws Refusal `not_found`. */
export async function lockWebhook(ctx: TransactionContext, id: string): Promise<WebhookRow> {
  const [row] = await ctx.tx.select().from(webhooks).where(owned(ctx, id)).for('update')
  return found(row, 'webhook')
}
