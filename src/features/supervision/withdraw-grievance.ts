import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { permit } from '../identity/permissions.ts'
import { endGrievance, lockReceived } from './decide-grievance.ts'
import { type GrievanceRow, getGrievance } from './list-grievances.ts'
import { readSubject } from './read-subject.ts'
import { unstayDeadlines } from './stays.ts'
import { supervisorsOf } from './supervisors-of.ts'

/**
 * Takes back what was filed, before it is decided; what an appeal stayed runs on.
 * @throws Refusal `not_found` for another organization's, `precondition_failed`, `state_conflict` once it is decided.
 */
export async function withdrawGrievance(
  ctx: Context,
  { id, expectedVersion }: { id: string; expectedVersion: number },
): Promise<GrievanceRow> {
  permit(ctx, 'grievance.withdraw')
  return inTransaction(ctx, async (ctx) => {
    const grievance = await lockReceived(ctx, id, expectedVersion)
    const { kind, subjectKind, subjectId, organizationId, areaId } = grievance
    await endGrievance(ctx, id, { state: 'withdrawn' })
    if (kind === 'appeal') await unstayDeadlines(ctx, await readSubject(ctx, subjectKind, subjectId))
    await record(ctx, 'grievance.withdraw', id, { kind, subjectKind, subjectId })
    const told = [organizationId, ...(await supervisorsOf(ctx, areaId))]
    await emit(ctx, 'grievance.withdrawn', id, told, { kind, subjectKind, subjectId })
    return getGrievance(ctx, id)
  })
}
