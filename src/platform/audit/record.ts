import type { TransactionContext } from '../context.ts'
import { auditEntries } from './tables.ts'

/**
 * Writes who did what to which object, in the transaction that does it.
 *
 * @param facts identifiers, states and amounts only; never a resident's personal facts.
 */
export async function record(
  ctx: TransactionContext,
  action: string,
  objectId: string,
  facts: Record<string, unknown> = {},
): Promise<void> {
  await ctx.tx.insert(auditEntries).values({
    id: ctx.newId(),
    at: ctx.clock(),
    principalId: ctx.actor.principalId,
    organizationId: ctx.actor.organizationId,
    action,
    objectId,
    facts,
  })
}
