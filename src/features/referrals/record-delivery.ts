import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { commitBundle } from '../../platform/ledger/post-transfers.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { deliveredUnits } from './delivered-units.ts'
import { RecordDelivery } from './delivery-schemas.ts'
import type { ReferralRow } from './get-referral.ts'
import { lockReferral } from './lock-referral.ts'
import { partiesOf } from './parties.ts'
import { deliveries } from './tables.ts'

export type DeliveryRow = typeof deliveries.$inferSelect

/**
 * The provider has delivered some of the units: their share of what the match holds is spent.
 * @throws Refusal `not_found` for another provider's referral, `state_conflict` unless it is in progress,
 *   `insufficient` for more units than are left, `invalid_input` for a delivery before the referral or in the future.
 */
export async function recordDelivery(
  ctx: Context,
  { referralId, ...input }: RecordDelivery & { referralId: string },
): Promise<DeliveryRow> {
  permit(ctx, 'delivery.record')
  const { units, deliveredAt, evidenceHash = null } = parseInput(RecordDelivery, input)
  return inTransaction(ctx, async (ctx) => {
    const referral = await lockReferral(ctx, referralId)
    const at = new Date(deliveredAt)
    requireServiceTime(ctx, referral, at)
    const delivered = (await requireUnits(ctx, referral, units)) + units
    const [row] = await ctx.tx
      .insert(deliveries)
      .values({
        id: ctx.newId(),
        referralId,
        units,
        deliveredAt: at,
        evidenceHash,
        state: 'recorded',
        createdAt: ctx.clock(),
      })
      .returning()
    await commitBundle(ctx, referral.matchId, { delivered, of: referral.quantity, key: row!.id })
    await record(ctx, 'delivery.record', row!.id, { referralId, units })
    await emit(ctx, 'delivery.recorded', row!.id, partiesOf(referral), { referralId, units, delivered })
    return row!
  })
}

function requireServiceTime(ctx: Context, { status, createdAt }: ReferralRow, at: Date): void {
  if (status !== 'in-progress') {
    throw new Refusal('state_conflict', `The referral is ${status}; deliveries belong to one in progress.`)
  }
  const refuse = (message: string) => invalidInput([{ path: ['deliveredAt'], message }])
  if (at > ctx.clock()) throw refuse('must not be in the future')
  if (at < createdAt) throw refuse('must not be before the referral was opened')
}

/** How many units were delivered before; there is room for the new ones. */
async function requireUnits(
  ctx: TransactionContext,
  { id, quantity }: ReferralRow,
  units: number,
): Promise<number> {
  const before = await deliveredUnits(ctx, id)
  const left = quantity - before
  if (units <= left) return before
  throw new Refusal('insufficient', `Of ${quantity} units, ${left} are left to deliver.`, {
    facts: { quantity, delivered: before, left },
  })
}
