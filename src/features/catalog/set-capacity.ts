import { and, eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { type Account, openAccount, setLimit } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { ownRows } from './own-rows.ts'
import { SetCapacity } from './schemas.ts'
import { offerings } from './tables.ts'

/**
 * Sets how many units an offering has in a month. No If-Match: the figure is absolute, and the ledger refuses one
 * below what is promised, whoever came first.
 * @throws Refusal `not_found` for a foreign offering, `invalid_input` for a month that is over, `insufficient` below
 *   what is held and spent.
 */
export async function setCapacity(
  ctx: Context,
  { offeringId, period, ...input }: SetCapacity,
): Promise<Account> {
  permit(ctx, 'capacity.set')
  const { units } = parseInput(SetCapacity, input)
  refusePast(period, ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    const [row] = await ctx.tx
      .select()
      .from(offerings)
      .where(and(eq(offerings.id, offeringId), ownRows(ctx, offerings.organizationId)))
    const offering = found(row, 'offering')
    const name = { kind: 'capacity', ownerId: offeringId, period, unit: offering.unit } as const
    const { id } = await openAccount(ctx, name, units)
    const account = await setLimit(ctx, id, units)
    await record(ctx, 'capacity.set', offeringId, { period, units })
    await emit(ctx, 'capacity.set', offeringId, offering.organizationId, { period, units })
    return account
  })
}
