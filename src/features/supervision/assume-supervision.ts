import { and, eq, inArray } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { bodyOf } from '../identity/bodies.ts'
import { organizations } from '../identity/tables.ts'
import type { Subject } from './read-subject.ts'

/**
 * Takes the duty to supervise a subject and the purchases behind it: so nobody supervises what the own body purchased,
 * and the own body purchases nothing by them later. Nor does a body supervise itself.
 * @throws Refusal `duty_conflict` that says which.
 */
export async function assumeSupervision(ctx: TransactionContext, subject: Subject): Promise<void> {
  const [own] = await ctx.tx
    .select({ body: bodyOf })
    .from(organizations)
    .where(eq(organizations.id, ctx.actor.organizationId))
  if (own && subject.parties.length > 0) {
    const itself = await ctx.tx.$count(
      organizations,
      and(inArray(organizations.id, subject.parties), eq(bodyOf, own.body)),
    )
    if (itself > 0) throw new Refusal('duty_conflict', 'A body does not supervise itself: another body must.')
  }
  for (const id of new Set([...subject.purchases, subject.id])) await assumeDuty(ctx, id, 'supervise')
}
