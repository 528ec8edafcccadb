import type { TransactionContext } from '../../platform/context.ts'
import { organizations } from '../identity/tables.ts'

/** The audience of what concerns all: every organization there is. A policy reaches them a few times a year. */
export async function everybody(ctx: TransactionContext): Promise<string[]> {
  const rows = await ctx.tx.select({ id: organizations.id }).from(organizations).orderBy(organizations.id)
  return rows.map(({ id }) => id)
}
