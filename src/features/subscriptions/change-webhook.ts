import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { endPending } from './end-pending.ts'
import { lockWebhook, type WebhookRow } from './get-webhook.ts'
import { listenFromNow } from './listen-from-now.ts'
import { requireReceiver } from './require-receiver.ts'
import { ChangeWebhook, type DisabledReason } from './schemas.ts'
import { webhooks } from './tables.ts'

/**
 * Changes where a webhook leads, what it is told, and whether it is. Enabled again, it is told what happens from then
 * on; what happened meanwhile can be replayed.
 * @throws Refusal `not_found`, `precondition_failed`, `invalid_input`.
 */
export async function changeWebhook(
  ctx: Context,
  { id, expectedVersion, ...input }: ChangeWebhook & { id: string; expectedVersion: number },
): Promise<WebhookRow> {
  permit(ctx, 'webhook.change')
  const { url, types, state } = parseInput(ChangeWebhook, input)
  if (url !== undefined) requireReceiver(ctx, url)
  return inTransaction(ctx, async (ctx) => {
    const afterPosition = state === 'enabled' ? await listenFromNow(ctx) : 0
    const webhook = await lockWebhook(ctx, id)
    requireVersion(webhook, expectedVersion)
    const isTurned = state !== undefined && state !== webhook.state
    const [row] = await ctx.tx
      .update(webhooks)
      .set({
        ...(url === undefined ? {} : { url }),
        ...(types === undefined ? {} : { types }),
        ...(isTurned ? turned(state, afterPosition) : {}),
        version: sql`${webhooks.version} + 1`,
      })
      .where(eq(webhooks.id, id))
      .returning()
    if (isTurned && state === 'disabled') await endPending(ctx, id)
    // Not the address: what stands in it may be a secret of the receiver.
    const fields = { fields: Object.keys(input), state: row!.state, version: row!.version }
    await record(ctx, 'webhook.change', id, fields)
    await emit(ctx, 'webhook.changed', id, webhook.organizationId, fields)
    return row!
  })
}

function turned(state: 'enabled' | 'disabled', afterPosition: number) {
  if (state === 'enabled') return { state, afterPosition, disabledReason: null }
  return { state, disabledReason: 'by_owner' satisfies DisabledReason }
}
