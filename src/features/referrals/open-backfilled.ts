import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { DAY_MS } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { type Backfilled, backfillPlace } from '../matching/backfill-place.ts'
import { TRANSITIONS } from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import type { ReferralReason } from './schemas.ts'
import { referrals } from './tables.ts'

/** After these there is no place that another could have: the provider has none, or is not to give any. */
const PLACE_IS_GONE: ReadonlySet<string> = new Set<ReferralReason>([
  'no_capacity',
  'staff_missing',
  'service_closed',
  'provider_suspended',
])

/** How often a place is tried at once, where others take of the same things at the same moment. */
const TRIES = 5

/**
 * Gives what a released match has given up to whoever waits for it and bids most, and opens their referrals. Resident
 * and provider have the days of the policy in force to answer. Each need in a transaction of its own; the same call
 * again goes on where the last one ended.
 * @param reason why the place was given up; null = nobody said why.
 * @returns how many referrals were opened.
 * @throws Refusal `not_found` for an unknown match, `state_conflict` where others were faster time and again.
 */
export async function openBackfilled(ctx: Context, matchId: string, reason: string | null): Promise<number> {
  permit(ctx, 'place.backfill')
  if (reason !== null && PLACE_IS_GONE.has(reason)) return 0
  let opened = 0
  while (await openNext(ctx, matchId, TRIES)) opened++
  return opened
}

async function openNext(ctx: Context, matchId: string, tries: number): Promise<boolean> {
  try {
    return await inTransaction(ctx, async (ctx) => {
      const backfilled = await backfillPlace(ctx, matchId)
      if (backfilled) await openReferral(ctx, backfilled)
      return backfilled !== null
    })
  } catch (error) {
    if (tries <= 1 || !(error instanceof Refusal) || error.code !== 'state_conflict') throw error
    return openNext(ctx, matchId, tries - 1)
  }
}

async function openReferral(ctx: TransactionContext, { match, ...given }: Backfilled): Promise<void> {
  const now = ctx.clock()
  const { id: matchId, needId, residentId, quantity } = match
  const { decisionDays, ...parties } = given
  const [row] = await ctx.tx
    .insert(referrals)
    .values({
      id: ctx.newId(),
      matchId,
      residentId,
      ...parties,
      quantity,
      status: TRANSITIONS.request.to,
      answerBy: new Date(now.getTime() + decisionDays * DAY_MS),
      createdAt: now,
      changedAt: now,
    })
    .returning()
  const { id, status } = row!
  await emit(ctx, 'referral.opened', id, partiesOf(row!), { matchId, needId, status })
}
