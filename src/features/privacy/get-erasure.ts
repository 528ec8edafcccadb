import { and, eq } from 'drizzle-orm'
import { type AuditReceipt, entryOf } from '../../platform/audit/entry-of.ts'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit, SYSTEM } from '../identity/permissions.ts'
import { erasures } from './tables.ts'

/** What was erased, and where the audit log holds that it was. */
export type ErasureReceipt = typeof erasures.$inferSelect & { audit: AuditReceipt | null }

/** The receipt of an erasure again. @throws Refusal `not_found`, also for another partner's resident. */
export async function getErasure(ctx: Context, id: string): Promise<ErasureReceipt> {
  permit(ctx, 'resident.erase')
  const { role, organizationId } = ctx.actor
  const isOwn = role === SYSTEM.role ? undefined : eq(erasures.organizationId, organizationId)
  const [row] = await query(ctx)
    .select()
    .from(erasures)
    .where(and(eq(erasures.id, id), isOwn))
  return withAudit(ctx, found(row, 'erasure'))
}

/** The receipt with the place in the log, as far as that is sealed by now. */
export async function withAudit(ctx: Context, row: typeof erasures.$inferSelect): Promise<ErasureReceipt> {
  return { ...row, audit: await entryOf(ctx, 'resident.erase', row.residentId) }
}
