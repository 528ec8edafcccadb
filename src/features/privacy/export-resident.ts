import { asc } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { events } from '../../platform/events/tables.ts'
import { permit } from '../identity/permissions.ts'
import { keptFacts } from '../matching/kept-facts.ts'
import { toDelivery, toReferral } from '../referrals/wire-rows.ts'
import { findResident } from '../residents/find-resident.ts'
import { getWalletStatement } from '../residents/get-wallet-statement.ts'
import { toResident } from '../residents/wire-rows.ts'
import { toGrievance } from '../supervision/wire-rows.ts'
import { type HeldRows, heldRows, namesOf } from './held-rows.ts'
import type { ResidentExport } from './schemas.ts'

/**
 * Everything held of a resident as one document, the partner's reference in clear. That it was given out stands in the
 * audit log.
 * @throws Refusal `not_found`, also for another partner's resident and for one that is erased.
 */
export async function exportResident(ctx: Context, residentId: string): Promise<ResidentExport> {
  permit(ctx, 'resident.export')
  return inTransaction(ctx, async (ctx) => {
    const resident = await findResident(ctx, residentId)
    const held = await heldRows(ctx, residentId)
    const { consents, needs, matches, explanations, referrals, deliveries, feedback } = held
    await record(ctx, 'resident.export', residentId)
    return inWords({
      format: 'lifecircle-resident/1',
      exportedAt: ctx.clock(),
      resident: toResident(ctx)(resident),
      consents,
      wallets: await walletsOf(ctx, residentId, held),
      needs: needs.map(({ stayedAt: _, ...need }) => need),
      matches,
      coolOffs: held.coolOffs.map(({ residentId: _, ...coolOff }) => coolOff),
      explanations,
      snapshots: await keptFacts(ctx, residentId),
      referrals: referrals.map(toReferral),
      deliveries: deliveries.map(toDelivery),
      // An app's key is not the resident's.
      actionLinks: held.actionLinks.map(({ principalId: _, ...link }) => link),
      feedback,
      petitions: held.petitions.map(({ organizationId: _, version: __, ...petition }) => petition),
      signatures: held.signatures.map(({ petitionId, at }) => ({ petitionId, at })),
      policyComments: held.policyComments.map(({ id, policyId, text, createdAt }) => ({
        id,
        policyId,
        text,
        createdAt,
      })),
      policyVotes: held.policyVotes.map(({ policyId, vote, at }) => ({ policyId, vote, at })),
      grievances: held.grievances.map(toGrievance),
      events: await eventsAbout(ctx, namesOf(residentId, held)),
    })
  })
}

/** Rows as JSON carries them: instants as text. */
function inWords(rows: object): ResidentExport {
  return JSON.parse(JSON.stringify(rows))
}

async function walletsOf(ctx: TransactionContext, residentId: string, { wallets }: HeldRows) {
  const exported = []
  for (const { period, carryOverMost } of wallets) {
    const { wallet, lines, sums } = await getWalletStatement(ctx, { residentId, period })
    const told = lines.map(({ at, kind, amount, bundleId }) => ({ at, kind, amount, bundleId }))
    exported.push({
      period,
      currency: wallet.unit,
      carryOverMost,
      available: sums.available,
      lines: told,
    })
  }
  return exported
}

function eventsAbout(ctx: TransactionContext, objectIds: readonly string[]) {
  const { id, at, type, data } = events
  return ctx.tx
    .select({ id, at, type, data })
    .from(events)
    .where(isOneOf(events.objectId, objectIds))
    .orderBy(asc(events.position))
}
