import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { openAccount, setLimit } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { bookable, SetCapacity } from './capacity-schemas.ts'
import { type CapacityRow, selectCapacities } from './list-capacities.ts'
import { lockOwnOffering } from './lock-offering.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { offeringCapacities } from './tables.ts'

/**
 * Says how many units an offering has in a month, how many of them are paid for, and whether it takes anybody. No
 * If-Match: the figures are absolute, and the ledger refuses what is below the promised, whoever came first.
 * @throws Refusal `not_found` for a foreign offering, `invalid_input` for a month that is over or more funded units than
 *   there are, `insufficient` below what is held and spent.
 */
export async function setCapacity(
  ctx: Context,
  { offeringId, period, ...input }: SetCapacity,
): Promise<CapacityRow> {
  permit(ctx, 'capacity.set')
  const wanted = parseInput(SetCapacity, input)
  refusePast(period, ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    const { unit, organizationId } = await lockOwnOffering(ctx, offeringId)
    const name = { kind: 'capacity', ownerId: offeringId, period, unit } as const
    const { id } = await openAccount(ctx, name, bookable(wanted))
    await setLimit(ctx, id, bookable(wanted))
    const { units: maximum, funded, status } = wanted
    const said = { maximum, funded, status, updatedAt: ctx.clock() }
    await ctx.tx
      .insert(offeringCapacities)
      .values({ offeringId, period, ...said })
      .onConflictDoUpdate({ target: [offeringCapacities.offeringId, offeringCapacities.period], set: said })
    await publishToDirectory(ctx, { offeringIds: [offeringId] })
    await record(ctx, 'capacity.set', offeringId, { period, ...wanted })
    await emit(ctx, 'capacity.set', offeringId, organizationId, { period, ...wanted })
    const [row] = await selectCapacities(ctx, offeringId, period)
    return row!
  })
}
