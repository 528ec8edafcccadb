/** The rules of the moment: the policy in force, what lies in what, and the programs that may pay for a need. */
import { sql } from 'drizzle-orm'
import { type Context, query } from '../../../platform/context.ts'
import type { Handle } from '../../../platform/db/client.ts'
import { Refusal } from '../../../platform/errors.ts'
import { localTime } from '../../../platform/time-zone.ts'
import type { PolicyDocument } from '../../policies/schemas.ts'
import { freshIndex } from '../../search/offering-index.ts'
import type { Market } from '../options.ts'
import type { InstantAsking } from './asking.ts'

/** A market as one need sees it: programs and caps are those of the asking. */
export interface InstantMarket extends Market {
  policyId: string
  /** That of the need. */
  period: string
  /** The day that it is in the deployment's time zone. */
  today: string
}

/** Policy and areas. */
export interface Rules {
  policyId: string
  policy: PolicyDocument
  parents: Record<string, string | null>
}

/**
 * What besides the offerings decides a need's options. Outside of transactions no statement of its own, as long as
 * neither policy nor areas change; inside one, policy and areas are read there, as they are then.
 * @throws Refusal `state_conflict` before a policy is adopted.
 */
export async function readMarket(ctx: Context, asking: InstantAsking): Promise<InstantMarket> {
  return marketOf(ctx, ctx.tx ? await readRules(ctx.tx, asking.resident.areaId) : await rulesNow(ctx), asking)
}

export function marketOf(ctx: Context, rules: Rules, { programs, drawn, row }: InstantAsking): InstantMarket {
  return { ...rules, programs, drawn, period: row.period, today: dayOf(ctx) }
}

/**
 * The rules for whoever asks, with all areas. Inside a transaction as they are there.
 * @throws Refusal `state_conflict` before a policy is adopted.
 */
export function readRulesForAll(ctx: Context): Promise<Rules> {
  return ctx.tx ? readRules(ctx.tx) : rulesNow(ctx)
}

const MINUTE_MS = 60_000
let lastDay = { timeZone: '', minute: 0, date: '' }

/** Days begin with a minute in every zone, and a calendar takes longer than a question's options do. */
function dayOf({ timeZone, clock }: Context): string {
  const now = clock()
  const minute = Math.floor(now.getTime() / MINUTE_MS)
  if (lastDay.minute !== minute || lastDay.timeZone !== timeZone) {
    lastDay = { timeZone, minute, date: localTime(timeZone, now).date }
  }
  return lastDay.date
}

/** Remembered as long as no event says that policy or areas may have changed: then the index has new surroundings. */
const remembered = new WeakMap<object, Promise<Rules>>()

async function rulesNow(ctx: Context): Promise<Rules> {
  const { surroundings } = await freshIndex(ctx)
  return rulesOf(ctx, surroundings)
}

/** The rules under an index's surroundings. Outside of transactions only. */
export function rulesOf(ctx: Context, surroundings: object): Promise<Rules> {
  const known = remembered.get(surroundings)
  if (known) return known
  const reading = readRules(query(ctx))
  remembered.set(surroundings, reading)
  // What could not be read is asked for again by the next question.
  reading.catch(() => remembered.delete(surroundings))
  return reading
}

/** @param areaId reads no more areas than this one and those it lies in. */
async function readRules(handle: Handle, areaId?: string): Promise<Rules> {
  const some = areaId
    ? sql`with recursive around as (select id, parent_id from areas where id = ${areaId}
        union all select a.id, a.parent_id from areas a join around on a.id = around.parent_id)`
    : sql`with around as (select id, parent_id from areas)`
  const { rows } = (await handle.execute(sql`${some}
    select p.id, p.document, (select json_object_agg(id, parent_id) from around) as parents
    from policies p where p.state = 'adopted'`)) as unknown as {
    rows: { id: string; document: PolicyDocument; parents: Rules['parents'] | null }[]
  }
  const [row] = rows
  if (!row) throw new Refusal('state_conflict', 'No policy is adopted yet.')
  return { policyId: row.id, policy: row.document, parents: row.parents ?? {} }
}
