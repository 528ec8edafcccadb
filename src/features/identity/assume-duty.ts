import { and, eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { SYSTEM } from './permissions.ts'
import type { Duty } from './schemas.ts'
import { duties } from './tables.ts'

/**
 * Takes a duty on an object for the actor. The primary key of `duties` is what keeps two duties apart; this
 * explains its refusal.
 * @throws Refusal `duty_conflict` when the actor already has another duty on the object.
 */
export async function assumeDuty(ctx: TransactionContext, objectId: string, duty: Duty): Promise<void> {
  const { principalId } = ctx.actor
  if (principalId === SYSTEM.principalId) return
  await ctx.tx.insert(duties).values({ objectId, principalId, duty, at: ctx.clock() }).onConflictDoNothing()
  const [held] = await ctx.tx
    .select()
    .from(duties)
    .where(and(eq(duties.objectId, objectId), eq(duties.principalId, principalId)))
  if (held?.duty !== duty) {
    throw new Refusal(
      'duty_conflict',
      `You already have the duty to ${held?.duty} here; another person must ${duty} it.`,
    )
  }
}
