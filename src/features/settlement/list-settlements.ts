import { and, eq, gt } from 'drizzle-orm'
import type { Context } from '../../platform/context.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { readSettlements } from './get-settlement.ts'
import type { SettlementsQuery } from './schemas.ts'
import { settlements } from './tables.ts'
import type { SettlementRow } from './write-statements.ts'

/** Settlements within the actor's reach, in the order they were made. */
export async function listSettlements(
  ctx: Context,
  { limit, cursor, programId, period }: SettlementsQuery,
): Promise<Page<SettlementRow>> {
  permit(ctx, 'settlement.read')
  const where = and(
    cursor ? gt(settlements.id, cursor) : undefined,
    programId ? eq(settlements.programId, programId) : undefined,
    period ? eq(settlements.period, period) : undefined,
  )
  return toPage(await readSettlements(ctx, where, limit + 1), limit)
}
