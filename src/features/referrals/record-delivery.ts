import { eq } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { commitBundle } from '../../platform/ledger/post-transfers.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { localTime } from '../../platform/time-zone.ts'
import { permit } from '../identity/permissions.ts'
import { needs } from '../residents/tables.ts'
import { deliveredUnits } from './delivered-units.ts'
import { RecordDelivery } from './delivery-schemas.ts'
import type { ReferralRow } from './get-referral.ts'
import { lockReferral } from './lock-referral.ts'
import { partiesOf } from './parties.ts'
import { deliveries } from './tables.ts'

export type DeliveryRow = typeof deliveries.$inferSelect

/**
 * The provider has delivered some of the units: their share of what the match holds is spent. A delivery that is
 * recorded after its month was settled goes into the next settlement.
 * @throws Refusal `not_found` for another provider's referral, `state_conflict` unless it is in progress,
 *   `insufficient` for more units than are left, `invalid_input` for a delivery before the service began, after the
 *   referral's month, or in the future.
 */
export async function recordDelivery(
  ctx: Context,
  { referralId, ...input }: RecordDelivery & { referralId: string },
): Promise<DeliveryRow> {
  return attempted(ctx, { action: 'delivery.record', objectId: referralId }, async (ctx) => {
    permit(ctx, 'delivery.record')
    const { units, deliveredAt, evidenceHash = null } = parseInput(RecordDelivery, input)
    const referral = await lockReferral(ctx, referralId)
    const at = new Date(deliveredAt)
    await requireServiceTime(ctx, referral, at)
    const { delivered, left } = await requireUnits(ctx, referral, units)
    const id = ctx.newId()
    const spent = await commitBundle(ctx, referral.matchId, { units, left, key: id })
    const [row] = await ctx.tx
      .insert(deliveries)
      .values({
        id,
        referralId,
        units,
        deliveredAt: at,
        evidenceHash,
        subsidy: spent.fund ?? 0,
        copayment: spent.wallet ?? 0,
        state: 'recorded',
        createdAt: ctx.clock(),
      })
      .returning()
    const told = { referralId, units, delivered: delivered + units }
    await record(ctx, 'delivery.record', id, { referralId, units })
    await emit(ctx, 'delivery.recorded', id, partiesOf(referral), told)
    return row!
  })
}

async function requireServiceTime(
  ctx: TransactionContext,
  { status, needId, startedAt, createdAt }: ReferralRow,
  at: Date,
): Promise<void> {
  if (status !== 'in-progress') {
    throw new Refusal('state_conflict', `The referral is ${status}; deliveries belong to one in progress.`)
  }
  const refuse = (message: string) => invalidInput([{ path: ['deliveredAt'], message }])
  if (at > ctx.clock()) throw refuse('must not be in the future')
  if (at < (startedAt ?? createdAt)) throw refuse('must not be before the service began')
  const [need] = await ctx.tx.select({ period: needs.period }).from(needs).where(eq(needs.id, needId))
  const { date } = localTime(ctx.timeZone, at)
  if (date.slice(0, 7) > need!.period) throw refuse(`must not be after the referral’s month, ${need!.period}`)
}

/** How many units were delivered before, and how many are left: room for the new ones. */
async function requireUnits(
  ctx: TransactionContext,
  { id, quantity }: ReferralRow,
  units: number,
): Promise<{ delivered: number; left: number }> {
  const { delivered, spent } = await deliveredUnits(ctx, id)
  const left = quantity - spent
  if (units <= left) return { delivered, left }
  throw new Refusal('insufficient', `Of ${quantity} units, ${left} are left to deliver.`, {
    facts: { quantity, delivered, left },
  })
}
