import { and, eq, sql } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { assumeSupervision } from './assume-supervision.ts'
import { DecideGrievance } from './grievance-schemas.ts'
import { type GrievanceRow, getGrievance } from './list-grievances.ts'
import { readSubject, type Subject } from './read-subject.ts'
import { unstayDeadlines } from './stays.ts'
import { findingSteps, grievances, suspensions } from './tables.ts'

/**
 * The supervisor's word on a complaint or an appeal; after it, deadlines run on. What follows from an upheld one, such as
 * a finding or the lifting of a suspension, is a step of its own.
 * @throws Refusal `not_found` beyond the actor's area, `duty_conflict` where the actor's own body purchased or is what it
 *   would judge, or the actor took the decision that is appealed against, `precondition_failed`, `state_conflict` once
 *   it is decided or withdrawn.
 */
export async function decideGrievance(
  ctx: Context,
  { id, expectedVersion, ...input }: DecideGrievance & { id: string; expectedVersion: number },
): Promise<GrievanceRow> {
  return attempted(ctx, { action: 'grievance.decide', objectId: id }, async (ctx) => {
    permit(ctx, 'grievance.decide')
    const { state, decision } = parseInput(DecideGrievance, input)
    const { kind, subjectKind, subjectId, organizationId } = await lockReceived(ctx, id, expectedVersion)
    const subject = await readSubject(ctx, subjectKind, subjectId)
    if (kind === 'appeal') await requireAnother(ctx, subject)
    await assumeSupervision(ctx, subject)
    const { principalId: decidedBy } = ctx.actor
    await endGrievance(ctx, id, { state, decision, decidedBy, decidedAt: ctx.clock() })
    if (kind === 'appeal') await unstayDeadlines(ctx, subject)
    await record(ctx, 'grievance.decide', id, { kind, subjectKind, subjectId, state })
    const told = [organizationId, ctx.actor.organizationId]
    await emit(ctx, 'grievance.decided', id, told, { kind, subjectKind, subjectId, state })
    return getGrievance(ctx, id)
  })
}

/**
 * A grievance within the actor's reach, locked.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` unless it waits for a decision.
 */
export async function lockReceived(
  ctx: TransactionContext,
  id: string,
  expectedVersion: number,
): Promise<GrievanceRow> {
  await ctx.tx.select({ id: grievances.id }).from(grievances).where(eq(grievances.id, id)).for('update')
  const grievance = await getGrievance(ctx, id)
  requireVersion(grievance, expectedVersion)
  if (grievance.state !== 'received') {
    throw new Refusal('state_conflict', `The ${grievance.kind} is ${grievance.state} already.`)
  }
  return grievance
}

type Ending = Partial<Pick<GrievanceRow, 'decision' | 'decidedBy' | 'decidedAt'>> &
  Pick<GrievanceRow, 'state'>

/** Writes down how it ended. */
export async function endGrievance(ctx: TransactionContext, id: string, ending: Ending): Promise<void> {
  await ctx.tx
    .update(grievances)
    .set({ ...ending, version: sql`${grievances.version} + 1` })
    .where(eq(grievances.id, id))
}

/** @throws Refusal `duty_conflict` when the actor took the decision that is appealed against. */
async function requireAnother(ctx: TransactionContext, { kind, id }: Subject): Promise<void> {
  const decidedBy =
    kind === 'finding' ? await openerOf(ctx, id) : kind === 'suspension' ? await imposerOf(ctx, id) : null
  if (decidedBy !== ctx.actor.principalId) return
  throw new Refusal(
    'duty_conflict',
    'You took the decision that is appealed against: another person must decide.',
  )
}

async function openerOf(ctx: TransactionContext, findingId: string): Promise<string | null> {
  const [first] = await ctx.tx
    .select({ principalId: findingSteps.principalId })
    .from(findingSteps)
    .where(and(eq(findingSteps.findingId, findingId), eq(findingSteps.step, 'open')))
  return first?.principalId ?? null
}

async function imposerOf(ctx: TransactionContext, suspensionId: string): Promise<string | null> {
  const [row] = await ctx.tx
    .select({ imposedBy: suspensions.imposedBy })
    .from(suspensions)
    .where(eq(suspensions.id, suspensionId))
  return row?.imposedBy ?? null
}
