import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { lockWebhook, type WebhookRow } from './get-webhook.ts'
import { RotateSecret } from './schemas.ts'
import { webhooks } from './tables.ts'
import { createSecretSeal, newSecret } from './webhook-secret.ts'

const HOUR_MS = 60 * 60_000

/**
 * Gives a webhook a new secret, returned this once; the one before signs as well for `overlapHours` (24), so that the
 * receiver may change over. One before that signs no more.
 * @throws Refusal `not_found`.
 */
export async function rotateSecret(
  ctx: Context,
  { id, ...input }: RotateSecret & { id: string },
): Promise<{ row: WebhookRow; secret: string }> {
  permit(ctx, 'webhook.rotate')
  const { overlapHours } = parseInput(RotateSecret, input)
  const secret = newSecret()
  return inTransaction(ctx, async (ctx) => {
    const webhook = await lockWebhook(ctx, id)
    const until = new Date(ctx.clock().getTime() + overlapHours * HOUR_MS)
    const [row] = await ctx.tx
      .update(webhooks)
      .set({
        secretSealed: createSecretSeal(ctx.encryptionKey).seal(id, secret),
        previousSecretSealed: overlapHours > 0 ? webhook.secretSealed : null,
        previousUntil: overlapHours > 0 ? until : null,
        version: sql`${webhooks.version} + 1`,
      })
      .where(eq(webhooks.id, id))
      .returning()
    await record(ctx, 'webhook.rotate_secret', id, { overlapHours })
    await emit(ctx, 'webhook.secret_rotated', id, webhook.organizationId, { overlapHours })
    return { row: row!, secret }
  })
}
