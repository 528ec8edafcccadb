import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { policyComments, policyVotes } from './tables.ts'

/**
 * Takes a resident out of consultations: the words go, and from comments and votes who it was. The votes still count.
 * @returns how many rows of which kind.
 */
export async function eraseConsultation(
  ctx: TransactionContext,
  residentId: string,
): Promise<{ policyComments: number; policyVotes: number }> {
  const said = await ctx.tx
    .update(policyComments)
    .set({ text: null, residentId: null })
    .where(eq(policyComments.residentId, residentId))
    .returning({ id: policyComments.id })
  const voted = await ctx.tx
    .update(policyVotes)
    .set({ residentId: null })
    .where(eq(policyVotes.residentId, residentId))
    .returning({ id: policyVotes.id })
  return { policyComments: said.length, policyVotes: voted.length }
}
