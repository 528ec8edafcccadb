/** Residents who were matched: what they take is held in the ledger, and their services have begun. */
import { randomUUID } from 'node:crypto'
import { and, eq, inArray } from 'drizzle-orm'
import { createRandom, type Random } from '../../src/engine/random.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import { bundlesOf } from '../../src/features/matching/bundles.ts'
import type { Choice } from '../../src/features/matching/run-protocol.ts'
import { matches } from '../../src/features/matching/tables.ts'
import { splitPrice } from '../../src/features/programs/subsidy.ts'
import { referrals } from '../../src/features/referrals/tables.ts'
import { registerResidents } from '../../src/features/residents/register-residents.ts'
import { needs } from '../../src/features/residents/tables.ts'
import { inTransaction, type TransactionContext } from '../../src/platform/context.ts'
import { chunks } from '../../src/platform/db/chunks.ts'
import { rowsFrom } from '../../src/platform/db/rows-from.ts'
import { holdBundles } from '../../src/platform/ledger/post-transfers.ts'
import { accounts } from '../../src/platform/ledger/tables.ts'
import { type Market, PERIOD, type PricedOffering } from './market.ts'

/** A service that has begun. */
export interface Service {
  matchId: string
  referralId: string
  provider: PricedOffering['provider']
  quantity: number
  /** Units that nobody has delivered yet. */
  left: number
  over: boolean
}

/** What each resident is looking for. */
const TERMS = ['day_care', 'bathing']
const WALLET = 100_000_000
const MOST_UNITS = 14

/**
 * Registers residents with wallets, and pairs each of their needs with an offering and a program, or none. The holds are
 * the ledger's own; only the run, the review and the answers that come before a service are left out.
 */
export async function beginServices(market: Market, wanted: number, seed: number): Promise<Service[]> {
  const random = createRandom(seed)
  const services: Service[] = []
  for (const size of sizesOf(wanted)) {
    const system = market.as(SYSTEM)
    const residentIds = await registerSome(market, Math.ceil(size / TERMS.length))
    services.push(...(await inTransaction(system, (ctx) => pair(ctx, market, { residentIds, random, size }))))
  }
  return services
}

function sizesOf(wanted: number): number[] {
  const places = Array.from({ length: wanted }, (_, at) => at)
  return chunks(places, 2000).map(({ length }) => length)
}

async function registerSome({ as, partner, areaId }: Market, count: number): Promise<string[]> {
  const need = (term: string) =>
    ({ period: PERIOD, category: 'elderly_care', term, tier: 'basic', quantity: 1 }) as const
  const residents = Array.from({ length: count }, () => ({
    reference: randomUUID(),
    areaId,
    point: { latitude: 25.033, longitude: 121.543 },
    wallets: [{ period: PERIOD, amount: WALLET, carryOverMost: null }],
    needs: TERMS.map(need),
  }))
  const { organizationId } = partner
  return (await registerResidents(as(partner), { organizationId, residents })).ids
}

interface Pairing {
  residentIds: readonly string[]
  random: Random
  size: number
}

async function pair(
  ctx: TransactionContext,
  market: Market,
  { residentIds, random, size }: Pairing,
): Promise<Service[]> {
  const open = await ctx.tx
    .select({ id: needs.id, residentId: needs.residentId, walletId: accounts.id })
    .from(needs)
    .innerJoin(accounts, and(eq(accounts.ownerId, needs.residentId), eq(accounts.kind, 'wallet')))
    .where(inArray(needs.residentId, [...residentIds]))
    .orderBy(needs.id)
  const drawn = new Map<string, number>()
  const wanted = open.slice(0, size).map((need) => ({
    id: ctx.newId(),
    choice: drawChoice(market, need, drawn, random),
  }))
  const units = new Map(market.offerings.map(({ id }) => [id, 'visit']))
  const { refused } = await holdBundles(ctx, await bundlesOf(ctx, PERIOD, units, wanted))
  if (refused.length > 0) throw new Error(`${refused.length} matches do not fit: the market is too small.`)
  await writeMatches(ctx, wanted)
  return writeReferrals(ctx, market, wanted)
}

type Wanted = { id: string; choice: Choice }

function drawChoice(
  { programs, offerings }: Market,
  need: { id: string; residentId: string; walletId: string },
  drawn: Map<string, number>,
  random: Random,
): Choice {
  const offering = offerings[random.below(offerings.length)]!
  const quantity = 1 + random.below(MOST_UNITS)
  // One in so many pays alone: no settlement is about that.
  const program = programs[Math.floor(random.below(programs.length * 8 + 1) / 8)] ?? null
  const terms = { ...UNRANKED, needId: need.id, residentId: need.residentId, quantity, stage: 0 }
  const before = drawn.get(`${program?.id} ${need.residentId}`) ?? 0
  const left = program?.residentCap == null ? null : program.residentCap - before
  const price = offering.price * quantity
  const split = program
    ? splitPrice(program, offering.price, quantity, left)
    : { price, subsidy: 0, copayment: price }
  drawn.set(`${program?.id} ${need.residentId}`, before + split.subsidy)
  return {
    ...terms,
    ...split,
    offeringId: offering.id,
    providerId: offering.provider.organizationId,
    programId: program?.id ?? null,
    capacityAccountId: offering.capacityAccountId,
    staffTime: null,
    fundAccountId: program?.fundAccountId ?? null,
    walletAccountId: need.walletId,
    residentCap: program?.residentCap ?? null,
  }
}

/** Nothing chose these matches, so any worth will do. */
const UNRANKED = {
  walkingMinutes: null,
  utility: 1,
  parts: {
    base: 1,
    walking: 0,
    tierFit: 0,
    language: 0,
    affordability: 0,
    caregiverGender: 0,
    sector: 0,
    continuity: 0,
  },
}

async function writeMatches(ctx: TransactionContext, wanted: readonly Wanted[]): Promise<void> {
  for (const chunk of chunks(wanted)) {
    const rows = chunk.map(({ id, choice }) => ({ id, ...choice, origin: 'run', state: 'approved' }))
    await ctx.tx.insert(matches).select(rowsFrom(matches, rows))
    const needIds = chunk.map(({ choice }) => choice.needId)
    await ctx.tx.update(needs).set({ state: 'in_service' }).where(inArray(needs.id, needIds))
  }
}

async function writeReferrals(
  ctx: TransactionContext,
  { partner, officer, offerings }: Market,
  wanted: readonly Wanted[],
): Promise<Service[]> {
  const now = ctx.clock()
  const providerOf = new Map(offerings.map(({ id, provider }) => [id, provider]))
  const services = wanted.map(({ id, choice }) => ({
    matchId: id,
    referralId: ctx.newId(),
    provider: providerOf.get(choice.offeringId)!,
    quantity: choice.quantity,
    left: choice.quantity,
    over: false,
  }))
  const rows = services.map(({ matchId, referralId, provider, quantity }, at) => ({
    id: referralId,
    matchId,
    residentId: wanted[at]!.choice.residentId,
    providerId: provider.organizationId,
    partnerId: partner.organizationId,
    purchaserId: officer.organizationId,
    quantity,
    status: 'in-progress',
    residentAnswer: 'accepted',
    startedAt: now,
    createdAt: now,
    changedAt: now,
  }))
  for (const chunk of chunks(rows)) await ctx.tx.insert(referrals).select(rowsFrom(referrals, chunk))
  return services
}
