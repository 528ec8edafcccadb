import { asc, eq, inArray } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { actionLinks, deliveries, referrals } from './tables.ts'

/**
 * Takes out of a resident's referrals what the resident wrote, or an officer about it, and the links by which the resident could answer.
 * Coded reasons, units and amounts stay: what was delivered and paid has to be accounted for.
 * @returns how many rows of which kind.
 */
export async function eraseReferralWords(
  ctx: TransactionContext,
  residentId: string,
): Promise<{ deliveryComments: number; actionLinks: number }> {
  const own = ctx.tx.select({ id: referrals.id }).from(referrals).where(eq(referrals.residentId, residentId))
  // Locked first: whoever is writing a comment at this moment is waited for.
  const said = await ctx.tx
    .select({ comment: deliveries.comment, decisionComment: deliveries.decisionComment })
    .from(deliveries)
    .where(inArray(deliveries.referralId, own))
    .orderBy(asc(deliveries.id))
    .for('update')
  await ctx.tx
    .update(deliveries)
    .set({ comment: null, decisionComment: null })
    .where(inArray(deliveries.referralId, own))
  const links = await ctx.tx
    .delete(actionLinks)
    .where(inArray(actionLinks.referralId, own))
    .returning({ id: actionLinks.id })
  const deliveryComments = said.filter((one) => one.comment !== null || one.decisionComment !== null).length
  return { deliveryComments, actionLinks: links.length }
}
