import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { findResident, ownResidents, type ResidentRow } from './find-resident.ts'
import type { ConsentRow } from './give-consent.ts'
import { consents, residents } from './tables.ts'

/** The actor's residents in order of registration. */
export async function listResidents(ctx: Context, { limit, cursor }: PageQuery): Promise<Page<ResidentRow>> {
  permit(ctx, 'resident.read')
  const rows = await query(ctx)
    .select()
    .from(residents)
    .where(and(ownResidents(ctx), cursor ? gt(residents.id, cursor) : undefined))
    .orderBy(asc(residents.id))
    .limit(limit + 1)
  return toPage(rows as ResidentRow[], limit)
}

/** @throws Refusal `not_found`, also for another partner's resident. */
export async function getResident(ctx: Context, id: string): Promise<ResidentRow> {
  permit(ctx, 'resident.read')
  return findResident(ctx, id)
}

/** Every consent of a resident, those that are over too. @throws Refusal `not_found`. */
export async function listConsents(
  ctx: Context,
  { residentId, limit, cursor }: PageQuery & { residentId: string },
): Promise<Page<ConsentRow>> {
  permit(ctx, 'consent.read')
  await findResident(ctx, residentId)
  const rows = await query(ctx)
    .select()
    .from(consents)
    .where(and(eq(consents.residentId, residentId), cursor ? gt(consents.id, cursor) : undefined))
    .orderBy(asc(consents.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}
