/** Deliveries by the tens of thousands, as `recordDelivery` makes one. */
import { createRandom } from '../../src/engine/random.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import { deliveries } from '../../src/features/referrals/tables.ts'
import { inTransaction, type TransactionContext } from '../../src/platform/context.ts'
import { chunks } from '../../src/platform/db/chunks.ts'
import { rowsFrom } from '../../src/platform/db/rows-from.ts'
import { commitBundles } from '../../src/platform/ledger/post-transfers.ts'
import { DAY_MS } from '../../src/platform/period.ts'
import type { Service } from './begin-services.ts'
import type { Market } from './market.ts'

/** A delivery and its service. */
export interface Delivered {
  id: string
  service: Service
  units: number
}

export interface How {
  wanted: number
  from: Date
  days: number
  seed: number
  /** Lets time pass, so that what is later looks later. */
  tick(): void
}

/**
 * Delivers parts of services until there are so many deliveries: each commits its share in the ledger, and is written
 * with what the ledger says it cost.
 */
export async function deliverMany(
  market: Market,
  services: readonly Service[],
  { wanted, from, days, seed, tick }: How,
): Promise<Delivered[]> {
  const random = createRandom(seed)
  const done: Delivered[] = []
  while (done.length < wanted) {
    const open = services.filter(({ left, over }) => left > 0 && !over)
    if (open.length === 0) throw new Error('Everything is delivered: there are too few services.')
    for (const part of chunks(open.slice(0, wanted - done.length), 2000)) {
      const drawn = part.map((service) => ({
        service,
        units: 1 + random.below(Math.min(service.left, 3)),
        at: new Date(from.getTime() + random.below(days * DAY_MS)),
      }))
      tick()
      done.push(...(await inTransaction(market.as(SYSTEM), (ctx) => deliverSome(ctx, drawn))))
    }
  }
  return done
}

async function deliverSome(
  ctx: TransactionContext,
  drawn: readonly { service: Service; units: number; at: Date }[],
): Promise<Delivered[]> {
  const made = drawn.map(({ service, units, at }) => ({ id: ctx.newId(), service, units, at }))
  const spent = await commitBundles(
    ctx,
    made.map(({ id, service, units }) => ({ bundleId: service.matchId, units, left: service.left, key: id })),
  )
  const rows = made.map(({ id, service, units, at }, index) => ({
    id,
    referralId: service.referralId,
    units,
    deliveredAt: at,
    subsidy: spent[index]!.fund ?? 0,
    copayment: spent[index]!.wallet ?? 0,
    state: 'recorded',
    createdAt: ctx.clock(),
  }))
  for (const chunk of chunks(rows)) await ctx.tx.insert(deliveries).select(rowsFrom(deliveries, chunk))
  for (const { service, units } of made) service.left -= units
  return made
}
