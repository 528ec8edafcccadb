/** Whether units are left, as the ledger says at this moment: it changes too often to be kept in the index. */
import { type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { offeringCapacities } from '../catalog/tables.ts'
import { type Candidates, OUT } from './candidates.ts'

/** Up to so many candidates are asked for by id; for more, everything that is free is read. */
const MOST_BY_ID = 4000

/** Candidates without free units in the period are out. */
export async function ruleOutFull(
  ctx: Context,
  parts: readonly Candidates[],
  period: string,
): Promise<Candidates[]> {
  const asked: Asked = { ids: [], units: [] }
  for (const { segment, slots } of parts) {
    const { values, codes } = segment.coded.unit
    for (let at = 0; at < slots.length; at++) {
      asked.ids.push(segment.ids[slots[at]!]!)
      asked.units.push(values[codes[slots[at]!]!]!)
    }
  }
  // The candidates are in the segments' own room: other questions write there while this one waits.
  const own = parts.map(({ segment, slots, fails, keys }) => {
    return { segment, slots: slots.slice(), fails: fails.slice(), keys: keys?.slice() ?? null }
  })
  const isFree = await readFree(ctx, period, asked)
  let number = 0
  for (const { fails } of own) {
    for (let at = 0; at < fails.length; at++) if (isFree[number++] === 0) fails[at] = OUT
  }
  return own
}

/** Offerings and their units, side by side. */
interface Asked {
  ids: string[]
  units: string[]
}

/**
 * Limit − held − spent above 0, and the provider has not said `no-capacity` or `waitlist`. In the offering's own unit
 * (an account in another is left over from before the unit was changed).
 * @returns 1 for every offering that is free, in the order asked.
 */
async function readFree(ctx: Context, period: string, asked: Asked): Promise<Uint8Array> {
  const isFree = new Uint8Array(asked.ids.length)
  if (asked.ids.length > MOST_BY_ID) {
    const free = await readAllFree(ctx, period)
    for (const [at, id] of asked.ids.entries()) if (free.has(`${id}${asked.units[at]}`)) isFree[at] = 1
  } else if (asked.ids.length > 0) {
    for (const number of await readFreeOf(ctx, period, asked)) isFree[Number(number) - 1] = 1
  }
  return isFree
}

/**
 * Numbers of those that are free, counted from 1, in one text: a row for each takes the driver longer than the
 * database. Subqueries, because PostgreSQL reads whole tables for joins with so many ids.
 */
async function readFreeOf(ctx: Context, period: string, { ids, units }: Asked): Promise<string[]> {
  const [someIds, someUnits] = [sql.param(`{${ids.join(',')}}`), sql.param(`{${units.join(',')}}`)]
  return readText(
    ctx,
    sql`select string_agg(number::text, ',') as free
    from unnest(${someIds}::uuid[], ${someUnits}::text[]) with ordinality as asked(id, unit, number)
    where (select a."limit" - a.held - a.spent from ${accounts} a where a.kind = 'capacity'
        and a.owner_id = asked.id and a.period = ${period} and a.unit = asked.unit) > 0
      and (select c.status in ('no-capacity', 'waitlist') from ${offeringCapacities} c
        where c.offering_id = asked.id and c.period = ${period}) is not true`,
  )
}

/** Everything that is free, each as the offering and the unit written together. */
async function readAllFree(ctx: Context, period: string): Promise<Set<string>> {
  const all = await readText(
    ctx,
    sql`select string_agg(a.owner_id::text || a.unit, ',') as free from ${accounts} a
    where a.kind = 'capacity' and a.period = ${period} and a."limit" - a.held - a.spent > 0
      and not exists (select 1 from ${offeringCapacities} c where c.offering_id = a.owner_id
        and c.period = a.period and c.status in ('no-capacity', 'waitlist'))`,
  )
  return new Set(all)
}

async function readText(ctx: Context, statement: SQL): Promise<string[]> {
  const { rows } = (await query(ctx).execute(statement)) as unknown as { rows: [{ free: string | null }] }
  return rows[0].free?.split(',') ?? []
}
