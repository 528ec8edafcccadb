import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { WebhookRow } from './get-webhook.ts'
import { listenFromNow } from './listen-from-now.ts'
import { requireReceiver } from './require-receiver.ts'
import { CreateWebhook } from './schemas.ts'
import { webhooks } from './tables.ts'
import { createSecretSeal, newSecret } from './webhook-secret.ts'

const MOST_WEBHOOKS = 20

/**
 * Tells the actor's organization from now on what concerns it. The secret is returned this once; only its seal is kept.
 * @throws Refusal `invalid_input` for an address that can't be used, `conflict` beyond 20 webhooks.
 */
export async function createWebhook(
  ctx: Context,
  input: CreateWebhook,
): Promise<{ row: WebhookRow; secret: string }> {
  permit(ctx, 'webhook.create')
  const { url, types } = parseInput(CreateWebhook, input)
  requireReceiver(ctx, url)
  const secret = newSecret()
  const id = ctx.newId()
  const { organizationId } = ctx.actor
  return inTransaction(ctx, async (ctx) => {
    await emit(ctx, 'webhook.created', id, organizationId, { types })
    // After its own creation, which is no news to it. One creation at a time comes past here: the count holds.
    const afterPosition = await listenFromNow(ctx)
    await requireRoom(ctx)
    const [row] = await ctx.tx
      .insert(webhooks)
      .values({
        id,
        organizationId,
        url,
        types,
        secretSealed: createSecretSeal(ctx.encryptionKey).seal(id, secret),
        state: 'enabled',
        afterPosition,
        createdAt: ctx.clock(),
      })
      .returning()
    await record(ctx, 'webhook.create', id, { types })
    return { row: row!, secret }
  })
}

async function requireRoom(ctx: TransactionContext): Promise<void> {
  const owned = await ctx.tx.$count(webhooks, eq(webhooks.organizationId, ctx.actor.organizationId))
  if (owned < MOST_WEBHOOKS) return
  throw new Refusal('conflict', `An organization may have ${MOST_WEBHOOKS} webhooks at most.`)
}
