import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { AdoptPolicy } from './schemas.ts'
import { policies } from './tables.ts'

export type PolicyRow = typeof policies.$inferSelect

/** Adopts a document as the next version; the one adopted so far is superseded and stays as it was. */
export async function adoptPolicy(ctx: Context, input: AdoptPolicy): Promise<PolicyRow> {
  permit(ctx, 'policy.adopt')
  const { document, text } = parseInput(AdoptPolicy, input)
  return inTransaction(ctx, async (ctx) => {
    await lockPolicies(ctx)
    const number = await nextNumber(ctx)
    const now = ctx.clock()
    const superseded = await supersedeAdopted(ctx)
    const [row] = await ctx.tx
      .insert(policies)
      .values({ id: ctx.newId(), number, state: 'adopted', document, text, createdAt: now, adoptedAt: now })
      .returning()
    await record(ctx, 'policy.adopt', row!.id, { number, superseded })
    await emit(ctx, 'policy.adopted', row!.id, null, { number })
    return row!
  })
}

/** One adoption at a time, so that each takes the next number; readers don't wait. */
export async function lockPolicies(ctx: TransactionContext): Promise<void> {
  await ctx.tx.execute(sql`lock table ${policies} in share row exclusive mode`)
}

async function nextNumber(ctx: TransactionContext): Promise<number> {
  const [last] = await ctx.tx.select({ number: sql<number>`max(${policies.number})` }).from(policies)
  return (last?.number ?? 0) + 1
}

async function supersedeAdopted(ctx: TransactionContext): Promise<string | null> {
  const [row] = await ctx.tx
    .update(policies)
    .set({ state: 'superseded' })
    .where(eq(policies.state, 'adopted'))
    .returning({ id: policies.id })
  return row?.id ?? null
}
