import { eq, type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { organizations, principals } from '../identity/tables.ts'
import { matchRuns } from '../matching/tables.ts'
import { policies } from '../policies/tables.ts'
import { programs } from '../programs/tables.ts'
import { needs, residents } from '../residents/tables.ts'
import { settlements, statements } from '../settlement/tables.ts'
import type { SubjectKind } from './schemas.ts'
import { findings, suspensions } from './tables.ts'

/** What supervision looks at: whose it is, where, and what was purchased by it. */
export interface Subject {
  kind: SubjectKind
  id: string
  /** Organizations that it concerns, those who supervise it aside. */
  parties: string[]
  /** Areas it lies in; null = in none in particular. */
  areaIds: string[] | null
  /** Runs, programs and policies behind it: whoever purchased by them does not supervise it. */
  purchases: string[]
  residentId: string | null
  needId: string | null
  referralId: string | null
}

type Facts = Pick<Subject, 'parties' | 'areaIds'> &
  Partial<Pick<Subject, 'purchases' | 'residentId' | 'needId' | 'referralId'>>

/**
 * Reads a subject, whoever asks; reach and party are the caller's question.
 * @throws Refusal `not_found`.
 */
export async function readSubject(ctx: Context, kind: SubjectKind, id: string): Promise<Subject> {
  const facts = found(await READERS[kind](ctx, id), kind)
  const none = { purchases: [], residentId: null, needId: null, referralId: null }
  return { kind, id, ...none, ...facts }
}

/** The kind of whatever has this id; null where nothing has. */
export async function kindOf(ctx: Context, id: string): Promise<SubjectKind | null> {
  for (const kind of Object.keys(READERS) as SubjectKind[]) {
    if (await READERS[kind](ctx, id)) return kind
  }
  return null
}

/** @throws Refusal `not_found` for a subject beyond the supervisor's area. */
export async function requireWithinArea(ctx: Context, { kind, areaIds }: Subject): Promise<void> {
  const { areaId } = ctx.actor
  if (!areaId || areaIds === null) return
  const within = new Set(await areaSubtree(ctx, areaId))
  if (!areaIds.some((id) => within.has(id))) throw new Refusal('not_found', `There is no such ${kind}.`)
}

type Reader = (ctx: Context, id: string) => Promise<Facts | null>

const READERS: Record<SubjectKind, Reader> = {
  run: async (ctx, id) => {
    const [row] = await query(ctx).select().from(matchRuns).where(eq(matchRuns.id, id))
    return row ? { parties: [row.organizationId], areaIds: [row.areaId], purchases: [id] } : null
  },
  program: async (ctx, id) => {
    const [row] = await query(ctx).select().from(programs).where(eq(programs.id, id))
    return row ? { parties: [row.organizationId], areaIds: [row.areaId], purchases: [id] } : null
  },
  policy: readPolicy,
  match: (ctx, id) => readMatch(ctx, sql`m.id = ${id}`),
  referral: (ctx, id) => readMatch(ctx, sql`f.id = ${id}`),
  delivery: (ctx, id) => readMatch(ctx, sql`f.id = (select referral_id from deliveries where id = ${id})`),
  need: async (ctx, id) => {
    const [row] = await query(ctx)
      .select({ need: needs, resident: residents })
      .from(needs)
      .innerJoin(residents, eq(residents.id, needs.residentId))
      .where(eq(needs.id, id))
    if (!row) return null
    const { organizationId, areaId, id: residentId } = row.resident
    return { parties: [organizationId], areaIds: [areaId], residentId, needId: id }
  },
  settlement: readSettlement,
  finding: async (ctx, id) => {
    const [row] = await query(ctx).select().from(findings).where(eq(findings.id, id))
    if (!row) return null
    const { respondentId, areaId } = row
    return { parties: respondentId ? [respondentId] : [], areaIds: areaId ? [areaId] : null }
  },
  suspension: async (ctx, id) => {
    const [row] = await query(ctx).select().from(suspensions).where(eq(suspensions.id, id))
    return row ? { parties: [row.providerId], areaIds: await areasOf(ctx, row.providerId) } : null
  },
  offering: async (ctx, id) => {
    const [row] = await rowsOf<{ organizationId: string; areaIds: string[] }>(
      ctx,
      sql`select o.organization_id as "organizationId", array(select distinct area.id from (
          select l.area_id::text as id from locations l where l.id = o.location_id
          union select jsonb_array_elements_text(o.service_area_ids)) as area
        where area.id is not null order by area.id) as "areaIds"
      from offerings o where o.id = ${id}`,
    )
    return row ? { parties: [row.organizationId], areaIds: row.areaIds } : null
  },
  organization: async (ctx, id) => {
    const [row] = await query(ctx).select().from(organizations).where(eq(organizations.id, id))
    if (!row) return null
    const isPlaced = row.kind !== 'operator' && row.kind !== 'supervisor'
    return { parties: [id], areaIds: isPlaced ? await areasOf(ctx, id) : null }
  },
}

async function readPolicy(ctx: Context, id: string): Promise<Facts | null> {
  const [row] = await query(ctx)
    .select({ organizationId: principals.organizationId })
    .from(policies)
    .leftJoin(principals, eq(principals.id, policies.draftedBy))
    .where(eq(policies.id, id))
  if (!row) return null
  const { organizationId } = row
  return { parties: organizationId ? [organizationId] : [], areaIds: null, purchases: [id] }
}

async function readSettlement(ctx: Context, id: string): Promise<Facts | null> {
  const [row] = await query(ctx)
    .select({ settlement: settlements, areaId: programs.areaId })
    .from(settlements)
    .innerJoin(programs, eq(programs.id, settlements.programId))
    .where(eq(settlements.id, id))
  if (!row) return null
  const owed = await query(ctx)
    .select({ providerId: statements.providerId })
    .from(statements)
    .where(eq(statements.settlementId, id))
  const { organizationId, programId } = row.settlement
  const parties = [organizationId, ...owed.map(({ providerId }) => providerId)]
  return { parties, areaIds: [row.areaId], purchases: [programId] }
}

interface MatchFacts {
  providerId: string
  partnerId: string
  purchaserId: string | null
  runnerId: string | null
  runId: string | null
  programId: string | null
  areaId: string
  residentId: string
  needId: string
  referralId: string | null
}

/** A match, with its referral where it has one; `which` names either. */
async function readMatch(ctx: Context, which: SQL): Promise<Facts | null> {
  const [row] = await rowsOf<MatchFacts>(
    ctx,
    sql`select o.organization_id as "providerId", r.organization_id as "partnerId",
        coalesce(f.purchaser_id, p.organization_id) as "purchaserId", u.organization_id as "runnerId",
        m.run_id as "runId", m.program_id as "programId", r.area_id as "areaId", r.id as "residentId",
        m.need_id as "needId", f.id as "referralId"
      from matches m
        join offerings o on o.id = m.offering_id
        join residents r on r.id = m.resident_id
        left join referrals f on f.match_id = m.id
        left join match_runs u on u.id = m.run_id
        left join programs p on p.id = m.program_id
      where ${which}`,
  )
  if (!row) return null
  const { residentId, needId, referralId, areaId } = row
  const parties = given([row.providerId, row.partnerId, row.purchaserId, row.runnerId])
  return {
    parties,
    areaIds: [areaId],
    purchases: given([row.runId, row.programId]),
    residentId,
    needId,
    referralId,
  }
}

function given(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids.flatMap((id) => id ?? []))]
}

/** Where an organization offers, serves, purchases, or has residents. */
async function areasOf(ctx: Context, organizationId: string): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    ctx,
    sql`select distinct area.id from (
        select l.area_id::text as id from offerings o join locations l on l.id = o.location_id
          where o.organization_id = ${organizationId}
        union select jsonb_array_elements_text(o.service_area_ids) from offerings o
          where o.organization_id = ${organizationId}
        union select area_id::text from programs where organization_id = ${organizationId}
        union select area_id::text from match_runs where organization_id = ${organizationId}
        union select area_id::text from residents where organization_id = ${organizationId}) as area
      where area.id is not null order by area.id`,
  )
  return rows.map(({ id }) => id)
}

async function rowsOf<Row>(ctx: Context, statement: SQL): Promise<Row[]> {
  const { rows } = (await query(ctx).execute(statement)) as unknown as { rows: Row[] }
  return rows
}
