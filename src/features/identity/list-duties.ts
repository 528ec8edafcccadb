import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import type { Page } from '../../platform/http/paging.ts'
import { ownOrSeconded } from './bodies.ts'
import { permit } from './permissions.ts'
import type { DutiesQuery, Duty } from './schemas.ts'
import { duties, principals } from './tables.ts'

export interface DutyRow {
  objectId: string
  principalId: string
  organizationId: string
  duty: Duty
  at: Date
}

/**
 * Who has which duty on what, object by object: a page never tells half of what is known of one. Purchasers see the
 * objects on which somebody of theirs has a duty, supervisors and operators all: these are ids, and accounts of power.
 */
export async function listDuties(
  ctx: Context,
  { limit, cursor, objectId }: DutiesQuery,
): Promise<Page<DutyRow>> {
  permit(ctx, 'duty.read')
  const objects = await query(ctx)
    .selectDistinct({ id: duties.objectId })
    .from(duties)
    .where(
      and(
        cursor ? gt(duties.objectId, cursor) : undefined,
        objectId ? eq(duties.objectId, objectId) : undefined,
        ctx.actor.role.startsWith('purchaser') ? inArray(duties.objectId, ofOwn(ctx)) : undefined,
      ),
    )
    .orderBy(asc(duties.objectId))
    .limit(limit + 1)
  const ids = objects.slice(0, limit).map(({ id }) => id)
  return { items: await dutiesOn(ctx, ids), nextCursor: objects.length > limit ? ids.at(-1)! : null }
}

function ofOwn(ctx: Context) {
  return query(ctx)
    .select({ id: duties.objectId })
    .from(duties)
    .innerJoin(principals, eq(principals.id, duties.principalId))
    .where(ownOrSeconded(ctx.actor, principals.organizationId))
}

function dutiesOn(ctx: Context, objectIds: readonly string[]): Promise<DutyRow[]> {
  const { objectId, principalId, duty, at } = duties
  return query(ctx)
    .select({ objectId, principalId, organizationId: principals.organizationId, duty, at })
    .from(duties)
    .innerJoin(principals, eq(principals.id, principalId))
    .where(isOneOf(objectId, objectIds))
    .orderBy(asc(objectId), asc(at), asc(principalId))
}
