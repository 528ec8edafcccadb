/** The supervisor's month: alerts, inspections by risk and by lot, a finding to its end, an appeal, a suspension. */
import { asc, eq } from 'drizzle-orm'
import { offerings } from '../../src/features/catalog/tables.ts'
import { matches } from '../../src/features/matching/tables.ts'
import { expireOffers } from '../../src/features/referrals/expire-offers.ts'
import { getReferral } from '../../src/features/referrals/get-referral.ts'
import { referrals } from '../../src/features/referrals/tables.ts'
import { concludeInspection } from '../../src/features/supervision/conclude-inspection.ts'
import { decideGrievance } from '../../src/features/supervision/decide-grievance.ts'
import { decideSuspendedReferral } from '../../src/features/supervision/decide-suspended-referral.ts'
import { fileAppeal, fileComplaint } from '../../src/features/supervision/file-grievance.ts'
import { imposeSuspension } from '../../src/features/supervision/impose-suspension.ts'
import { liftSuspension } from '../../src/features/supervision/lift-suspension.ts'
import { listAlerts } from '../../src/features/supervision/list-alerts.ts'
import {
  closeFinding,
  correctFinding,
  respondToFinding,
  verifyFinding,
} from '../../src/features/supervision/move-finding.ts'
import { openFinding } from '../../src/features/supervision/open-finding.ts'
import { planInspections } from '../../src/features/supervision/plan-inspections.ts'
import { referralsIn } from './month.ts'
import { chance, type Stage } from './stage.ts'

/** What the data say, and who is looked at because of it. */
export async function inspect(stage: Stage, period: string): Promise<void> {
  const { supervisor, areaId } = stage
  const { items } = await listAlerts(supervisor, { period, limit: 100 })
  const kinds = new Map<string, number>()
  for (const { kind } of items) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  console.log(`  alerts: ${[...kinds].map(([kind, count]) => `${count} × ${kind}`).join(', ') || 'none'}`)
  const wanted = { areaId, period, byRisk: 3, byLot: 3, seed: stage.options.seed }
  const { inspections } = await planInspections(supervisor, wanted)
  for (const { id, version, offeringId } of inspections) {
    const state = chance(stage, 25) ? 'failed' : 'passed'
    await concludeInspection(supervisor, { id, expectedVersion: version, state, note: 'As seen on the day.' })
    if (state === 'failed') await correct(stage, id, offeringId)
  }
  const failed = inspections.length
  console.log(`  inspections: ${failed} of ${inspections.map(({ draw }) => draw).join(', ')}`)
}

/** A finding from opening to closing, each step by whom it belongs to. */
async function correct(stage: Stage, sourceId: string, offeringId: string): Promise<void> {
  const { supervisor, db } = stage
  const [offering] = await db.root.select().from(offerings).where(eq(offerings.id, offeringId))
  const respondentId = offering!.organizationId
  const provider = await stage.provider(respondentId)
  const subject = { subjectKind: 'offering', subjectId: offeringId } as const
  const given = { source: 'inspection', sourceId, code: 'not_as_described', severity: 'major' } as const
  const opened = await openFinding(supervisor, {
    ...subject,
    ...given,
    respondentId,
    text: 'Hours are shorter than published.',
  })
  const { id } = opened
  const answered = await respondToFinding(provider, {
    id,
    expectedVersion: opened.version,
    text: 'We look into it.',
  })
  const corrected = await correctFinding(provider, {
    id,
    expectedVersion: answered.version,
    text: 'Corrected.',
  })
  const verified = await verifyFinding(supervisor, { id, expectedVersion: corrected.version })
  await closeFinding(supervisor, { id, expectedVersion: verified.version })
}

/** An appeal keeps an offer open beyond its deadline until it is decided. */
export async function appeal(stage: Stage): Promise<void> {
  const [open] = await referralsIn(stage, ['requested'])
  if (!open) return
  const subject = { subjectKind: 'referral', subjectId: open.id } as const
  const filed = await fileAppeal(stage.partner, {
    ...subject,
    reason: 'procedure',
    text: 'We need more time.',
  })
  await fileComplaint(stage.partner, { ...subject, reason: 'quality', text: 'Nobody called back.' })
  stage.advance(7)
  await expireOffers(stage.system)
  const stayed = await getReferral(stage.partner, open.id)
  if (stayed.status !== 'requested') throw new Error('An appeal did not stay the deadline.')
  const decision = { state: 'dismissed', decision: 'The time was enough.' } as const
  await decideGrievance(stage.supervisor, { id: filed.id, expectedVersion: filed.version, ...decision })
  const after = await getReferral(stage.partner, open.id)
  if (after.stayedAt !== null || after.answerBy! <= stage.now()) throw new Error('The stay did not end.')
  console.log('  an appeal kept an offer open for seven days beyond its deadline, then it ran on')
}

/** The offering with the most running referrals leaves matching; each of those gets a decision. */
export async function suspend(stage: Stage): Promise<void> {
  const { db, supervisor, officer } = stage
  const running = await db.root
    .select({ offeringId: matches.offeringId, providerId: referrals.providerId })
    .from(referrals)
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .where(eq(referrals.status, 'in-progress'))
    .orderBy(asc(referrals.id))
  const first = running[0]
  if (!first) return
  const wanted = { ...first, reason: 'unsafe', text: 'The lift is out of order.' } as const
  const suspension = await imposeSuspension(supervisor, wanted)
  for (const { referralId } of suspension.referrals) {
    const decision = chance(stage, 50) ? 'continue' : 'end'
    await decideSuspendedReferral(officer, { suspensionId: suspension.id, referralId, decision })
  }
  await stage.settled()
  await liftSuspension(supervisor, { id: suspension.id, expectedVersion: suspension.version })
  console.log(
    `  suspended: one offering with ${suspension.referrals.length} running referrals, each decided; lifted`,
  )
}
