import { and, desc, eq, getTableColumns, lt, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { ownRows } from '../catalog/own-rows.ts'
import { permit } from '../identity/permissions.ts'
import type { ImportRow } from './start-import.ts'
import { feeds, imports } from './tables.ts'

/** Imports within the actor's reach, newest first: providers see those of their own feeds. */
export async function listImports(ctx: Context, { limit, cursor }: PageQuery): Promise<Page<ImportRow>> {
  permit(ctx, 'import.read')
  const rows = await select(ctx, cursor ? lt(imports.id, cursor) : undefined).limit(limit + 1)
  return toPage(rows, limit)
}

/** One import. @throws Refusal `not_found` beyond the actor's reach. */
export async function getImport(ctx: Context, id: string): Promise<ImportRow> {
  permit(ctx, 'import.read')
  const [row] = await select(ctx, eq(imports.id, id))
  return found(row, 'import')
}

function select(ctx: Context, where: SQL | undefined) {
  return query(ctx)
    .select({ ...getTableColumns(imports), feed: feeds.name })
    .from(imports)
    .innerJoin(feeds, eq(feeds.id, imports.feedId))
    .where(and(where, ownRows(ctx, feeds.organizationId)))
    .orderBy(desc(imports.id))
}
