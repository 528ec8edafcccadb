/** What offerings have left in a period, as the ledger says at this moment. */
import { sql } from 'drizzle-orm'
import { type Context, query } from '../../../platform/context.ts'
import { prepared } from '../../../platform/db/prepared.ts'

import type { SnapshotOffering } from '../snapshot.ts'

export type Balance = Pick<SnapshotOffering, 'capacity' | 'staffTime'>

/** By the offerings asked for; absent where the period has no account of theirs, or they are said to be full. */
export type Balances = readonly (Balance | undefined)[]

type Told = [
  number: number,
  capacityId: string,
  available: number,
  limit: number,
  staffTimeId: string | null,
  minutes: number | null,
]

/** One statement, by ids. Subqueries, because PostgreSQL would read whole tables for joins with many ids. */
export async function readBalances(
  ctx: Context,
  period: string,
  asked: readonly Pick<SnapshotOffering, 'id' | 'organizationId' | 'unit' | 'staffMinutesPerUnit'>[],
): Promise<Balances> {
  if (asked.length === 0) return []
  const [row] = await statement(query(ctx)).execute({
    period,
    ids: `{${asked.map(({ id }) => id).join(',')}}`,
    units: `{${asked.map(({ unit }) => unit).join(',')}}`,
    // Nobody's, where staff time is not counted.
    owners: `{${asked.map((one) => (one.staffMinutesPerUnit === 0 ? 'null' : one.organizationId)).join(',')}}`,
  })
  const balances: (Balance | undefined)[] = new Array(asked.length)
  for (const [number, accountId, available, limit, staffTimeId, minutes] of row!.told) {
    const staffTime = staffTimeId === null ? null : { accountId: staffTimeId, available: minutes! }
    balances[number - 1] = { capacity: { accountId, available, limit }, staffTime }
  }
  return balances
}

const [PERIOD, IDS, UNITS, OWNERS] = ['period', 'ids', 'units', 'owners'].map((name) => sql.placeholder(name))

const statement = prepared((handle) =>
  handle
    .select({ told: sql<Told[]>`told.rows` })
    .from(
      sql`(select coalesce(json_agg(json_build_array(asked.number, c.id, c.available, c."limit", t.id, t.available)),
          '[]'::json) as rows
        from unnest(${IDS}::uuid[], ${UNITS}::text[], ${OWNERS}::uuid[])
          with ordinality as asked(id, unit, owner_id, number)
        cross join lateral (select a.id, a."limit" - a.held - a.spent as available, a."limit" from accounts a
          where a.kind = 'capacity' and a.owner_id = asked.id and a.period = ${PERIOD} and a.unit = asked.unit
          offset 0) as c
        left join lateral (select a.id, a."limit" - a.held - a.spent as available from accounts a
          where a.kind = 'staff_time' and a.owner_id = asked.owner_id and a.period = ${PERIOD} and a.unit = 'minute'
          offset 0) as t on true
        where (select m.status in ('no-capacity', 'waitlist') from offering_capacities m
          where m.offering_id = asked.id and m.period = ${PERIOD}) is not true) as told`,
    )
    .prepare('instant_balances'),
)
