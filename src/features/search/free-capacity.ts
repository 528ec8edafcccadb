/** Whether units are left, as the ledger says at this moment: it changes too often to be kept in the index. */
import { sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { offeringCapacities } from '../catalog/tables.ts'
import { type Candidates, OUT } from './candidates.ts'

/** Up to so many candidates are asked for by id; for more, everything that is free is read. */
const MOST_BY_ID = 2000

/** Candidates without free units in the period are out. */
export async function ruleOutFull(
  ctx: Context,
  parts: readonly Candidates[],
  period: string,
): Promise<Candidates[]> {
  const owners = parts.flatMap(({ segment: { ids, coded }, slots }) =>
    Array.from(slots, (slot) => `${ids[slot]}${coded.unit.values[coded.unit.codes[slot]!]}`),
  )
  const free = owners.length === 0 ? new Set<string>() : await readFree(ctx, period, owners)
  let at = 0
  return parts.map(({ segment, slots, fails, keys }) => {
    const left = fails.map((fail) => (free.has(owners[at++]!) ? fail : OUT))
    return { segment, slots, fails: left, keys }
  })
}

/**
 * Limit − held − spent above 0, and the provider has not said `no-capacity` or `waitlist`. In the offering's own unit
 * (an account in another is left over from before the unit was changed). As one text: a row for each takes the driver
 * longer than the database.
 * @param owners offerings and their units, written together.
 */
async function readFree(ctx: Context, period: string, owners: readonly string[]): Promise<Set<string>> {
  const ids = owners.map((owner) => owner.slice(0, 36))
  const some = sql`a.owner_id = any(${sql.param(`{${ids.join(',')}}`)}::uuid[])`
  const { rows } = (await query(ctx).execute(sql`
    select string_agg(a.owner_id::text || a.unit, ',') as free from ${accounts} a
    where a.kind = 'capacity' and a.period = ${period} and a."limit" - a.held - a.spent > 0
      and ${ids.length <= MOST_BY_ID ? some : sql`true`}
      and not exists (select 1 from ${offeringCapacities} c where c.offering_id = a.owner_id
        and c.period = a.period and c.status in ('no-capacity', 'waitlist'))`)) as unknown as {
    rows: [{ free: string | null }]
  }
  return new Set(rows[0].free?.split(','))
}
