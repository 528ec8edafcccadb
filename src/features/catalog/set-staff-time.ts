import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { type Account, openAccount, setLimit } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { SetStaffTime } from './capacity-schemas.ts'

/** What staff time is counted in. */
export const STAFF_TIME_UNIT = 'minute'

/**
 * Sets how many minutes the staff of the actor's organization have in a month, over all of its offerings. No If-Match,
 * as for `setCapacity`.
 * @throws Refusal `invalid_input` for a month that is over, `insufficient` below what is held and spent.
 */
export async function setStaffTime(ctx: Context, { period, ...input }: SetStaffTime): Promise<Account> {
  permit(ctx, 'staff_time.set')
  const { minutes } = parseInput(SetStaffTime, input)
  refusePast(period, ctx.clock())
  const ownerId = ctx.actor.organizationId
  return inTransaction(ctx, async (ctx) => {
    const name = { kind: 'staff_time', ownerId, period, unit: STAFF_TIME_UNIT } as const
    const { id } = await openAccount(ctx, name, minutes)
    const account = await setLimit(ctx, id, minutes)
    await record(ctx, 'staff_time.set', ownerId, { period, minutes })
    await emit(ctx, 'staff_time.set', ownerId, ownerId, { period, minutes })
    return account
  })
}
