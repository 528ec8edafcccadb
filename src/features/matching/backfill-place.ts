import { and, asc, eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { accounts, holds } from '../../platform/ledger/tables.ts'
import { periodAt } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { programs } from '../programs/tables.ts'
import { keepFacts } from '../residents/keep-facts.ts'
import { needs } from '../residents/tables.ts'
import { bestBid, bestBids, type Place, type WaitingBid } from './backfill-bids.ts'
import { readPriceBook } from './bid-prices.ts'
import type { MatchRow } from './get-run.ts'
import { readAskings } from './instant/read-asking.ts'
import { marketOf, readRulesForAll } from './instant/read-market.ts'
import { readOfferings } from './instant/read-offerings.ts'
import { withAncestors } from './options.ts'
import { backfills, matches, matchRuns } from './tables.ts'
import { takeOption } from './take-option.ts'

/** Who got a place that became free, and whom that concerns. */
export interface Backfilled {
  match: MatchRow
  providerId: string
  partnerId: string
  /** Whose run it was given under, or whose program pays; null where the resident pays alone. */
  purchaserId: string | null
  /** Days that the policy in force gives to answer. */
  decisionDays: number
}

/**
 * Gives what a released match has given up to the waiting need that bids most for it, under the same mandate: the policy
 * in force, open programs, live consents. One need at a time, in the caller's transaction: called until nothing is left
 * or nobody wants it. The same call again, once that is so, changes nothing.
 * @param freedMatchId of a match that was approved; units that were delivered under it are not free.
 * @returns null where nothing is left, nobody wants it, or the month is over.
 * @throws Refusal `not_found`; `state_conflict` where something of it was taken or changed meanwhile: worth another try.
 */
export async function backfillPlace(
  ctx: TransactionContext,
  freedMatchId: string,
): Promise<Backfilled | null> {
  permit(ctx, 'place.backfill')
  const freed = await lockFreed(ctx, freedMatchId)
  if (!freed) return null
  const place = await placeOf(ctx, freed)
  const { bids, inSight } = place ? await bestBids(ctx, place, 1) : { bids: [], inSight: 0 }
  const [best] = bids
  if (!place || !best) return note(ctx, freed, inSight, null)
  const match = await give(ctx, freed, place, best)
  await note(ctx, freed, inSight, { bid: best.bid, matchId: match.id })
  const parties = {
    providerId: place.offering.organizationId,
    partnerId: best.asking.partnerId,
    purchaserId: freed.purchaserId ?? (await ownerOf(ctx, match.programId)),
  }
  await tell(ctx, freed, match, Object.values(parties))
  return { match, ...parties, decisionDays: place.rules.policy.decisionDays }
}

interface Freed {
  id: string
  runId: string | null
  /** Whose run it was; null where the resident had booked. */
  purchaserId: string | null
  offeringId: string
  period: string
  /** How many rows there are of it. */
  position: number
}

/** Null where there is nothing to give. The lock keeps two who would give the same place one after the other. */
async function lockFreed(ctx: TransactionContext, id: string): Promise<Freed | null> {
  const [row] = await ctx.tx
    .select({ match: matches, period: needs.period, purchaserId: matchRuns.organizationId })
    .from(matches)
    .innerJoin(needs, eq(needs.id, matches.needId))
    .leftJoin(matchRuns, eq(matchRuns.id, matches.runId))
    .where(eq(matches.id, id))
    .for('no key update', { of: matches })
  const { match, period, purchaserId } = found(row, 'match')
  if (match.state !== 'released' || period < periodAt(ctx.clock())) return null
  const given = await ctx.tx
    .select({ matchId: backfills.matchId, quantity: matches.quantity })
    .from(backfills)
    .leftJoin(matches, eq(matches.id, backfills.matchId))
    .where(eq(backfills.freedMatchId, id))
    .orderBy(asc(backfills.position))
  const left = given.reduce(
    (left, { quantity }) => left - (quantity ?? 0),
    match.quantity - (await unitsUsed(ctx, id)),
  )
  if (left <= 0 || given.some(({ matchId }) => matchId === null)) return null
  const { runId, offeringId } = match
  return { id, runId, purchaserId, offeringId, period, position: given.length }
}

/** Units delivered under the match. */
async function unitsUsed(ctx: TransactionContext, bundleId: string): Promise<number> {
  const [row] = await ctx.tx
    .select({ used: sql<number>`coalesce(sum(${holds.committed}), 0)`.mapWith(Number) })
    .from(holds)
    .innerJoin(accounts, eq(accounts.id, holds.debitId))
    .where(and(eq(holds.bundleId, bundleId), eq(accounts.kind, 'capacity')))
  return row!.used
}

/** Null where the offering is not to be had any more. */
async function placeOf(
  ctx: TransactionContext,
  { offeringId, period, purchaserId }: Freed,
): Promise<Place | null> {
  const [offering] = await readOfferings(ctx, [offeringId], period)
  if (!offering) return null
  return { offering, period, rules: await readRulesForAll(ctx), recipientId: purchaserId }
}

/** Reads the winner again behind locks: whoever has changed since does not get it by what they were. */
async function give(
  ctx: TransactionContext,
  { runId }: Freed,
  { offering, period, rules, recipientId }: Place,
  { asking: { row }, bid }: WaitingBid,
): Promise<MatchRow> {
  await keepFacts(ctx, row.id)
  const [asking] = await readAskings(ctx, [row.id], recipientId)
  if (!asking || asking.row.version !== row.version) throw changed()
  const book = await readPriceBook(ctx, { period, staffTimeId: offering.staffTime?.accountId ?? null })
  const prices = book.pricesIn(withAncestors(rules.parents, asking.resident.areaId))
  const again = bestBid(marketOf(ctx, rules, asking), asking.need, asking.resident, offering, prices)
  if (again?.bid !== bid) throw changed()
  const match = await takeOption(ctx, asking, again.option, { origin: 'backfill', runId })
  if (!match) throw changed()
  return match
}

function changed(): Refusal {
  return new Refusal('state_conflict', 'What the place would be given by has changed meanwhile.')
}

async function note(
  ctx: TransactionContext,
  { id: freedMatchId, offeringId, period, position }: Freed,
  candidates: number,
  winner: { bid: number; matchId: string } | null,
): Promise<null> {
  const { bid, matchId } = winner ?? { bid: null, matchId: null }
  const values = { freedMatchId, position, offeringId, period, candidates, bid, matchId }
  await ctx.tx.insert(backfills).values({ id: ctx.newId(), ...values, createdAt: ctx.clock() })
  await record(ctx, 'place.backfill', freedMatchId, { offeringId, period, candidates, matchId })
  return null
}

async function tell(
  ctx: TransactionContext,
  { id: freedMatchId, offeringId, period }: Freed,
  { id: matchId, needId, quantity }: MatchRow,
  audience: readonly (string | null)[],
): Promise<void> {
  const told = audience.flatMap((one) => one ?? [])
  const data = { freedMatchId, matchId, needId, offeringId, period, quantity }
  await emit(ctx, 'place.backfilled', matchId, told, data)
}

/** Whose money it is. */
async function ownerOf(ctx: TransactionContext, programId: string | null): Promise<string | null> {
  if (!programId) return null
  const [program] = await ctx.tx
    .select({ organizationId: programs.organizationId })
    .from(programs)
    .where(eq(programs.id, programId))
  return program!.organizationId
}
