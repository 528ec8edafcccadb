import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { type FlaggedOrganization, flagOrganization, flagOrganizations } from './flag-organizations.ts'
import { permit } from './permissions.ts'
import type { OrganizationKind } from './schemas.ts'
import { organizations } from './tables.ts'

/** Organizations in order of registration, all of them or one kind. */
export async function listOrganizations(
  ctx: Context,
  { limit, cursor, kind }: PageQuery & { kind?: OrganizationKind | undefined },
): Promise<Page<FlaggedOrganization>> {
  permit(ctx, 'organization.read')
  const rows = await query(ctx)
    .select()
    .from(organizations)
    .where(
      and(cursor ? gt(organizations.id, cursor) : undefined, kind ? eq(organizations.kind, kind) : undefined),
    )
    .orderBy(asc(organizations.id))
    .limit(limit + 1)
  const { items, nextCursor } = toPage(rows, limit)
  return { items: await flagOrganizations(ctx, items), nextCursor }
}

/** @throws Refusal `not_found`. */
export async function getOrganization(ctx: Context, id: string): Promise<FlaggedOrganization> {
  permit(ctx, 'organization.read')
  const [row] = await query(ctx).select().from(organizations).where(eq(organizations.id, id))
  return flagOrganization(ctx, found(row, 'organization'))
}
