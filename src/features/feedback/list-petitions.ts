import { and, asc, eq, getTableColumns, gt, inArray, type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import { organizations } from '../identity/tables.ts'
import type { PetitionsQuery } from './petition-schemas.ts'
import { petitionAnswers, petitionSignatures, petitions } from './tables.ts'

type PetitionRow = typeof petitions.$inferSelect
type Answer = Omit<typeof petitionAnswers.$inferSelect, 'petitionId'> & { organizationName: string }

/** A petition as everybody may see it: not whose it is, and of those who signed only how many they are. */
export type PetitionView = Omit<PetitionRow, 'organizationId' | 'needId'> & {
  signatures: number
  answers: Answer[]
}

/** Petitions in the order in which they were begun. */
export async function listPetitions(
  ctx: Context,
  { limit, cursor, areaId, category, term, state }: PetitionsQuery,
): Promise<Page<PetitionView>> {
  permit(ctx, 'petition.read')
  const where = and(
    cursor ? gt(petitions.id, cursor) : undefined,
    areaId ? inArray(petitions.areaId, await areaSubtree(ctx, areaId)) : undefined,
    category ? eq(petitions.category, category) : undefined,
    term ? eq(petitions.term, term) : undefined,
    state ? eq(petitions.state, state) : undefined,
  )
  const page = toPage(await selectPetitions(ctx, where, limit + 1), limit)
  return { ...page, items: await withAnswers(ctx, page.items) }
}

/** @throws Refusal `not_found`. */
export async function getPetition(ctx: Context, id: string): Promise<PetitionView> {
  permit(ctx, 'petition.read')
  const rows = await selectPetitions(ctx, eq(petitions.id, id), 1)
  const [petition] = await withAnswers(ctx, rows)
  return found(petition, 'petition')
}

function selectPetitions(ctx: Context, where: SQL | undefined, limit: number) {
  const { organizationId: _whose, needId: _which, ...shown } = getTableColumns(petitions)
  const signatures = sql<number>`(select count(*) from ${petitionSignatures}
    where ${petitionSignatures.petitionId} = ${petitions.id})`.mapWith(Number)
  return query(ctx)
    .select({ ...shown, signatures })
    .from(petitions)
    .where(where)
    .orderBy(asc(petitions.id))
    .limit(limit)
}

async function withAnswers(ctx: Context, rows: Omit<PetitionView, 'answers'>[]): Promise<PetitionView[]> {
  const ids = rows.map(({ id }) => id)
  const given = await query(ctx)
    .select({ ...getTableColumns(petitionAnswers), organizationName: organizations.name })
    .from(petitionAnswers)
    .innerJoin(organizations, eq(organizations.id, petitionAnswers.organizationId))
    .where(inArray(petitionAnswers.petitionId, ids))
    .orderBy(asc(petitionAnswers.id))
  return rows.map((row) => ({
    ...row,
    answers: given
      .filter(({ petitionId }) => petitionId === row.id)
      .map(({ petitionId: _, ...answer }) => answer),
  }))
}
