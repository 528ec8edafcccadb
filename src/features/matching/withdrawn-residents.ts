import { and, eq, gt, gte, inArray, lte, or } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { type ConsentReceipt, coveredFacts } from '../residents/consented-facts.ts'
import { consents } from '../residents/tables.ts'
import type { matchRuns } from './tables.ts'

type RunRow = typeof matchRuns.$inferSelect

/**
 * Those of the residents who let the run use a fact when it was ordered, and now do not: they took the consent back
 * since, or it ended.
 * @param since the instant at which the run judged consents.
 */
export async function withdrawnResidents(
  ctx: TransactionContext,
  { since, organizationId: recipientId }: { since: Date } & Pick<RunRow, 'organizationId'>,
  residentIds: readonly string[],
): Promise<Set<string>> {
  const now = ctx.clock()
  const withdrawn = new Set<string>()
  for (const [residentId, given] of await changedConsents(ctx, since, now, residentIds)) {
    // One taken back at the very instant of the order may have been read just before.
    const ordered = given.map((one) =>
      one.withdrawnAt && one.withdrawnAt >= since ? { ...one, withdrawnAt: null } : one,
    )
    const before = coveredFacts(ordered, { purpose: 'matching', recipientId, now: since })
    const left = coveredFacts(given, { purpose: 'matching', recipientId, now })
    if ([...before].some((fact) => !left.has(fact))) withdrawn.add(residentId)
  }
  return withdrawn
}

/** Every consent to matching of those residents of whom one has ended since. */
async function changedConsents(
  ctx: TransactionContext,
  since: Date,
  now: Date,
  residentIds: readonly string[],
): Promise<Map<string, ConsentReceipt[]>> {
  const changed = new Map<string, ConsentReceipt[]>()
  const { residentId, purpose, withdrawnAt, expiresAt } = consents
  const hasEnded = or(gte(withdrawnAt, since), and(gt(expiresAt, since), lte(expiresAt, now)))
  for (const ids of chunks([...new Set(residentIds)])) {
    const ended = await ctx.tx
      .selectDistinct({ residentId })
      .from(consents)
      .where(and(inArray(residentId, ids), eq(purpose, 'matching'), hasEnded))
    if (ended.length === 0) continue
    const endedIds = ended.map((row) => row.residentId)
    const rows = await ctx.tx
      .select()
      .from(consents)
      .where(and(inArray(residentId, endedIds), eq(purpose, 'matching')))
    for (const row of rows) changed.set(row.residentId, [...(changed.get(row.residentId) ?? []), row])
  }
  return changed
}
