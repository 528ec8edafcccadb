import { and, eq, isNotNull, or, type SQL } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { endGrievance } from './decide-grievance.ts'
import { findingSteps, findings, grievances } from './tables.ts'

/**
 * Takes out of complaints, appeals and findings what was written by or about a resident; what still waited for a
 * decision in the resident's name is withdrawn. That there was one, its codes and how it ended stay.
 * @param objectIds everything of the resident's that it may be about.
 * @returns how many rows of which kind.
 */
export async function eraseSupervisionWords(
  ctx: TransactionContext,
  residentId: string,
  objectIds: readonly string[],
): Promise<{ grievances: number; findings: number }> {
  const counts = { grievances: 0, findings: 0 }
  for (const chunk of chunks(objectIds)) {
    const about = or(eq(grievances.residentId, residentId), isOneOf(grievances.subjectId, chunk))
    counts.grievances += await eraseGrievances(ctx, residentId, about)
    counts.findings += await eraseFindings(ctx, isOneOf(findings.subjectId, chunk))
  }
  return counts
}

async function eraseGrievances(
  ctx: TransactionContext,
  residentId: string,
  about: SQL | undefined,
): Promise<number> {
  const own = await ctx.tx
    .select({ id: grievances.id })
    .from(grievances)
    .where(and(eq(grievances.residentId, residentId), eq(grievances.state, 'received')))
    .for('update')
  for (const { id } of own) await endGrievance(ctx, id, { state: 'withdrawn' })
  const erased = await ctx.tx
    .update(grievances)
    .set({ text: null, decision: null })
    .where(and(about, or(isNotNull(grievances.text), isNotNull(grievances.decision))))
    .returning({ id: grievances.id })
  return erased.length
}

async function eraseFindings(ctx: TransactionContext, about: SQL): Promise<number> {
  const rows = await ctx.tx.update(findings).set({ text: null }).where(about).returning({ id: findings.id })
  const ids = rows.map(({ id }) => id)
  await ctx.tx
    .update(findingSteps)
    .set({ text: null })
    .where(and(isOneOf(findingSteps.findingId, ids), isNotNull(findingSteps.text)))
  return ids.length
}
