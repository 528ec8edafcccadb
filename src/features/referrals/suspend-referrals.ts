import { sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { referrals } from './tables.ts'

/**
 * Keeps locked referrals of a suspended provider from beginning, until `unsuspendReferrals`; what runs already runs on. For
 * suspensions, whose own verb has asked for permission and reach, and tells the parties.
 */
export async function suspendReferrals(ctx: TransactionContext, ids: readonly string[]): Promise<void> {
  await write(ctx, ids, ctx.clock())
}

/** Lets locked referrals begin. */
export async function unsuspendReferrals(ctx: TransactionContext, ids: readonly string[]): Promise<void> {
  await write(ctx, ids, null)
}

async function write(ctx: TransactionContext, ids: readonly string[], suspendedAt: Date | null) {
  for (const chunk of chunks(ids)) {
    await ctx.tx
      .update(referrals)
      .set({ suspendedAt, changedAt: ctx.clock(), version: sql`${referrals.version} + 1` })
      .where(isOneOf(referrals.id, chunk))
  }
}
