import type { Context } from '../../../platform/context.ts'
import { periodAt } from '../../../platform/period.ts'
import { permit } from '../../identity/permissions.ts'
import { WAITING } from '../../residents/need-lifecycle.ts'
import { type Excluded, excludedAmong } from '../barriers.ts'
import { optionsAmong } from '../options.ts'
import type { UnmetReason } from '../schemas.ts'
import { type FoundOptions, findAmongAll, findOptions } from './find-options.ts'
import type { NotBookable, OptionsQuery } from './options-schemas.ts'

/** Options as an answer tells them: read at one instant, for one actor. */
export interface ListedOptions extends FoundOptions {
  at: Date
  /** Why the resident may not book any of them; null = may. */
  notBookable: NotBookable | null
  excluded: ListedExclusions | null
}

export interface ListedExclusions {
  offerings: Excluded[]
  ruledOut: Partial<Record<UnmetReason, number>>
  /** Offerings that are options, but not among those listed. */
  outranked: number
}

/** Excluded offerings told one by one; all are counted. */
const MOST_EXCLUDED = 200

/**
 * The options of a need, ranked as the next run would rank them, in whatever state the need is; and, where that is
 * asked, why the other offerings of the kind are none.
 * @throws Refusal `not_found`, also for a need of another partner's resident; `state_conflict` before a policy is
 *   adopted.
 */
export async function listOptions(
  ctx: Context,
  needId: string,
  { limit, explain }: OptionsQuery = {},
): Promise<ListedOptions> {
  permit(ctx, 'option.read')
  if (!explain) return listed(ctx, await findOptions(ctx, needId), limit, null)
  const { found, candidates } = await findAmongAll(ctx, needId)
  const { asking, market, options } = found
  const { need, resident } = asking
  const { offerings, outOfSight } = candidates
  const { ruledOut } = optionsAmong(market, need, resident, offerings, outOfSight)
  if (offerings.length + outOfSight === 0) ruledOut.no_offering = 1
  const excluded = excludedAmong(market, need, resident, offerings)
  const told = new Set(options.slice(0, limit).map(({ offering }) => offering.id))
  return listed(ctx, found, limit, {
    offerings: excluded.sort(byCloseness).slice(0, MOST_EXCLUDED),
    ruledOut,
    outranked: offerings.length - excluded.length - told.size,
  })
}

function listed(
  ctx: Context,
  found: FoundOptions,
  limit: number | undefined,
  excluded: ListedExclusions | null,
): ListedOptions {
  const notBookable = whyNotBookable(ctx, found)
  return { ...found, options: found.options.slice(0, limit), at: ctx.clock(), notBookable, excluded }
}

function whyNotBookable(ctx: Context, { need, market }: FoundOptions): NotBookable | null {
  if (!WAITING.some((state) => state === need.state)) return 'need_not_waiting'
  if (need.period < periodAt(ctx.clock())) return 'month_over'
  return market.policy.bookableTiers.includes(need.tier) ? null : 'tier_not_bookable'
}

/** What is closest to being an option first; of equals in order of id, which does not tell how far a place is. */
function byCloseness(one: Excluded, other: Excluded): number {
  return one.barriers.length - other.barriers.length
}
