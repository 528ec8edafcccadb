import { and, asc, eq, gt, inArray, isNull, lt, not, type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { AWAITED } from './finding-lifecycle.ts'
import type { FindingsQuery } from './finding-schemas.ts'
import { findingSteps, findings } from './tables.ts'
import { inOwnAreaOrNone } from './within-area.ts'

type StoredFinding = typeof findings.$inferSelect
export type FindingRow = StoredFinding & { overdue: boolean }
export type FindingDetailRow = FindingRow & { steps: (typeof findingSteps.$inferSelect)[] }

/** Findings within the actor's reach, in the order in which they were opened. */
export async function listFindings(ctx: Context, asked: FindingsQuery): Promise<Page<FindingRow>> {
  permit(ctx, 'finding.read')
  const { limit, cursor, state, source, respondentId, subjectId, overdue } = asked
  const rows = await query(ctx)
    .select()
    .from(findings)
    .where(
      and(
        await findingsWithinReach(ctx),
        cursor ? gt(findings.id, cursor) : undefined,
        state ? eq(findings.state, state) : undefined,
        source ? eq(findings.source, source) : undefined,
        respondentId ? eq(findings.respondentId, respondentId) : undefined,
        subjectId ? eq(findings.subjectId, subjectId) : undefined,
        overdue === undefined ? undefined : overdue ? isOverdue(ctx) : not(isOverdue(ctx)),
      ),
    )
    .orderBy(asc(findings.id))
    .limit(limit + 1)
  return toPage(rows.map(withOverdue(ctx)), limit)
}

/**
 * One finding with all that happened to it.
 * @throws Refusal `not_found`, also for one beyond the actor's reach.
 */
export async function getFinding(ctx: Context, id: string): Promise<FindingDetailRow> {
  const finding = await findFinding(ctx, id)
  const steps = await query(ctx)
    .select()
    .from(findingSteps)
    .where(eq(findingSteps.findingId, id))
    .orderBy(asc(findingSteps.version))
  return { ...finding, steps }
}

/** The same without what happened to it. @throws Refusal `not_found`. */
export async function findFinding(ctx: Context, id: string): Promise<FindingRow> {
  permit(ctx, 'finding.read')
  const [row] = await query(ctx)
    .select()
    .from(findings)
    .where(and(eq(findings.id, id), await findingsWithinReach(ctx)))
  return withOverdue(ctx)(found(row, 'finding'))
}

/** Supervisors reach the findings of their area and of none in particular, others those that they have to answer. */
export async function findingsWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { role, organizationId } = ctx.actor
  if (role === 'supervisor') return inOwnAreaOrNone(ctx, findings.areaId)
  return eq(findings.respondentId, organizationId)
}

/** Never null, so that its contrary holds where it does not. */
function isOverdue(ctx: Context): SQL {
  const { dueBy, stayedAt, state } = findings
  return sql`coalesce(${lt(dueBy, ctx.clock())} and ${isNull(stayedAt)} and ${inArray(state, [...AWAITED])}, false)`
}

function withOverdue(ctx: Context): (row: StoredFinding) => FindingRow {
  const now = ctx.clock()
  return (row) => {
    const { dueBy, stayedAt, state } = row
    return { ...row, overdue: dueBy !== null && dueBy < now && stayedAt === null && AWAITED.includes(state) }
  }
}
