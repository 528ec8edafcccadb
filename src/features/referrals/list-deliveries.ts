import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { getReferral } from './get-referral.ts'
import type { DeliveryRow } from './record-delivery.ts'
import { deliveries } from './tables.ts'

/**
 * The deliveries of a referral, in order of recording. The resident's words are not for the provider they are about.
 * @throws Refusal `not_found` for a referral beyond the actor's reach.
 */
export async function listDeliveries(
  ctx: Context,
  referralId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<DeliveryRow>> {
  permit(ctx, 'delivery.read')
  await getReferral(ctx, referralId)
  const rows = await query(ctx)
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.referralId, referralId), cursor ? gt(deliveries.id, cursor) : undefined))
    .orderBy(asc(deliveries.id))
    .limit(limit + 1)
  const told = ctx.actor.role === 'provider' ? rows.map((row) => ({ ...row, comment: null })) : rows
  return toPage(told, limit)
}
