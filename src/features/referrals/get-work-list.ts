import { and, asc, count, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { type Context, query } from '../../platform/context.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { permit } from '../identity/permissions.ts'
import { matches } from '../matching/tables.ts'
import { needs } from '../residents/tables.ts'
import { IS_SPENT } from './delivered-units.ts'
import type { ReferralRow } from './get-referral.ts'
import type { DeliveryRow } from './record-delivery.ts'
import { deliveries, referrals } from './tables.ts'
import { WorkKind, type WorkListQuery } from './work-list-schemas.ts'

export interface WorkRow {
  id: string
  referral: ReferralRow
  period: string
  left: number
  delivery: DeliveryRow | null
}

export interface WorkSection {
  kind: WorkKind
  count: number
  items: WorkRow[]
  nextCursor: string | null
}

interface Section {
  where: SQL | undefined
  /** What it goes by; then by id. */
  by: SQL
}

const LEFT = sql`(${referrals.quantity} - coalesce((select sum(${deliveries.units}) from ${deliveries}
  where ${deliveries.referralId} = ${referrals.id} and ${IS_SPENT}), 0))`
const isUnderWay = eq(referrals.status, 'in-progress')
const byMonth = sql`${needs.period}`

const SECTIONS: Record<Exclude<WorkKind, 'disputed'>, Section> = {
  to_answer: {
    where: eq(referrals.status, 'requested'),
    by: sql`coalesce(${referrals.answerBy}, 'infinity')`,
  },
  to_start: {
    where: and(eq(referrals.status, 'accepted'), eq(referrals.residentAnswer, 'accepted')),
    by: byMonth,
  },
  to_deliver: { where: and(isUnderWay, sql`${LEFT} > 0`), by: byMonth },
  to_complete: { where: and(isUnderWay, sql`${LEFT} <= 0`), by: byMonth },
  on_hold: { where: eq(referrals.status, 'on-hold'), by: sql`${referrals.changedAt}` },
}

/**
 * What waits for the provider, in order of urgency: how much of each kind, and a page of each, or of the one asked for.
 * The resident's words in a dispute are not told.
 * @throws Refusal `invalid_input` for a cursor without a kind.
 */
export async function getWorkList(
  ctx: Context,
  { kind, limit, cursor }: WorkListQuery,
): Promise<WorkSection[]> {
  permit(ctx, 'worklist.read')
  if (cursor && !kind) throw invalidInput([{ path: ['cursor'], message: 'belongs to a kind: name it' }])
  const page = { limit: limit + 1, cursor }
  const sections: WorkSection[] = []
  for (const one of kind ? [kind] : WorkKind.options) {
    const { total, rows } = await (one === 'disputed'
      ? disputed(ctx, page)
      : waiting(ctx, SECTIONS[one], page))
    const items = rows.slice(0, limit)
    const nextCursor = rows.length > limit ? items.at(-1)!.id : null
    sections.push({ kind: one, count: total, items, nextCursor })
  }
  return sections
}

interface Found {
  total: number
  rows: WorkRow[]
}

interface Page {
  limit: number
  cursor: string | undefined
}

async function waiting(ctx: Context, { where, by }: Section, { limit, cursor }: Page): Promise<Found> {
  const own = and(eq(referrals.providerId, ctx.actor.organizationId), where)
  const rows = await selectWork(ctx)
    .where(and(own, after(REFERRALS, by, referrals.id, cursor)))
    .orderBy(asc(by), asc(referrals.id))
    .limit(limit)
  const [counted] = await query(ctx).select({ total: count() }).from(referrals).where(own)
  return { total: counted!.total, rows: rows.map((row) => ({ ...row, id: row.referral.id, delivery: null })) }
}

async function disputed(ctx: Context, { limit, cursor }: Page): Promise<Found> {
  const by = sql`${deliveries.answeredAt}`
  const own = and(eq(referrals.providerId, ctx.actor.organizationId), eq(deliveries.state, 'disputed'))
  const rows = await query(ctx)
    .select({ ...WORK, delivery: getTableColumns(deliveries) })
    .from(deliveries)
    .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .innerJoin(needs, eq(needs.id, matches.needId))
    .where(and(own, after(sql`${deliveries}`, by, deliveries.id, cursor)))
    .orderBy(asc(by), asc(deliveries.id))
    .limit(limit)
  const [counted] = await query(ctx)
    .select({ total: count() })
    .from(deliveries)
    .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
    .where(own)
  const told = rows.map((row) => ({
    ...row,
    id: row.delivery.id,
    delivery: { ...row.delivery, comment: null },
  }))
  return { total: counted!.total, rows: told }
}

/** As `selectReferrals` has them, and what is left to do. */
const WORK = {
  referral: {
    ...getTableColumns(referrals),
    needId: matches.needId,
    offeringId: matches.offeringId,
    programId: matches.programId,
    price: matches.price,
    subsidy: matches.subsidy,
    copayment: matches.copayment,
  },
  period: needs.period,
  left: LEFT.mapWith(Number),
}

const REFERRALS = sql`${referrals} join ${matches} on ${matches.id} = ${referrals.matchId}
  join ${needs} on ${needs.id} = ${matches.needId}`

function selectWork(ctx: Context) {
  return query(ctx)
    .select(WORK)
    .from(referrals)
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .innerJoin(needs, eq(needs.id, matches.needId))
}

/** Those that come after the last one of the page before. */
function after(from: SQL, by: SQL, id: PgColumn, cursor: string | undefined): SQL | undefined {
  return cursor ? sql`(${by}, ${id}) > (select ${by}, ${id} from ${from} where ${id} = ${cursor})` : undefined
}
