import { and, asc, desc, eq, gte } from 'drizzle-orm'
import { type Context, query } from '../context.ts'
import { auditEntries, auditSeals } from './tables.ts'

/** Where the log holds what was done, and the seal that covers it. */
export interface AuditReceipt {
  entryId: string
  position: number
  /** Null until the log is sealed next. */
  seal: { number: number; hash: string } | null
}

/** The last entry of an action on an object; null where there is none. */
export async function entryOf(ctx: Context, action: string, objectId: string): Promise<AuditReceipt | null> {
  const [entry] = await query(ctx)
    .select({ entryId: auditEntries.id, position: auditEntries.position })
    .from(auditEntries)
    .where(and(eq(auditEntries.objectId, objectId), eq(auditEntries.action, action)))
    .orderBy(desc(auditEntries.position))
    .limit(1)
  if (!entry) return null
  const [seal] = await query(ctx)
    .select({ number: auditSeals.number, hash: auditSeals.hash })
    .from(auditSeals)
    .where(gte(auditSeals.toPosition, entry.position))
    .orderBy(asc(auditSeals.number))
    .limit(1)
  return { ...entry, seal: seal ?? null }
}
