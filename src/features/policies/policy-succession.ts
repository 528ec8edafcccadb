/** What every change of a policy needs: one at a time, the next number, and the end of the one in force. */
import { eq, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { policies } from './tables.ts'

/** One change at a time, so that each takes the next number and one is in force; readers don't wait. */
export async function lockPolicies(ctx: TransactionContext): Promise<void> {
  await ctx.tx.execute(sql`lock table ${policies} in share row exclusive mode`)
}

/** The number of the next version, under the lock. */
export async function nextNumber(ctx: TransactionContext): Promise<number> {
  const [last] = await ctx.tx.select({ number: sql<number>`max(${policies.number})` }).from(policies)
  return (last?.number ?? 0) + 1
}

/** Ends the policy in force; its id, or null where none is. */
export async function supersedeAdopted(ctx: TransactionContext): Promise<string | null> {
  const [row] = await ctx.tx
    .update(policies)
    .set({ state: 'superseded', version: sql`${policies.version} + 1` })
    .where(eq(policies.state, 'adopted'))
    .returning({ id: policies.id })
  return row?.id ?? null
}
