import { sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { rowsFrom } from '../../platform/db/rows-from.ts'
import { openAccounts } from '../../platform/ledger/accounts.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import type { ProjectedPlace } from './projection.ts'
import type { ProjectedCapacity } from './projection-capacities.ts'
import { offeringCapacities } from './tables.ts'

export interface PlaceCapacity extends ProjectedCapacity {
  offeringId: string
  unit: ProjectedPlace['offering']['unit']
}

export interface WrittenCapacities {
  /** What is different from before, and new. */
  changed: PlaceCapacity[]
  /** Capacities below what is promised already, which stays promised. */
  short: (PlaceCapacity & { promised: number })[]
}

/** Opens accounts of capacity and sets the limits of those that are open, never below what is held and spent. */
export async function writeCapacities(
  ctx: TransactionContext,
  wanted: readonly PlaceCapacity[],
): Promise<WrittenCapacities> {
  const open = await openAccounts(
    ctx,
    wanted.map(({ offeringId, period, unit, limit }) => ({
      kind: 'capacity' as const,
      ownerId: offeringId,
      period,
      unit,
      limit,
    })),
  )
  // Opening locked the accounts: nothing is held on them until this transaction ends.
  const due: { id: string; limit: number }[] = []
  const short: WrittenCapacities['short'] = []
  const moved = new Set<string>()
  wanted.forEach((capacity, at) => {
    const { id, limit, held, spent } = open[at]!
    const promised = held + spent
    if (capacity.limit < promised) short.push({ ...capacity, promised })
    if (Math.max(capacity.limit, promised) === limit) return
    due.push({ id, limit: Math.max(capacity.limit, promised) })
    moved.add(keyOf(capacity))
  })
  await setLimits(ctx, due)
  const said = await writeStatements(ctx, wanted)
  const changed = wanted.filter((capacity) => moved.has(keyOf(capacity)) || said.has(keyOf(capacity)))
  return { changed, short }
}

async function setLimits(
  ctx: TransactionContext,
  due: readonly { id: string; limit: number }[],
): Promise<void> {
  for (const chunk of chunks(due)) {
    const rows = sql`jsonb_to_recordset(${JSON.stringify(chunk)}::jsonb) as due(id uuid, "limit" bigint)`
    await ctx.tx.execute(
      sql`update ${accounts} set "limit" = due."limit" from ${rows} where ${accounts.id} = due.id`,
    )
  }
}

/** What is said of the months. When it was said counts as no change by itself. @returns keys of what is different. */
async function writeStatements(
  ctx: TransactionContext,
  wanted: readonly PlaceCapacity[],
): Promise<Set<string>> {
  const changed = new Set<string>()
  const { offeringId, period, maximum, funded, status } = offeringCapacities
  for (const chunk of chunks(wanted)) {
    const rows = await ctx.tx
      .insert(offeringCapacities)
      .select(rowsFrom(offeringCapacities, chunk))
      .onConflictDoUpdate({
        target: [offeringId, period],
        set: {
          maximum: sql`excluded.maximum`,
          funded: sql`excluded.funded`,
          status: sql`excluded.status`,
          updatedAt: sql`excluded.updated_at`,
        },
        setWhere: sql`(${maximum}, ${funded}, ${status}) is distinct from
          (excluded.maximum, excluded.funded, excluded.status)`,
      })
      .returning({ offeringId, period })
    for (const row of rows) changed.add(keyOf(row))
  }
  return changed
}

function keyOf({ offeringId, period }: { offeringId: string; period: string }): string {
  return `${offeringId} ${period}`
}
