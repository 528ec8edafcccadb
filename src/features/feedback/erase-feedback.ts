import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { needs } from '../residents/tables.ts'
import { feedback, petitionAnswers, petitionSignatures, petitions } from './tables.ts'

/**
 * Takes out of feedback and petitions what the resident wrote, and the name off every petition. Outcomes and ratings
 * stay, for providers are judged by them; a petition stays as long as others stand behind it.
 * @returns how many rows of which kind.
 */
export async function eraseFeedback(
  ctx: TransactionContext,
  residentId: string,
): Promise<{ feedbackTexts: number; petitions: number; signatures: number }> {
  const said = await ctx.tx
    .update(feedback)
    .set({ text: null })
    .where(and(eq(feedback.residentId, residentId), isNotNull(feedback.text)))
    .returning({ id: feedback.id })
  const signed = await ctx.tx
    .delete(petitionSignatures)
    .where(eq(petitionSignatures.residentId, residentId))
    .returning({ id: petitionSignatures.petitionId })
  return {
    feedbackTexts: said.length,
    petitions: await erasePetitions(ctx, residentId),
    signatures: signed.length,
  }
}

/** Those that the resident began: without the text, and where nobody else has signed, altogether. */
async function erasePetitions(ctx: TransactionContext, residentId: string): Promise<number> {
  const own = ctx.tx.select({ id: needs.id }).from(needs).where(eq(needs.residentId, residentId))
  const begun = await ctx.tx
    .update(petitions)
    .set({ text: null, version: sql`${petitions.version} + 1` })
    .where(inArray(petitions.needId, own))
    .returning({ id: petitions.id })
  const ids = begun.map(({ id }) => id)
  const signed = await ctx.tx
    .selectDistinct({ id: petitionSignatures.petitionId })
    .from(petitionSignatures)
    .where(inArray(petitionSignatures.petitionId, ids))
  const kept = new Set(signed.map(({ id }) => id))
  const lonely = ids.filter((id) => !kept.has(id))
  await ctx.tx.delete(petitionAnswers).where(inArray(petitionAnswers.petitionId, lonely))
  await ctx.tx.delete(petitions).where(inArray(petitions.id, lonely))
  return begun.length
}
