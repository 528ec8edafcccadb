/** Whose rows of the catalog an actor sees and changes: a provider its own, everybody else who may read all. */
import { eq, type SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Context } from '../../platform/context.ts'

/** The condition on an organization column; undefined = every row. */
export function ownRows(ctx: Context, organizationId: AnyPgColumn): SQL | undefined {
  return isBound(ctx) ? eq(organizationId, ctx.actor.organizationId) : undefined
}

/** Whether the actor may write for this organization. */
export function actsFor(ctx: Context, organizationId: string): boolean {
  return !isBound(ctx) || ctx.actor.organizationId === organizationId
}

function isBound(ctx: Context): boolean {
  return ctx.actor.role === 'provider'
}
