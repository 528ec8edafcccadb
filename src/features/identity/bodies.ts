/** Organizations that are one body in law, such as an office that purchases and a home that it runs. */
import { and, eq, or, type SQL, sql } from 'drizzle-orm'
import { alias, type PgColumn } from 'drizzle-orm/pg-core'
import { type Actor, type Context, query } from '../../platform/context.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { organizations } from './tables.ts'

/** The body of an organization row: itself, or what it is a part of. */
export const bodyOf = sql<string>`coalesce(${organizations.bodyId}, ${organizations.id})`

/** Whether the organization's body provides and purchases: then another body must approve, and everybody may know. */
export async function isDualBody(ctx: Context, organizationId: string): Promise<boolean> {
  return (await dualBodiesAmong(ctx, [organizationId])).has(organizationId)
}

/** Those of the organizations whose bodies provide and purchase: one statement, however many. */
export async function dualBodiesAmong(
  ctx: Context,
  organizationIds: readonly string[],
): Promise<Set<string>> {
  const wanted = [...new Set(organizationIds)]
  if (wanted.length === 0) return new Set()
  const provides = alias(organizations, 'provides')
  const purchases = alias(organizations, 'purchases')
  // A body is the organization of that id and its parts: parts have no parts.
  const isOf = (member: typeof provides | typeof purchases) =>
    or(sql`${member.id} = ${bodyOf}`, sql`${member.bodyId} = ${bodyOf}`)
  const rows = await query(ctx)
    .selectDistinct({ id: organizations.id })
    .from(organizations)
    .innerJoin(provides, and(eq(provides.kind, 'provider'), isOf(provides)))
    .innerJoin(purchases, and(eq(purchases.kind, 'purchaser'), isOf(purchases)))
    .where(isOneOf(organizations.id, wanted))
  return new Set(rows.map(({ id }) => id))
}

/** The purchaser that approves what this one creates; null where none is named. */
export async function secondBodyOf(ctx: Context, organizationId: string): Promise<string | null> {
  const [row] = await query(ctx)
    .select({ secondBodyId: organizations.secondBodyId })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
  return row?.secondBodyId ?? null
}

/** Rows of the actor's organization and, for its finance officers, of those that it approves for as a second body. */
export function ownOrSeconded({ role, organizationId }: Actor, column: PgColumn): SQL {
  const own = eq(column, organizationId)
  if (role !== 'purchaser.finance') return own
  return or(own, sql`${column} in (select id from organizations where second_body_id = ${organizationId})`)!
}
