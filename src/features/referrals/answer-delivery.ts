import { eq, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import type { DisputeReason } from './delivery-schemas.ts'
import { getReferral, type ReferralRow } from './get-referral.ts'
import type { DeliveryRow } from './record-delivery.ts'
import { deliveries } from './tables.ts'

/** Which delivery, as its reader saw it. */
export interface DeliveryAnswer {
  id: string
  expectedVersion: number
}

/** What the resident says to it. */
type Answer =
  | { state: 'confirmed' }
  | { state: 'disputed'; disputeReason: DisputeReason; comment: string | null }

/**
 * Writes the resident's one answer to a delivery within the actor's reach; the caller tells of it.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` once it is answered.
 */
export async function answerDelivery(
  ctx: TransactionContext,
  { id, expectedVersion }: DeliveryAnswer,
  answer: Answer,
): Promise<{ delivery: DeliveryRow; referral: ReferralRow }> {
  const [locked] = await ctx.tx.select().from(deliveries).where(eq(deliveries.id, id)).for('update')
  const delivery = found(locked, 'delivery')
  const referral = await getReferral(ctx, delivery.referralId).catch(refuseAsDelivery)
  requireVersion(delivery, expectedVersion)
  if (delivery.state !== 'recorded') {
    throw new Refusal('state_conflict', `The delivery is ${delivery.state} already.`)
  }
  const [row] = await ctx.tx
    .update(deliveries)
    .set({ ...answer, answeredAt: ctx.clock(), version: sql`${deliveries.version} + 1` })
    .where(eq(deliveries.id, id))
    .returning()
  return { delivery: row!, referral }
}

/** Who may not see a referral learns nothing of its deliveries either. */
export function refuseAsDelivery(error: unknown): never {
  if (error instanceof Refusal && error.code === 'not_found') found(null, 'delivery')
  throw error
}
