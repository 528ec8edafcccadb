import { and, eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { findResident } from '../residents/find-resident.ts'
import { FileAppeal, FileComplaint, type GrievanceKind } from './grievance-schemas.ts'
import { type GrievanceRow, getGrievance } from './list-grievances.ts'
import { readSubject, type Subject } from './read-subject.ts'
import { stayDeadlines } from './stays.ts'
import { supervisorsOf } from './supervisors-of.ts'
import { grievances } from './tables.ts'
import { areaToKeep } from './within-area.ts'

/**
 * Puts something before the supervisors, for the actor's organization or in a resident's name.
 * @throws Refusal `not_found` for what the organization is no party of.
 */
export async function fileComplaint(ctx: Context, input: FileComplaint): Promise<GrievanceRow> {
  permit(ctx, 'complaint.file')
  const wanted = parseInput(FileComplaint, input)
  return inTransaction(ctx, (ctx) => file(ctx, 'complaint', wanted))
}

/**
 * Asks the supervisors to look at a decision again. Until they have, no deadline of what was decided on runs out.
 * @throws Refusal `not_found` as of `fileComplaint`, `duplicate` while an earlier appeal of the organization's is open.
 */
export async function fileAppeal(ctx: Context, input: FileAppeal): Promise<GrievanceRow> {
  permit(ctx, 'appeal.file')
  const wanted = parseInput(FileAppeal, input)
  return inTransaction(ctx, async (ctx) => {
    await refuseSecondAppeal(ctx, wanted.subjectId)
    const row = await file(ctx, 'appeal', wanted)
    await stayDeadlines(ctx, await readSubject(ctx, wanted.subjectKind, wanted.subjectId))
    return row
  })
}

type Wanted = Pick<GrievanceRow, 'subjectKind' | 'subjectId' | 'reason'> & { text: string }

async function file(ctx: TransactionContext, kind: GrievanceKind, wanted: Wanted): Promise<GrievanceRow> {
  const { subjectKind, subjectId, reason } = wanted
  const subject = await readSubject(ctx, subjectKind, subjectId)
  const { organizationId } = ctx.actor
  if (!subject.parties.includes(organizationId)) {
    throw new Refusal('not_found', `There is no such ${subjectKind}.`)
  }
  const id = ctx.newId()
  const areaId = areaToKeep({ ...ctx, actor: { ...ctx.actor, areaId: null } }, subject.areaIds)
  await ctx.tx.insert(grievances).values({
    id,
    kind,
    organizationId,
    residentId: await inWhoseName(ctx, subject),
    areaId,
    ...wanted,
    state: 'received',
    createdAt: ctx.clock(),
  })
  await record(ctx, `${kind}.file`, id, { subjectKind, subjectId, reason })
  const told = [organizationId, ...(await supervisorsOf(ctx, areaId))]
  await emit(ctx, `${kind}.filed`, id, told, { subjectKind, subjectId, reason })
  return getGrievance(ctx, id)
}

/** What a partner says of a resident's affairs, it says in the resident's name. */
async function inWhoseName(ctx: TransactionContext, { residentId }: Subject): Promise<string | null> {
  if (ctx.actor.role !== 'partner' || !residentId) return null
  return (await findResident(ctx, residentId)).id
}

async function refuseSecondAppeal(ctx: TransactionContext, subjectId: string): Promise<void> {
  const [open] = await ctx.tx
    .select({ id: grievances.id })
    .from(grievances)
    .where(
      and(
        eq(grievances.kind, 'appeal'),
        eq(grievances.state, 'received'),
        eq(grievances.subjectId, subjectId),
        eq(grievances.organizationId, ctx.actor.organizationId),
      ),
    )
  if (!open) return
  throw new Refusal('duplicate', `Appeal ${open.id} is open already.`, { facts: { existingId: open.id } })
}
