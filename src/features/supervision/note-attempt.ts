import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import type { Happening, TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { organizations } from '../identity/tables.ts'
import { kindOf, readSubject } from './read-subject.ts'
import { supervisorsOf } from './supervisors-of.ts'
import { findingSteps, findings } from './tables.ts'
import { areaToKeep } from './within-area.ts'

/** What the event of a refused attempt tells. */
const Attempt = z.object({
  action: z.string(),
  code: z.string(),
  role: z.string(),
  organizationId: z.uuid(),
  principalId: z.uuid(),
})

/** Actions that belong to a duty: to try them without the role for it is worth a look. */
const OF_DUTY =
  /^(run\.approve|program\.(approve|amend)|policy\.adopt|period\.settle|match\.(exclude|pin|unpin)|suspension\.\w+|finding\.\w+|grievance\.decide|inspection\.conclude)$/

/**
 * Makes a finding of a refused attempt at what is somebody else's duty, once an event, for every supervisor of the area;
 * whoever tried has to answer. Other attempts stay in the audit log, and so do those at what is not there. For the job
 * that reacts to attempts.
 */
export async function noteAttempt(
  ctx: TransactionContext,
  { eventId, objectId, data }: Happening,
): Promise<void> {
  const attempt = Attempt.parse(data)
  if (!isWorthALook(attempt)) return
  const subjectKind = await kindOf(ctx, objectId)
  if (!subjectKind) return
  const { areaIds } = await readSubject(ctx, subjectKind, objectId)
  const areaId = areaToKeep(ctx, areaIds)
  const { code, action, principalId } = attempt
  const respondentId = await knownOrganization(ctx, attempt.organizationId)
  const severity = code === 'duty_conflict' ? 'major' : 'minor'
  const now = ctx.clock()
  const [written] = await ctx.tx
    .insert(findings)
    .values({
      id: ctx.newId(),
      respondentId,
      areaId,
      source: 'attempt',
      sourceId: eventId,
      subjectKind,
      subjectId: objectId,
      code,
      severity,
      text: `Somebody in the role ${attempt.role} tried ${action} and was refused: ${code}.`,
      state: 'open',
      createdAt: now,
    })
    .onConflictDoNothing()
    .returning({ id: findings.id })
  if (!written) return
  const { id } = written
  await ctx.tx
    .insert(findingSteps)
    .values({ id: ctx.newId(), findingId: id, version: 1, step: 'open', principalId, text: null, at: now })
  await record(ctx, 'finding.open', id, { subjectKind, subjectId: objectId, respondentId, code, severity })
  const told = [...(respondentId ? [respondentId] : []), ...(await supervisorsOf(ctx, areaId))]
  await emit(ctx, 'finding.opened', id, told, { subjectKind, subjectId: objectId, code, severity })
}

function isWorthALook({ action, code }: z.infer<typeof Attempt>): boolean {
  return code === 'duty_conflict' || (code === 'forbidden' && OF_DUTY.test(action))
}

async function knownOrganization(ctx: TransactionContext, id: string): Promise<string | null> {
  const [row] = await ctx.tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, id))
  return row?.id ?? null
}
