import { and, eq, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import type { DirectoryRecord } from './record.ts'

/**
 * Capacities with what is left now: the ledger counts what the record cannot know. A capacity without an account, such
 * as one of a service that nobody matches here, stays as its feed said it.
 */
export async function withLiveCapacity<T extends DirectoryRecord>(
  ctx: Context,
  records: readonly T[],
): Promise<T[]> {
  const owners = new Set(records.flatMap((record) => ownerOf(record) ?? []))
  if (owners.size === 0) return [...records]
  const available = new Map<string, number>()
  for (const chunk of chunks([...owners])) {
    const rows = await query(ctx)
      .select()
      .from(accounts)
      .where(and(eq(accounts.kind, 'capacity'), inArray(accounts.ownerId, chunk)))
    for (const { ownerId, period, limit, held, spent } of rows) {
      available.set(`${ownerId} ${period}`, limit - held - spent)
    }
  }
  return records.map((record) => {
    const left = available.get(`${ownerOf(record)} ${record.fields.period}`)
    return left === undefined ? record : { ...record, fields: { ...record.fields, available: left } }
  })
}

function ownerOf({ kind, fields }: DirectoryRecord): string | null {
  return kind === 'service_capacity' ? ((fields.service_at_location_id as string | undefined) ?? null) : null
}
