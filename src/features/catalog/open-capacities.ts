import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { rowsFrom } from '../../platform/db/rows-from.ts'
import { openAccounts } from '../../platform/ledger/accounts.ts'
import { bookable, type InitialCapacity } from './capacity-schemas.ts'
import { offeringCapacities } from './tables.ts'

interface Wanted {
  offeringId: string
  unit: string
  capacities: InitialCapacity[]
}

/** Opens the accounts of the offerings' months, and says what they are; a month that is open is left as it is. */
export async function openCapacities(ctx: TransactionContext, wanted: readonly Wanted[]): Promise<void> {
  const months = wanted.flatMap(({ offeringId, unit, capacities }) =>
    capacities.map((capacity) => ({ offeringId, unit, ...capacity })),
  )
  const accounts = await openAccounts(
    ctx,
    months.map((month) => ({
      kind: 'capacity' as const,
      ownerId: month.offeringId,
      period: month.period,
      unit: month.unit,
      limit: bookable(month),
    })),
  )
  // An account with another limit was open already: what is said of it is not this.
  const rows = months
    .filter((month, at) => accounts[at]!.limit === bookable(month))
    .map(({ offeringId, period, units: maximum, funded, status }) => ({
      offeringId,
      period,
      maximum,
      funded,
      status,
      updatedAt: ctx.clock(),
    }))
  for (const chunk of chunks(rows)) {
    await ctx.tx.insert(offeringCapacities).select(rowsFrom(offeringCapacities, chunk)).onConflictDoNothing()
  }
}
