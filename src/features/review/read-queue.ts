/** What the review's queue is made of: a run's proposed matches with what stands beside them, in a few statements. */
import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { events } from '../../platform/events/tables.ts'
import { offeringAssurances, offerings } from '../catalog/tables.ts'
import { orderedAt } from '../matching/ordered-at.ts'
import type { RunRow } from '../matching/start-run.ts'
import { matches, runNeeds } from '../matching/tables.ts'
import { type ConsentReceipt, careLevelOf, coveredFacts } from '../residents/consented-facts.ts'
import { consents, residents } from '../residents/tables.ts'
import type { ReviewedMatch } from './review-score.ts'
import type { StaleFact } from './schemas.ts'

/** Every match that a run proposes. */
export async function readQueue(ctx: Context, run: RunRow): Promise<ReviewedMatch[]> {
  const proposed = await readProposed(ctx, run.id)
  const changedAt = await readChanges(ctx, run)
  const isLevelKnown = await createConsentCheck(ctx, run, proposed)
  const now = ctx.clock()
  return proposed.map((match): ReviewedMatch => {
    const since = match.pinReason === null ? orderedAt(run) : run.createdAt
    const hasChanged = (id: string) => (changedAt.get(id) ?? since) > since
    const stale: StaleFact[] = []
    if (hasExpired(match, since, now) && isLevelKnown(match.residentId)) stale.push('assessment_expired')
    if (hasChanged(match.residentId)) stale.push('resident_changed')
    if (hasChanged(match.offeringId) || hasChanged(match.locationId)) stale.push('offering_changed')
    if (match.lapsesAt && match.lapsesAt <= now) stale.push('assurance_lapsed')
    const { id, providerId, subsidy, utility, explanation } = match
    return { id, providerId, subsidy, utility, runnerUp: explanation?.runnerUp?.utility ?? null, stale }
  })
}

type Proposed = Awaited<ReturnType<typeof readProposed>>[number]

const proposedOf = (runId: string) => and(eq(matches.runId, runId), eq(matches.state, 'proposed'))

function readProposed(ctx: Context, runId: string) {
  const found = and(eq(runNeeds.runId, runId), eq(runNeeds.needId, matches.needId))
  return query(ctx)
    .select({
      id: matches.id,
      residentId: matches.residentId,
      offeringId: matches.offeringId,
      subsidy: matches.subsidy,
      utility: matches.utility,
      pinReason: matches.pinReason,
      providerId: offerings.organizationId,
      locationId: offerings.locationId,
      assessments: residents.assessments,
      lapsesAt: offeringAssurances.lapsesAt,
      explanation: runNeeds.explanation,
    })
    .from(matches)
    .innerJoin(residents, eq(residents.id, matches.residentId))
    .innerJoin(offerings, eq(offerings.id, matches.offeringId))
    .leftJoin(offeringAssurances, eq(offeringAssurances.offeringId, matches.offeringId))
    .leftJoin(runNeeds, found)
    .where(proposedOf(runId))
    .orderBy(asc(matches.id))
}

const CHANGES = [
  'resident.corrected',
  'offering.revised',
  'offering.withdrawn',
  'offering.suspended',
  'offering.reinstated',
  'location.revised',
]

/** When residents, offerings and their locations were changed last, of those that were since the run was ordered first. */
async function readChanges(ctx: Context, { id: runId, createdAt }: RunRow): Promise<Map<string, Date>> {
  const ids = (column: SQL) => sql`(select ${column} from ${matches} where ${proposedOf(runId)})`
  const offeringIds = ids(sql`${matches.offeringId}`)
  const rows = await query(ctx)
    .select({ objectId: events.objectId, at: sql<Date>`max(${events.at})`.mapWith(events.at) })
    .from(events)
    .where(
      and(
        sql`${events.at} > ${createdAt.toISOString()}::timestamptz`,
        inArray(events.type, CHANGES),
        sql`(${events.objectId} in ${ids(sql`${matches.residentId}`)} or ${events.objectId} in ${offeringIds}
          or ${events.objectId} in (select ${offerings.locationId} from ${offerings} where ${offerings.id} in ${offeringIds}))`,
      ),
    )
    .groupBy(events.objectId)
  return new Map(rows.map(({ objectId, at }) => [objectId, at]))
}

/** Whether the level of care that the run knew is not known any more. */
function hasExpired({ assessments }: Proposed, since: Date, now: Date): boolean {
  const before = careLevelOf(assessments, since)
  return before !== null && careLevelOf(assessments, now) !== before
}

/** Who may not know the level of care is not told that it has expired either. */
async function createConsentCheck(
  ctx: Context,
  { organizationId: recipientId, id: runId }: RunRow,
  proposed: readonly Proposed[],
): Promise<(residentId: string) => boolean> {
  if (!proposed.some(({ assessments }) => assessments.some(({ validUntil }) => validUntil !== null))) {
    return () => false
  }
  const ofRun = query(ctx).select({ id: matches.residentId }).from(matches).where(proposedOf(runId))
  const rows = await query(ctx)
    .select()
    .from(consents)
    .where(and(inArray(consents.residentId, ofRun), eq(consents.purpose, 'matching')))
  const given = new Map<string, ConsentReceipt[]>()
  for (const row of rows) given.set(row.residentId, [...(given.get(row.residentId) ?? []), row])
  const look = { purpose: 'matching', recipientId, now: ctx.clock() } as const
  return (residentId) => coveredFacts(given.get(residentId) ?? [], look).has('care_level')
}
