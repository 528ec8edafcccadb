import { inArray, isNull, or, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Context } from '../../platform/context.ts'
import { areaSubtree } from '../communities/area-subtree.ts'

/** Rows of the actor's area, and those of no area in particular; undefined = every row. */
export async function inOwnAreaOrNone(ctx: Context, column: PgColumn): Promise<SQL | undefined> {
  const { areaId } = ctx.actor
  if (!areaId) return undefined
  return or(isNull(column), inArray(column, await areaSubtree(ctx, areaId)))
}

/** The one area of a row about several: the actor's own; of what lies in a single area, that. */
export function areaToKeep(ctx: Context, areaIds: readonly string[] | null): string | null {
  if (areaIds?.length === 1) return areaIds[0]!
  return areaIds === null ? null : ctx.actor.areaId
}
