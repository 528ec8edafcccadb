import { eq, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { policyComments, policyVotes } from '../consultations/tables.ts'
import { feedback, petitionSignatures, petitions } from '../feedback/tables.ts'
import { coolOffs, matches, runNeeds } from '../matching/tables.ts'
import { selectReferrals } from '../referrals/get-referral.ts'
import { actionLinks, deliveries, referrals } from '../referrals/tables.ts'
import { consents, needs, wallets } from '../residents/tables.ts'
import { grievances } from '../supervision/tables.ts'

/** Every row that is about one resident, feature by feature. */
export type HeldRows = Awaited<ReturnType<typeof heldRows>>

/** Reads them for an export or an erasure, whose own verbs have asked for permission and reach. */
export async function heldRows(ctx: Context, residentId: string) {
  const db = query(ctx)
  const asked = await db.select().from(needs).where(eq(needs.residentId, residentId)).orderBy(needs.id)
  const needIds = asked.map(({ id }) => id)
  const referred = await selectReferrals(ctx)
    .where(eq(referrals.residentId, residentId))
    .orderBy(referrals.id)
  const referralIds = referred.map(({ id }) => id)
  const isOwn = <T extends typeof deliveries | typeof actionLinks>(table: T) =>
    inArray(table.referralId, referralIds)
  return {
    consents: await db
      .select()
      .from(consents)
      .where(eq(consents.residentId, residentId))
      .orderBy(consents.id),
    wallets: await db
      .select()
      .from(wallets)
      .where(eq(wallets.residentId, residentId))
      .orderBy(wallets.period),
    needs: asked,
    matches: await db.select().from(matches).where(eq(matches.residentId, residentId)).orderBy(matches.id),
    coolOffs: await db
      .select()
      .from(coolOffs)
      .where(eq(coolOffs.residentId, residentId))
      .orderBy(coolOffs.id),
    explanations: await db.select().from(runNeeds).where(inArray(runNeeds.needId, needIds)),
    referrals: referred,
    deliveries: await db.select().from(deliveries).where(isOwn(deliveries)).orderBy(deliveries.id),
    actionLinks: await db.select().from(actionLinks).where(isOwn(actionLinks)).orderBy(actionLinks.id),
    feedback: await db
      .select()
      .from(feedback)
      .where(eq(feedback.residentId, residentId))
      .orderBy(feedback.id),
    petitions: await db
      .select()
      .from(petitions)
      .where(inArray(petitions.needId, needIds))
      .orderBy(petitions.id),
    signatures: await db
      .select()
      .from(petitionSignatures)
      .where(eq(petitionSignatures.residentId, residentId)),
    policyComments: await db
      .select()
      .from(policyComments)
      .where(eq(policyComments.residentId, residentId))
      .orderBy(policyComments.id),
    policyVotes: await db
      .select()
      .from(policyVotes)
      .where(eq(policyVotes.residentId, residentId))
      .orderBy(policyVotes.id),
    grievances: await db
      .select()
      .from(grievances)
      .where(eq(grievances.residentId, residentId))
      .orderBy(grievances.id),
  }
}

/** Ids by which events, kept answers and jobs name the resident. */
export function namesOf(residentId: string, held: HeldRows): string[] {
  const { consents, needs, matches, referrals, deliveries, actionLinks, feedback, petitions } = held
  const { policyComments, policyVotes, coolOffs, grievances } = held
  const rows = [consents, needs, matches, referrals, deliveries, actionLinks, feedback, petitions].flat()
  const others = [policyComments, policyVotes, coolOffs, grievances].flat()
  return [residentId, ...[...rows, ...others].map(({ id }) => id)]
}
