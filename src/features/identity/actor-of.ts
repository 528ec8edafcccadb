import { eq } from 'drizzle-orm'
import { type Actor, type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { principals } from './tables.ts'

/**
 * The actor that a principal is now, for what is done in its name without its key.
 * @throws Refusal `not_found` for an unknown one, and for one that has left.
 */
export async function actorOf(ctx: Context, principalId: string): Promise<Actor> {
  const [row] = await query(ctx).select().from(principals).where(eq(principals.id, principalId))
  const { id, organizationId, role, areaId } = found(row?.active ? row : null, 'principal')
  return { principalId: id, organizationId, role, areaId }
}
