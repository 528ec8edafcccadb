import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { holdBundles } from '../../platform/ledger/post-transfers.ts'
import { offerings } from '../catalog/tables.ts'
import { keepOpenPrograms } from '../programs/keep-open.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import { needs } from '../residents/tables.ts'
import { bundlesOf } from './bundles.ts'
import { choiceOf } from './choice-of.ts'
import type { MatchRow } from './get-run.ts'
import type { InstantAsking } from './instant/asking.ts'
import type { Option } from './options.ts'
import { matches } from './tables.ts'

const BOOKED = { origin: 'booking', runId: null } as const

/**
 * Pairs a waiting need with an option of it, in the caller's transaction: the match is final, and what it takes is held
 * in one bundle. For bookings and backfills, whose own verbs have asked for permission and reach and weighed the option.
 *
 * Locks come in the order in which runs, releases and providers take them: offering, program, accounts (by id), need. So
 * bookings wait for each other and for runs, but never in a circle.
 *
 * @returns null when it does not fit any more; then nothing is taken.
 * @throws Refusal `state_conflict` when the need or the offering has changed since it was read.
 */
export async function takeOption(
  ctx: TransactionContext,
  { row, need, resident }: InstantAsking,
  option: Option,
  cameAbout: Pick<MatchRow, 'origin' | 'runId'> = BOOKED,
): Promise<MatchRow | null> {
  await keepOffering(ctx, option)
  await keepProgram(ctx, option)
  const choice = choiceOf(need, resident, option, 0)
  const wanted = { id: ctx.newId(), choice }
  const units = new Map([[choice.offeringId, option.offering.unit as string]])
  const { refused } = await holdBundles(ctx, await bundlesOf(ctx, row.period, units, [wanted]))
  if (refused.length > 0) return null
  await keepNeed(ctx, row)
  await moveNeeds(ctx, [need.id], 'matched')
  const { offeringId, programId, price, subsidy, copayment, walkingMinutes, utility, parts } = choice
  const { quantity, needId, residentId } = choice
  const terms = { quantity, price, subsidy, copayment, walkingMinutes, utility, parts }
  const [match] = await ctx.tx
    .insert(matches)
    .values({
      id: wanted.id,
      ...cameAbout,
      needId,
      residentId,
      offeringId,
      programId,
      ...terms,
      state: 'approved',
    })
    .returning()
  return match!
}

/** Keeps the offering as it is until the transaction ends. */
async function keepOffering(ctx: TransactionContext, { offering }: Option): Promise<void> {
  const { state, price, unit } = offerings
  const [kept] = await ctx.tx
    .select({ state, price, unit })
    .from(offerings)
    .where(eq(offerings.id, offering.id))
    .for('share')
  if (kept?.state === 'published' && kept.price === offering.price && kept.unit === offering.unit) return
  throw new Refusal('state_conflict', 'The offering has changed meanwhile.')
}

/** Keeps the program that is to pay open until the transaction ends. */
async function keepProgram(ctx: TransactionContext, { program }: Option): Promise<void> {
  if (!program || (await keepOpenPrograms(ctx, [program.id])).has(program.id)) return
  throw new Refusal('state_conflict', 'The program pays for nothing new now.')
}

/** Locks the need. */
async function keepNeed(ctx: TransactionContext, row: InstantAsking['row']): Promise<void> {
  const [kept] = await ctx.tx
    .select({ version: needs.version })
    .from(needs)
    .where(eq(needs.id, row.id))
    .for('update')
  if (kept?.version === row.version) return
  throw new Refusal('state_conflict', 'The need has changed meanwhile.')
}
