import { and, eq, sql } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { assumeSupervision } from './assume-supervision.ts'
import { type FindingStep, nextDue, nextFindingState, STEPS } from './finding-lifecycle.ts'
import { AnswerFinding, JudgeFinding, ReopenFinding } from './finding-schemas.ts'
import { type FindingRow, findFinding, findingsWithinReach } from './list-findings.ts'
import { dueFrom, writeStep } from './open-finding.ts'
import { readSubject, requireWithinArea } from './read-subject.ts'
import { supervisorsOf } from './supervisors-of.ts'
import { findings } from './tables.ts'

type Wanted<Input> = Input & { id: string; expectedVersion: number }

/** What parties are told. */
const TOLD: Record<FindingStep, string> = {
  respond: 'finding.responded',
  correct: 'finding.corrected',
  verify: 'finding.verified',
  close: 'finding.closed',
  reopen: 'finding.reopened',
}

/**
 * The respondent says what it has to say.
 * @throws Refusal `not_found` unless it is the respondent's, `precondition_failed`, `state_conflict` unless it is open.
 */
export function respondToFinding(ctx: Context, wanted: Wanted<AnswerFinding>): Promise<FindingRow> {
  return move(ctx, 'respond', wanted, (input) => ({ ...parseInput(AnswerFinding, input), dueBy: null }))
}

/**
 * The respondent says that it is as it must be now.
 * @throws Refusal as of `respondToFinding`, `state_conflict` unless it has responded.
 */
export function correctFinding(ctx: Context, wanted: Wanted<AnswerFinding>): Promise<FindingRow> {
  return move(ctx, 'correct', wanted, (input) => ({ ...parseInput(AnswerFinding, input), dueBy: null }))
}

/**
 * The supervisor has seen that it is so.
 * @throws Refusal `not_found` beyond its area, `duty_conflict` where its own body purchased, `precondition_failed`,
 *   `state_conflict` unless it is corrected.
 */
export function verifyFinding(ctx: Context, wanted: Wanted<JudgeFinding>): Promise<FindingRow> {
  return move(ctx, 'verify', wanted, (input) => ({ ...parseInput(JudgeFinding, input), dueBy: null }))
}

/**
 * Nothing is left to do. @throws Refusal as of `verifyFinding`, `state_conflict` unless it is verified.
 */
export function closeFinding(ctx: Context, wanted: Wanted<JudgeFinding>): Promise<FindingRow> {
  return move(ctx, 'close', wanted, (input) => ({ ...parseInput(JudgeFinding, input), dueBy: null }))
}

/**
 * It is not so after all: the respondent has to answer again.
 * @throws Refusal as of `verifyFinding`, `state_conflict` unless it is corrected or verified, `invalid_input` for a
 *   deadline that is over.
 */
export function reopenFinding(ctx: Context, wanted: Wanted<ReopenFinding>): Promise<FindingRow> {
  return move(ctx, 'reopen', wanted, (input, ctx) => {
    const { text, dueBy } = parseInput(ReopenFinding, input)
    return { text, dueBy: dueFrom(ctx, dueBy) }
  })
}

interface Said {
  text: string | null
  dueBy: Date | null
}

/** Makes a step of the table. */
function move<Input>(
  ctx: Context,
  step: FindingStep,
  { id, expectedVersion, ...input }: Wanted<Input>,
  read: (input: object, ctx: Context) => Said,
): Promise<FindingRow> {
  return attempted(ctx, { action: `finding.${step}`, objectId: id }, async (ctx) => {
    permit(ctx, `finding.${step}`)
    const { text, dueBy } = read(input, ctx)
    const finding = await lockFinding(ctx, id)
    requireVersion(finding, expectedVersion)
    const state = nextFindingState(step, finding.state)
    if (STEPS[step].by === 'supervisor') {
      const subject = await readSubject(ctx, finding.subjectKind, finding.subjectId)
      await requireWithinArea(ctx, subject)
      await assumeSupervision(ctx, subject)
    }
    await ctx.tx
      .update(findings)
      .set({ state, dueBy: nextDue(step, finding.dueBy, dueBy), version: sql`${findings.version} + 1` })
      .where(eq(findings.id, id))
    await writeStep(ctx, { findingId: id, version: finding.version + 1, step, text })
    const { code, severity } = finding
    await record(ctx, `finding.${step}`, id, { from: finding.state, to: state })
    await emit(ctx, TOLD[step], id, await partiesTo(ctx, finding), { state, code, severity })
    return findFinding(ctx, id)
  })
}

type Stored = typeof findings.$inferSelect

async function lockFinding(ctx: TransactionContext, id: string): Promise<Stored> {
  const [row] = await ctx.tx
    .select()
    .from(findings)
    .where(and(eq(findings.id, id), await findingsWithinReach(ctx)))
    .for('update')
  return found(row, 'finding')
}

/** Who is told: the respondent, and the supervising body or, where the system found it, all of the area. */
async function partiesTo(ctx: Context, finding: Stored): Promise<string[]> {
  const { organizationId, respondentId, areaId } = finding
  const supervisors = organizationId ? [organizationId] : await supervisorsOf(ctx, areaId)
  return respondentId ? [respondentId, ...supervisors] : supervisors
}
