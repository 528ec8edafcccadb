import { createHash, randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from './permissions.ts'
import { IssueKey } from './schemas.ts'
import { apiKeys, principals } from './tables.ts'

/** Issues a key of 256 random bits to a principal. The key itself is returned here and never again. */
export async function issueKey(
  ctx: Context,
  { principalId, ...input }: IssueKey,
): Promise<{ id: string; key: string; expiresAt: Date | null }> {
  permit(ctx, 'key.issue')
  const wanted = parseInput(IssueKey, input)
  const expiresAt = wanted.expiresAt ? new Date(wanted.expiresAt) : null
  const key = `lc_${randomBytes(32).toString('base64url')}`
  return inTransaction(ctx, async (ctx) => {
    const [principal] = await ctx.tx.select().from(principals).where(eq(principals.id, principalId))
    found(principal, 'principal')
    const id = ctx.newId()
    await ctx.tx
      .insert(apiKeys)
      .values({ id, principalId, hash: hashKey(key), createdAt: ctx.clock(), expiresAt })
    await record(ctx, 'key.issue', id, { principalId })
    return { id, key, expiresAt }
  })
}

/** A plain hash suffices for 256 random bits: there is nothing to guess. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
