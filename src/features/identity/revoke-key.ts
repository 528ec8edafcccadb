import { and, eq, isNull } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit } from './permissions.ts'
import { apiKeys } from './tables.ts'

/** Makes a key useless from now on. @throws Refusal `not_found` for an unknown or already revoked key. */
export async function revokeKey(ctx: Context, keyId: string): Promise<void> {
  permit(ctx, 'key.revoke')
  await inTransaction(ctx, async (ctx) => {
    const [row] = await ctx.tx
      .update(apiKeys)
      .set({ revokedAt: ctx.clock() })
      .where(and(eq(apiKeys.id, keyId), isNull(apiKeys.revokedAt)))
      .returning()
    found(row, 'key')
    await record(ctx, 'key.revoke', keyId)
  })
}
