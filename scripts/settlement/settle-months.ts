/** Two months of a market: deliver, dispute, settle, compare; then what came late and what was annulled since. */
import Table from 'cli-table3'
import { and, count, eq, isNotNull, sum } from 'drizzle-orm'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import { matches } from '../../src/features/matching/tables.ts'
import { decideDispute } from '../../src/features/referrals/decide-dispute.ts'
import { disputeDelivery } from '../../src/features/referrals/dispute-delivery.ts'
import { moveReferral } from '../../src/features/referrals/move-referral.ts'
import { recordDelivery } from '../../src/features/referrals/record-delivery.ts'
import { deliveries, referrals } from '../../src/features/referrals/tables.ts'
import { settlePeriod } from '../../src/features/settlement/settle-period.ts'
import { findAlerts } from '../../src/features/supervision/find-alerts.ts'
import { Refusal } from '../../src/platform/errors.ts'
import { reconcile } from '../../src/platform/ledger/reconcile.ts'
import { formatMoney } from '../../src/platform/money.ts'
import { beginServices, type Service } from './begin-services.ts'
import { type Delivered, deliverMany } from './deliver.ts'
import { foundMarket, type Market, PERIOD } from './market.ts'
import { compareSums, type Sums, WAYS } from './three-sums.ts'

export interface Settling {
  as: Market['as']
  /** The clock that `as` reads; moved from here. */
  time: { now: Date }
  deliveries: number
  seed: number
  print(line: string): void
}

/** One delivery in so many is disputed in the month, late, or disputed after it was paid for. */
const ONE_IN = 250
const MOST = 400

/** @returns what does not agree, in sentences; empty where everything does. */
export async function settleMonths(settling: Settling): Promise<string[]> {
  const { as, time, deliveries: wanted, seed, print } = settling
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  const market = await foundMarket(as, {
    providers: Math.min(12, Math.ceil(wanted / 500)),
    units: 100_000_000,
  })
  const services = await beginServices(market, Math.ceil(wanted / 3), seed)
  const from = new Date('2026-12-01T00:00:00Z')
  time.now = new Date('2026-12-31T12:00:00Z')
  const tick = () => {
    time.now = new Date(time.now.getTime() + 1000)
  }
  const how = { wanted, from, days: 30, seed: seed + 1, tick }
  const delivered = await deliverMany(market, services, how)
  print(`${delivered.length} deliveries of ${services.length} services after ${seconds()}.`)
  const few = Math.min(MOST, Math.max(4, Math.floor(wanted / ONE_IN)))
  const [early, afterwards] = [delivered.slice(0, few), delivered.slice(-few)]
  const problems: string[] = []

  await disputeAll(market, early, tick)
  time.now = new Date('2027-01-02T00:00:00Z')
  problems.push(...(await refusedForDisputes(market)))
  await decideAll(market, early, tick)
  problems.push(...(await settleAll(settling, market, PERIOD)))
  print(await timeAlerts(market))

  // Paid for and annulled since: the services end or go on. And what was delivered in December and told of in January.
  time.now = new Date('2027-01-05T00:00:00Z')
  await disputeAll(market, afterwards, tick)
  await completeSome(market, afterwards, tick)
  await decideAll(market, afterwards, tick)
  await deliverLate(market, services, few, tick)
  time.now = new Date('2027-02-01T00:00:00Z')
  problems.push(...(await settleAll(settling, market, '2027-01')))
  print(`All of it took ${seconds()}.`)
  return problems
}

/** What looking for every kind of alert takes, beside joining the deliveries with their matches once. */
async function timeAlerts({ as, supervisor }: Market): Promise<string> {
  const ctx = as(supervisor)
  const timed = async <T>(work: () => PromiseLike<T>) => {
    const start = performance.now()
    return { result: await work(), seconds: (performance.now() - start) / 1000 }
  }
  const joined = await timed(() =>
    ctx.db.root
      .select({ count: count(), units: sum(deliveries.units) })
      .from(deliveries)
      .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
      .innerJoin(matches, eq(matches.id, referrals.matchId)),
  )
  const found = await timed(() => findAlerts(ctx, { period: PERIOD, areaId: null, kind: null }))
  const times = (found.seconds / joined.seconds).toFixed(1)
  return `${found.result.length} alerts in ${found.seconds.toFixed(2)} s, ${times} times as long as adding up what was delivered.`
}

async function disputeAll(
  { as, partner }: Market,
  some: readonly Delivered[],
  tick: () => void,
): Promise<void> {
  for (const { id } of some) {
    tick()
    await disputeDelivery(as(partner), {
      id,
      expectedVersion: await versionOf(as, id),
      reason: 'not_delivered',
    })
  }
}

/** Every other dispute annuls the delivery. */
async function decideAll(
  { as, officer }: Market,
  some: readonly Delivered[],
  tick: () => void,
): Promise<void> {
  for (const [at, { id, service, units }] of some.entries()) {
    tick()
    const decision = at % 2 === 0 ? 'annulled' : 'sustained'
    await decideDispute(as(officer), { id, expectedVersion: await versionOf(as, id), decision })
    if (decision === 'annulled') service.left += units
  }
}

/** Some services are over when the dispute is decided: what comes back of them is free. */
async function completeSome({ as }: Market, some: readonly Delivered[], tick: () => void): Promise<void> {
  const ending = new Set(some.filter((_, at) => at % 4 < 2).map(({ service }) => service))
  for (const { referralId, provider } of ending) {
    tick()
    await moveReferral(as(provider), { id: referralId, event: 'complete', expectedVersion: 1, reason: null })
  }
  for (const service of ending) service.over = true
}

async function versionOf(as: Market['as'], id: string): Promise<number> {
  const { root } = as(SYSTEM).db
  const [row] = await root
    .select({ version: deliveries.version })
    .from(deliveries)
    .where(eq(deliveries.id, id))
  return row!.version
}

/** Of services that have room by the ledger as well: what was annulled after it was paid for has to be corrected first. */
async function deliverLate(
  { as }: Market,
  services: readonly Service[],
  few: number,
  tick: () => void,
): Promise<void> {
  let late = 0
  for (const { provider, referralId, left, over } of services) {
    if (late === few) return
    if (left === 0 || over) continue
    tick()
    const wanted = { referralId, units: 1, deliveredAt: '2026-12-31T10:00:00Z' }
    try {
      await recordDelivery(as(provider), wanted)
      late += 1
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'insufficient')) throw error
    }
  }
}

/** A month with open disputes is not closed: the refusal says how many there are. */
async function refusedForDisputes({ as, settler }: Market): Promise<string[]> {
  const open = await as(SYSTEM)
    .db.root.select({ programId: matches.programId, disputes: count() })
    .from(deliveries)
    .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .where(and(eq(deliveries.state, 'disputed'), isNotNull(matches.programId)))
    .groupBy(matches.programId)
  const problems: string[] = []
  for (const { programId, disputes } of open) {
    const told = await settlePeriod(as(settler), { programId: programId!, period: PERIOD }).then(
      () => 'settled',
      (error: unknown) => (error instanceof Refusal ? error.facts.disputes : error),
    )
    if (told !== disputes) problems.push(`${programId} has ${disputes} open disputes, and was told ${told}`)
  }
  return open.length > 0 ? problems : ['No dispute was open.']
}

async function settleAll({ print }: Settling, market: Market, period: string): Promise<string[]> {
  const { as, settler, programs } = market
  const before = performance.now()
  for (const { id } of programs) await settlePeriod(as(settler), { programId: id, period })
  const spent = (performance.now() - before) / 1000
  const { rows, differences } = await compareSums(as(SYSTEM))
  print(
    `\nSettled ${period} in ${spent.toFixed(1)} s. What was paid out so far, added up in ${WAYS.length} ways:`,
  )
  print(tableOf(market, rows))
  const { differences: unbalanced, unbalancedUnits } = await reconcile(as(SYSTEM))
  const books = unbalanced.map((one) => `account ${one.accountId}: ${one.balance} is out of balance`)
  return [...differences, ...books, ...unbalancedUnits.map((unit) => `${unit} does not balance`)]
}

type Rows = Awaited<ReturnType<typeof compareSums>>['rows']

function tableOf({ programs, providers }: Market, rows: Rows): string {
  const table = new Table({
    head: ['Program', 'Provider', ...WAYS, 'of it the fund', 'the same?'],
    style: { head: [], border: [], compact: true },
  })
  const total = new Map(WAYS.map((way) => [way, 0n]))
  const numberOf = (id: string) => programs.findIndex((program) => program.id === id) + 1
  for (const row of rows.toSorted((one, other) => numberOf(one.program) - numberOf(other.program))) {
    const program = numberOf(row.program)
    const provider = providers.findIndex(({ organizationId }) => organizationId === row.provider) + 1
    for (const way of WAYS) total.set(way, total.get(way)! + row[way].price)
    const prices = WAYS.map((way) => money(row[way].price))
    table.push([program, provider, ...prices, money(row.ledger.subsidy), isSame(row) ? 'yes' : 'NO'])
  }
  table.push(['all', '', ...WAYS.map((way) => money(total.get(way)!)), '', ''])
  return table.toString()
}

const money = (amount: bigint) => formatMoney(Number(amount), 'TWD')

function isSame(row: Rows[number]): boolean {
  const told = (sums: Sums) => `${sums.price} ${sums.subsidy} ${sums.copayment}`
  return new Set(WAYS.map((way) => told(row[way]))).size === 1
}
