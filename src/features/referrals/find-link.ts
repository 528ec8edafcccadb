import { eq } from 'drizzle-orm'
import { type Context, query, type TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { readLinkToken } from './link-token.ts'
import { actionLinks } from './tables.ts'

export type LinkRow = typeof actionLinks.$inferSelect

/**
 * The link that a token opens. The token is the permission: whoever has it was given it.
 * @throws Refusal `not_found` for a token that is forged or unknown, `link_used` for a link that was used (facts
 *   `{over: 'used'}`) or whose time is over (`{over: 'expired'}`).
 */
export async function findLink(ctx: Context, token: string): Promise<LinkRow> {
  const [row] = await query(ctx)
    .select()
    .from(actionLinks)
    .where(eq(actionLinks.id, idOf(ctx, token)))
  return requireUsable(ctx, row)
}

/** The same, locked until the transaction ends: of two who click at once, one finds it used. */
export async function lockLink(ctx: TransactionContext, token: string): Promise<LinkRow> {
  const [row] = await ctx.tx
    .select()
    .from(actionLinks)
    .where(eq(actionLinks.id, idOf(ctx, token)))
    .for('update')
  return requireUsable(ctx, row)
}

function idOf(ctx: Context, token: string): string {
  return found(readLinkToken(ctx.encryptionKey, token), 'link')
}

function requireUsable(ctx: Context, row: LinkRow | undefined): LinkRow {
  const link = found(row, 'link')
  if (link.usedAt) {
    throw new Refusal('link_used', 'The link has been used.', { facts: { over: 'used' } })
  }
  if (link.expiresAt <= ctx.clock()) {
    throw new Refusal('link_used', 'The link’s time is over.', { facts: { over: 'expired' } })
  }
  return link
}
