import { and, eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { eraseEvents } from '../../platform/events/erase-events.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { eraseAnswers } from '../../platform/http/erase-answers.ts'
import { eraseJobs } from '../../platform/jobs/erase-jobs.ts'
import { eraseConsultation } from '../consultations/erase-consultation.ts'
import { eraseFeedback } from '../feedback/erase-feedback.ts'
import { permit } from '../identity/permissions.ts'
import { endMatches } from '../matching/end-matches.ts'
import { eraseCoolOffs } from '../matching/erase-cool-offs.ts'
import { eraseEvidence } from '../matching/erase-evidence.ts'
import { endReferrals } from '../referrals/end-referrals.ts'
import { eraseReferralWords } from '../referrals/erase-referral-words.ts'
import { closeWallets } from '../residents/close-wallets.ts'
import { eraseResidentFacts } from '../residents/erase-resident-facts.ts'
import { ownResidents, type ResidentRow } from '../residents/find-resident.ts'
import { residents } from '../residents/tables.ts'
import { eraseSupervisionWords } from '../supervision/erase-supervision-words.ts'
import { type ErasureReceipt, withAudit } from './get-erasure.ts'
import { heldRows, namesOf } from './held-rows.ts'
import type { Erased } from './schemas.ts'
import { erasures } from './tables.ts'

/**
 * Erases a resident: everything open is ended, every personal fact is gone from every table, in one transaction. What
 * stays keeps the books balanced and tells of nobody: amounts, units, coded reasons, and ids that lead nowhere.
 * @throws Refusal `not_found` for another partner's resident and for one that is erased, `precondition_failed`.
 */
export async function eraseResident(
  ctx: Context,
  { residentId, version }: { residentId: string; version: number },
): Promise<ErasureReceipt> {
  permit(ctx, 'resident.erase')
  return inTransaction(ctx, async (ctx) => {
    const resident = await lockResident(ctx, residentId)
    requireVersion(resident, version)
    const erased = await eraseEverywhere(ctx, resident)
    const { organizationId } = resident
    const values = { id: ctx.newId(), residentId, organizationId, erased, at: ctx.clock() }
    const [row] = await ctx.tx.insert(erasures).values(values).returning()
    await record(ctx, 'resident.erase', residentId, { erasureId: row!.id })
    await emit(ctx, 'resident.erased', residentId, organizationId, { erasureId: row!.id })
    return withAudit(ctx, row!)
  })
}

/** Whoever is about to write something of the resident waits for the lock, and is refused then. */
async function lockResident(ctx: TransactionContext, id: string): Promise<ResidentRow> {
  const [row] = await ctx.tx
    .select()
    .from(residents)
    .where(and(eq(residents.id, id), ownResidents(ctx)))
    .for('update')
  return found(row, 'resident') as ResidentRow
}

/** Each feature ends and erases what is its own; from the right to the left, as one thing rests on the other. */
async function eraseEverywhere(ctx: TransactionContext, resident: ResidentRow): Promise<Erased> {
  const { id } = resident
  const names = namesOf(id, await heldRows(ctx, id))
  // First, so that what is told of the erasure itself keeps its data.
  const events = await eraseEvents(ctx, names)
  const endedReferrals = await endReferrals(ctx, id)
  const endedMatches = await endMatches(ctx, id, 'resident_erased')
  return {
    events,
    endedReferrals,
    endedMatches,
    ...(await eraseSupervisionWords(ctx, id, names)),
    ...(await eraseFeedback(ctx, id)),
    ...(await eraseReferralWords(ctx, id)),
    ...(await eraseConsultation(ctx, id)),
    coolOffs: await eraseCoolOffs(ctx, id),
    ...(await eraseEvidence(ctx, id)),
    wallets: await closeWallets(ctx, id),
    ...(await eraseResidentFacts(ctx, resident)),
    keptAnswers: await eraseAnswers(ctx, names, resident.createdAt),
    jobs: await eraseJobs(ctx, names, resident.createdAt),
  }
}
