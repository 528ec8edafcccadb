/** One statement for a need, its resident with consents and wallet, and the programs that may pay. */

import { and, eq, getTableColumns, isNull, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { type Context, query } from '../../../platform/context.ts'
import { prepared } from '../../../platform/db/prepared.ts'
import { found } from '../../../platform/errors.ts'
import { DAY_MS } from '../../../platform/period.ts'
import { SYSTEM } from '../../identity/permissions.ts'
import { type ConsentReceipt, type KnownFacts, visibleFacts } from '../../residents/consented-facts.ts'
import type { NeedRow } from '../../residents/register-need.ts'
import type { ConsentFact, ConsentPurpose } from '../../residents/schemas.ts'
import { needs, residents } from '../../residents/tables.ts'
import { coolingOffOf } from '../cooling-off.ts'
import type { SnapshotNeed, SnapshotProgram, SnapshotResident } from '../snapshot.ts'
import type { InstantAsking } from './asking.ts'
import { programTerms } from './program-terms.ts'

/**
 * The need, its resident as matching may see them now, and the open programs of its period that pay for its category
 * and tier. One statement, inside the caller's transaction where there is one; locks nothing.
 * @throws Refusal `not_found`, also for a need of another partner's resident, and of one who was erased.
 */
export async function readAsking(ctx: Context, needId: string): Promise<InstantAsking> {
  const [read] = await statement(query(ctx)).execute({ needId, ...readerOf(ctx) })
  const { asked } = found(read, 'need')
  const programs = await programsOf(ctx, asked.paying)
  // One of them has changed in between.
  return programs ? toAsking(ctx, asked, programs) : readAsking(ctx, needId)
}

/**
 * The same of many needs, in one statement and in any order; those of erased residents are missing.
 * @param recipientId whom consents are judged for; null = each resident's own partner.
 */
export async function readAskings(
  ctx: Context,
  needIds: readonly string[],
  recipientId: string | null,
): Promise<InstantAsking[]> {
  const read = await statementOfMany(query(ctx)).execute({
    needIds: `{${needIds.join(',')}}`,
    ...readerOf(ctx),
  })
  const paying = new Map(read.flatMap(({ asked }) => asked.paying.map((one) => [one[0], one])))
  const programs = await programsOf(ctx, [...paying.values()])
  if (!programs) return readAskings(ctx, needIds, recipientId)
  const byId = new Map(programs.map((one) => [one.id, one]))
  return read.map(({ asked }) =>
    toAsking(
      ctx,
      asked,
      asked.paying.map(([id]) => byId.get(id)!),
      recipientId,
    ),
  )
}

/** The system sees whose resident it may be. */
function readerOf({ actor: { role, organizationId }, currency, clock }: Context) {
  const now = clock().toISOString()
  return { organizationId: role === SYSTEM.role ? null : organizationId, currency, now }
}

function toAsking(
  ctx: Context,
  { resident, wallet, consents, cooled, lastProviderId, paying, newestEvent, ...told }: Asked,
  programs: SnapshotProgram[],
  recipientId: string | null = null,
): InstantAsking {
  const row = toRow(told.row)
  const now = ctx.clock()
  const look = {
    purpose: 'matching',
    recipientId: recipientId ?? resident.organizationId,
    now,
    period: row.period,
  } as const
  const visible = visibleFacts(resident, consents.map(toReceipt), look)
  const drawn: Record<string, number> = {}
  for (const [id, , , , amount] of paying) if (amount > 0) drawn[`${id} ${resident.id}`] = amount
  return {
    row,
    need: toNeed(row, lastProviderId, now),
    resident: { id: resident.id, areaId: resident.areaId, ...visible, ...coolingOffOf(...cooled), wallet },
    partnerId: resident.organizationId,
    programs,
    drawn,
    newestEvent,
  }
}

async function programsOf(ctx: Context, paying: readonly Paying[]): Promise<SnapshotProgram[] | null> {
  const wanted = paying.map(([id, version]) => ({ id, version }))
  const all = await programTerms(ctx, wanted)
  if (!all) return null
  return all.map(({ fundAccountId, ...terms }, at) => {
    const [, , available, limit] = paying[at]!
    return { ...terms, fund: { accountId: fundAccountId, available, limit } }
  })
}

interface ToldConsent {
  purpose: ConsentPurpose
  recipientId: string | null
  facts: ConsentFact[]
  givenAt: string
  expiresAt: string | null
  withdrawnAt: string | null
}

function toReceipt({ givenAt, expiresAt, withdrawnAt, ...consent }: ToldConsent): ConsentReceipt {
  return {
    ...consent,
    givenAt: new Date(givenAt),
    expiresAt: expiresAt ? new Date(expiresAt) : null,
    withdrawnAt: withdrawnAt ? new Date(withdrawnAt) : null,
  }
}

function toNeed(row: NeedRow, lastProviderId: string | null, now: Date): SnapshotNeed {
  return {
    id: row.id,
    residentId: row.residentId,
    category: row.category,
    term: row.term,
    tier: row.tier,
    quantity: row.quantity,
    unit: row.unit,
    neededBy: row.neededBy,
    acceptableHours: row.acceptableHours,
    preferences: row.preferences,
    refusals: row.refusals,
    lastProviderId,
    maxWalkingMinutes: row.maxWalkingMinutes,
    waitingDays: Math.max(0, Math.floor((now.getTime() - row.waitingSince.getTime()) / DAY_MS)),
    priority: row.priority,
  }
}

const CONSENTS = sql`coalesce((select json_agg(json_build_object('purpose', c.purpose,
    'recipientId', c.recipient_id, 'facts', c.facts, 'givenAt', c.given_at, 'expiresAt', c.expires_at,
    'withdrawnAt', c.withdrawn_at) order by c.id)
  from consents c where c.resident_id = ${residents.id} and c.purpose = 'matching'), '[]'::json)`

/** Offerings and organizations that are not to be offered again yet. */
const COOLED = sql`(select json_build_array(
    json_agg(distinct c.offering_id) filter (where c.offering_id is not null),
    json_agg(distinct c.organization_id) filter (where c.organization_id is not null))
  from cool_offs c where c.resident_id = ${residents.id} and c.until > ${sql.placeholder('now')}::timestamptz)`

/** As the run's snapshot has it: who served the last need of the kind, where that is preferred. */
const LAST_PROVIDER = sql`case when (${needs.preferences} ->> 'keepProvider')::boolean then (
    select o.organization_id from matches m join needs earlier on earlier.id = m.need_id
      join offerings o on o.id = m.offering_id
    where earlier.resident_id = ${needs.residentId} and earlier.category = ${needs.category}
      and earlier.term = ${needs.term} and earlier.state in ('in_service', 'met') and m.state = 'approved'
    order by m.id desc limit 1) end`

/**
 * `subsidyCapOwner` in SQL: a resident's cap is an account of an owner derived from program and resident, and asking
 * for it in this statement saves one more. `offset 0`, or the hash is reckoned five times.
 */
const CAP_OWNER = sql`(select (substr(hex, 1, 12) || '8' || substr(hex, 14, 3)
    || translate(substr(hex, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab') || substr(hex, 18, 15))::uuid
  from (select encode(sha256(convert_to('subsidy_cap ' || p.id || ' ' || ${residents.id}, 'UTF8')), 'hex') as hex offset 0) as derived)`

/** Numbers only: `programTerms` has the rest. */
const PAYING = sql`coalesce((
  select json_agg(json_build_array(p.id, p.version, f."limit" - f.held - f.spent, f."limit",
    case when p.resident_cap is null then 0 else coalesce((select d.held + d.spent from accounts d
      where d.kind = 'subsidy_cap' and d.owner_id = ${CAP_OWNER} and d.period = p.period and d.unit = p.currency), 0) end
    ) order by p.id)
  from programs p join accounts f on f.id = p.fund_account_id
  where p.state = 'open' and p.period = ${needs.period} and p.categories ? ${needs.category}::text
    and p.tiers ? ${needs.tier}::text), '[]'::json)`

type Paying = [id: string, version: number, available: number, limit: number, drawn: number]

const WALLET = sql`(select json_build_object('accountId', w.id,
    'available', w."limit" - w.held - w.spent) from accounts w
  where w.kind = 'wallet' and w.owner_id = ${residents.id} and w.period = ${needs.period}
    and w.unit = ${sql.placeholder('currency')})`

/** A need in JSON. */
type ToldRow = Omit<NeedRow, 'waitingSince' | 'createdAt'> & { waitingSince: string; createdAt: string }

function toRow(told: ToldRow): NeedRow {
  return { ...told, waitingSince: new Date(told.waitingSince), createdAt: new Date(told.createdAt) }
}

const objectOf = (columns: Record<string, PgColumn>) =>
  sql`json_build_object(${sql.join(
    Object.entries(columns).map(([name, column]) => sql`${sql.raw(`'${name}'`)}, ${column}`),
    sql`, `,
  )})`

type ToldResident = KnownFacts & { id: string; organizationId: string; areaId: string }

const RESIDENT = objectOf({
  id: residents.id,
  organizationId: residents.organizationId,
  areaId: residents.areaId,
  latitude: residents.latitude,
  longitude: residents.longitude,
  languages: residents.languages,
  birthYear: residents.birthYear,
  mobility: residents.mobility,
  assessments: residents.assessments,
  incomeClass: residents.incomeClass,
  livesAlone: residents.livesAlone,
})

interface Asked {
  row: ToldRow
  resident: ToldResident
  wallet: SnapshotResident['wallet']
  consents: ToldConsent[]
  cooled: [offeringIds: string[] | null, organizationIds: string[] | null]
  lastProviderId: string | null
  paying: Paying[]
  newestEvent: number
}

/** As one value: reading sixty columns, one by one, takes this process longer than the database to find them. */
const ASKED = sql<Asked>`json_build_object('row', ${objectOf(getTableColumns(needs))}, 'resident', ${RESIDENT}, 'wallet', ${WALLET},
  'consents', ${CONSENTS}, 'cooled', ${COOLED}, 'lastProviderId', ${LAST_PROVIDER}, 'paying', ${PAYING},
  'newestEvent', (select coalesce(max(position), 0) from events))`

/** Null = whoever's resident it is. */
const OWN: SQL = sql`(${sql.placeholder('organizationId')}::uuid is null
  or ${residents.organizationId} = ${sql.placeholder('organizationId')}::uuid)`

const statement = prepared((handle) =>
  handle
    .select({ asked: ASKED })
    .from(needs)
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(and(eq(needs.id, sql.placeholder('needId')), isNull(residents.erasedAt), OWN))
    .prepare('instant_asking'),
)

const statementOfMany = prepared((handle) =>
  handle
    .select({ asked: ASKED })
    .from(needs)
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(
      and(sql`${needs.id} = any(${sql.placeholder('needIds')}::uuid[])`, isNull(residents.erasedAt), OWN),
    )
    .prepare('instant_askings'),
)
