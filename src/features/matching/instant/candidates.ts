/** The offerings that are worth a look for a need, with what their accounts hold at this moment. */
import type { Context } from '../../../platform/context.ts'
import type { Db } from '../../../platform/db/client.ts'
import { type FreshIndex, freshIndex, lastIndex } from '../../search/offering-index.ts'
import { withAncestors } from '../options.ts'
import type { InstantAsking } from './asking.ts'
import {
  createKindTables,
  type InstantOffering,
  type KindTables,
  type StandingOffering,
  withAccounts,
} from './kind-tables.ts'
import { type Balances, readBalances } from './read-balances.ts'
import type { InstantMarket } from './read-market.ts'
import { readOfferings, readOfferingsOfKind } from './read-offerings.ts'

export interface Candidates {
  /** In order of id; all that are within reach, and some that are not. */
  offerings: InstantOffering[]
  /** How many more of the kind there are, all of them out of reach. */
  outOfSight: number
}

/**
 * What `optionsAmong(market, asking.need, asking.resident, candidates.offerings, candidates.outOfSight)` is to be given.
 * Outside of transactions from the index, as fresh as what was committed before the call, and one statement for the
 * balances. Inside one, from the index as it was last (the root handle is never touched), and everything of the
 * candidates is read again in the transaction; what was published since is missing then. A process without an index
 * yet reads all of the kind there.
 */
export async function candidatesFor(
  ctx: Context,
  asking: InstantAsking,
  market: InstantMarket,
): Promise<Candidates> {
  const { period } = asking.row
  const index = ctx.tx ? lastIndex(ctx) : await freshIndex(ctx)
  if (!index) return { offerings: await readOfferingsOfKind(ctx, asking.need, period), outOfSight: 0 }
  const { near, outOfSight } = standingNear(ctx, index, asking, market)
  if (ctx.tx) {
    const ids = near.map(({ id }) => id)
    return { offerings: await readOfferings(ctx, ids, period), outOfSight }
  }
  return { offerings: withBalances(near, await readBalances(ctx, period, near)), outOfSight }
}

const tables = new WeakMap<Db, KindTables>()

function tablesOf(db: Db): KindTables {
  const known = tables.get(db)
  if (known) return known
  const made = createKindTables()
  tables.set(db, made)
  return made
}

/** The published offerings of the kind that may be within reach, in order of id, and how many others there are. */
export function standingNear(
  ctx: Context,
  { segments }: FreshIndex,
  { need, resident }: InstantAsking,
  { policy, parents }: InstantMarket,
): { near: StandingOffering[]; outOfSight: number } {
  const kind = tablesOf(ctx.db).kindFor(segments, policy, need)
  const near = kind.for(need, resident, withAncestors(parents, resident.areaId))
  return { near, outOfSight: kind.count - near.length }
}

/** Those with an account of the period: the others are not there, as in a run. */
function withBalances(near: readonly StandingOffering[], balances: Balances): InstantOffering[] {
  const offerings: InstantOffering[] = []
  for (const [at, standing] of near.entries()) {
    const balance = balances[at]
    if (balance) offerings.push(withAccounts(standing, balance))
  }
  return offerings
}
