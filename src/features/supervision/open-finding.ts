import { and, eq } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { assumeSupervision } from './assume-supervision.ts'
import { OpenFinding } from './finding-schemas.ts'
import { type FindingRow, findFinding } from './list-findings.ts'
import { getGrievance } from './list-grievances.ts'
import { readSubject, requireWithinArea } from './read-subject.ts'
import { findingSteps, findings, inspections } from './tables.ts'
import { areaToKeep } from './within-area.ts'

/**
 * Says that something is not as it must be, and who has to answer for it.
 * @throws Refusal `not_found` for a subject beyond the actor's area, `duty_conflict` where the actor's own body
 *   purchased or is what it would supervise, `invalid_input` for a respondent that the subject does not concern, an
 *   unknown source, or a deadline that is over.
 */
export async function openFinding(ctx: Context, input: OpenFinding): Promise<FindingRow> {
  return attempted(ctx, { action: 'finding.open', objectId: input.subjectId }, async (ctx) => {
    permit(ctx, 'finding.open')
    const { subjectKind, subjectId, dueBy, ...wanted } = parseInput(OpenFinding, input)
    const subject = await readSubject(ctx, subjectKind, subjectId)
    await requireWithinArea(ctx, subject)
    if (!subject.parties.includes(wanted.respondentId)) {
      throw invalidInput([
        { path: ['respondentId'], message: 'is no organization that the subject concerns' },
      ])
    }
    await requireSource(ctx, wanted)
    const due = dueFrom(ctx, dueBy)
    await assumeSupervision(ctx, subject)
    const id = ctx.newId()
    const { organizationId } = ctx.actor
    const { code, severity, respondentId } = wanted
    await ctx.tx.insert(findings).values({
      id,
      organizationId,
      areaId: areaToKeep(ctx, subject.areaIds),
      ...wanted,
      subjectKind,
      subjectId,
      state: 'open',
      dueBy: due,
      createdAt: ctx.clock(),
    })
    await writeStep(ctx, { findingId: id, version: 1, step: 'open', text: null })
    await record(ctx, 'finding.open', id, { subjectKind, subjectId, respondentId, code, severity })
    await emit(ctx, 'finding.opened', id, [respondentId, organizationId], {
      subjectKind,
      subjectId,
      code,
      severity,
    })
    return findFinding(ctx, id)
  })
}

/** @throws Refusal `invalid_input` for a deadline that is over. */
export function dueFrom(ctx: Context, dueBy: string | null): Date | null {
  if (dueBy === null) return null
  const due = new Date(dueBy)
  if (due <= ctx.clock()) throw invalidInput([{ path: ['dueBy'], message: 'is over' }])
  return due
}

/** Writes down what happened to a finding; `version` is the one it has after it. */
export async function writeStep(
  ctx: TransactionContext,
  { findingId, ...step }: { findingId: string; version: number; step: string; text: string | null },
): Promise<void> {
  const { principalId } = ctx.actor
  await ctx.tx
    .insert(findingSteps)
    .values({ id: ctx.newId(), findingId, ...step, principalId, at: ctx.clock() })
}

/** An alert is reckoned anew every time it is asked for: its id is taken as it is given. */
async function requireSource(
  ctx: TransactionContext,
  { source, sourceId }: { source: string; sourceId: string | null },
): Promise<void> {
  if (sourceId === null || source === 'alert') return
  const isThere =
    source === 'inspection'
      ? (await ctx.tx.$count(inspections, ofOwnBody(ctx, sourceId))) > 0
      : await getGrievance(ctx, sourceId).then(
          ({ kind }) => kind === source,
          () => false,
        )
  if (!isThere) throw invalidInput([{ path: ['sourceId'], message: `there is no such ${source}` }])
}

function ofOwnBody({ actor }: Context, id: string) {
  return and(eq(inspections.id, id), eq(inspections.organizationId, actor.organizationId))
}
