import { desc, eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { periodAfter } from '../../platform/period.ts'
import { localTime, startOfMonth } from '../../platform/time-zone.ts'
import type { ProgramRow } from '../programs/create-program.ts'
import { countDisputes, firstUnpaid } from './due-deliveries.ts'
import { settlements } from './tables.ts'

/** From the opening on, a program has something to settle. */
const SETTLED_STATES: readonly ProgramRow['state'][] = ['open', 'frozen', 'closed']

/**
 * Whether a locked program's month can be closed now.
 * @returns the instant at which the month ends.
 * @throws Refusal `duplicate` when it is settled, `state_conflict` when it is not over, a later one is settled, an
 *   earlier one has to be first, or disputes are open.
 */
export async function requireClosable(
  ctx: TransactionContext,
  { id, state }: Pick<ProgramRow, 'id' | 'state'>,
  period: string,
): Promise<Date> {
  const refuse = (sentence: string, facts = {}) => new Refusal('state_conflict', sentence, { facts })
  if (!SETTLED_STATES.includes(state)) throw refuse(`The program is ${state}: it has paid for nothing yet.`)
  const end = startOfMonth(ctx.timeZone, periodAfter(period))
  if (end > ctx.clock()) {
    throw refuse(`${period} is not over before ${end.toISOString()}.`, { over: end.toISOString() })
  }
  const latest = await latestPeriod(ctx, id, period)
  if (latest !== null && latest > period) {
    throw refuse(`${latest} is settled already: what came in since goes into the next settlement.`, {
      period: latest,
    })
  }
  const from = latest === null ? null : startOfMonth(ctx.timeZone, periodAfter(latest))
  const first = await firstUnpaid(ctx, id, { from, end: startOfMonth(ctx.timeZone, period) })
  if (first) {
    const earlier = localTime(ctx.timeZone, first).date.slice(0, 7)
    throw refuse(`${earlier} has deliveries and comes first.`, { period: earlier })
  }
  const disputes = await countDisputes(ctx, id, end)
  if (disputes > 0) throw refuse('Disputes are decided before a month is settled.', { disputes })
  return end
}

/** The last month that is settled; null = none is. */
async function latestPeriod(
  ctx: TransactionContext,
  programId: string,
  wanted: string,
): Promise<string | null> {
  const rows = await ctx.tx
    .select({ id: settlements.id, period: settlements.period })
    .from(settlements)
    .where(eq(settlements.programId, programId))
    .orderBy(desc(settlements.period))
  const existing = rows.find(({ period }) => period === wanted)
  if (existing) {
    const facts = { existingId: existing.id }
    throw new Refusal('duplicate', `${wanted} is settled already.`, { facts })
  }
  return rows[0]?.period ?? null
}
