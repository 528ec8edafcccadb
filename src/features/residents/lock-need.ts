import { and, eq, getTableColumns } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { ownResidents } from './find-resident.ts'
import type { NeedRow } from './register-need.ts'
import { needs, residents } from './tables.ts'

/**
 * A need of the actor's residents, locked until the transaction ends, and the partner whose it is.
 * @throws Refusal `not_found`, also for a need of another partner's resident.
 */
export async function lockNeed(
  ctx: TransactionContext,
  needId: string,
): Promise<{ need: NeedRow; organizationId: string }> {
  const [locked] = await ctx.tx
    .select({ need: getTableColumns(needs), organizationId: residents.organizationId })
    .from(needs)
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(and(eq(needs.id, needId), ownResidents(ctx)))
    .for('update', { of: needs })
  return found(locked, 'need')
}
