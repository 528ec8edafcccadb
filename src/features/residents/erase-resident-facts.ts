import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { areaLineage } from '../communities/area-lineage.ts'
import type { ResidentRow } from './find-resident.ts'
import { moveNeeds } from './move-needs.ts'
import { consents, needs, residents, wallets } from './tables.ts'

/**
 * Takes everything personal out of a resident's own rows. What stays is counted by others: that there was somebody in
 * the district, who needed so many units of a category, and consented to what was done. For erasure, whose own verb
 * has asked for permission, locked the resident and ended what was open.
 * @returns how many rows of which kind.
 */
export async function eraseResidentFacts(
  ctx: TransactionContext,
  { id, areaId, version }: ResidentRow,
): Promise<{ residents: number; consents: number; needs: number; walletRules: number }> {
  const erased = {
    consents: await withdrawConsents(ctx, id),
    needs: await eraseNeeds(ctx, id),
    walletRules: await dropWalletRules(ctx, id),
  }
  const top = (await areaLineage(ctx, areaId)).at(-1)!
  await ctx.tx
    .update(residents)
    .set({
      areaId: top.id,
      referenceHash: null,
      referenceSealed: null,
      latitude: null,
      longitude: null,
      birthYear: null,
      mobility: null,
      assessments: [],
      incomeClass: null,
      livesAlone: null,
      languages: [],
      erasedAt: ctx.clock(),
      version: version + 1,
    })
    .where(eq(residents.id, id))
  return { residents: 1, ...erased }
}

/** The receipts stay, without the facts' values that they never held: they prove that what was done was allowed. */
async function withdrawConsents(ctx: TransactionContext, residentId: string): Promise<number> {
  const rows = await ctx.tx
    .update(consents)
    .set({ withdrawnAt: ctx.clock() })
    .where(and(eq(consents.residentId, residentId), isNull(consents.withdrawnAt)))
    .returning({ id: consents.id })
  return rows.length
}

/** What may go over into the next month: nothing is left that could. */
async function dropWalletRules(ctx: TransactionContext, residentId: string): Promise<number> {
  const rows = await ctx.tx
    .delete(wallets)
    .where(eq(wallets.residentId, residentId))
    .returning({ period: wallets.period })
  return rows.length
}

/** A term can tell an illness: it goes too. The need's id takes its place, for two needs may not ask for the same. */
async function eraseNeeds(ctx: TransactionContext, residentId: string): Promise<number> {
  await withdrawNeeds(ctx, residentId)
  const rows = await ctx.tx
    .update(needs)
    .set({
      term: sql`concat('erased-', ${needs.id})`,
      acceptableHours: null,
      preferences: {},
      refusals: {},
      maxWalkingMinutes: null,
      neededBy: null,
    })
    .where(eq(needs.residentId, residentId))
    .returning({ id: needs.id })
  return rows.length
}

/** Whoever waits waits no more; a run that has a need finds it gone. */
async function withdrawNeeds(ctx: TransactionContext, residentId: string): Promise<void> {
  const open = await ctx.tx
    .select({ id: needs.id, state: needs.state })
    .from(needs)
    .where(and(eq(needs.residentId, residentId), inArray(needs.state, ['registered', 'unmet', 'in_run'])))
    .orderBy(asc(needs.id))
    .for('update')
  const inRun = open.filter(({ state }) => state === 'in_run').map(({ id }) => id)
  await moveNeeds(ctx, inRun, 'registered')
  await moveNeeds(
    ctx,
    open.map(({ id }) => id),
    'withdrawn',
  )
}
