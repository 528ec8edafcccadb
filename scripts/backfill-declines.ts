/**
 * Lets residents of a demo town decline what an approved run offers them, one after the other, and looks who gets their
 * places: each time it must be those who bid most among all who wait, in order, as reckoned the slow way.
 *
 *   npx tsx scripts/backfill-declines.ts [--declines 1000] [--residents 5000] [--seed 1] [--rounds 20] [--rung embedded|postgres]
 *
 * Prints how many places were refilled, and how much of the capacity is taken after the approval, after the declines had
 * nobody got the places, and with those who got them. Ends with 1 where a place went to anybody else than it should, or
 * the books do not reconcile.
 */
import { parseArgs } from 'node:util'
import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { createRandom } from '../src/engine/random.ts'
import { backfills, matches } from '../src/features/matching/tables.ts'
import { declineOffer } from '../src/features/referrals/decline-offer.ts'
import { openBackfilled } from '../src/features/referrals/open-backfilled.ts'
import { RefusalReason } from '../src/features/referrals/schemas.ts'
import { referrals } from '../src/features/referrals/tables.ts'
import { reconcile } from '../src/platform/ledger/reconcile.ts'
import { type Expected, expectedWinners } from './backfill/oracle.ts'
import { type ApprovedTown, openApprovedTown, PERIOD } from './backfill/town.ts'
import { drawSome } from './bench/draw-some.ts'

const { values } = parseArgs({
  options: {
    declines: { type: 'string', default: '1000' },
    residents: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '20' },
    rung: { type: 'string', default: 'embedded' },
  },
})
const seed = Number(values.seed)
const rung = values.rung === 'postgres' ? 'postgres' : 'embedded'

const options = { rung, residents: Number(values.residents), seed, rounds: Number(values.rounds) } as const
const town = await openApprovedTown(options)
try {
  const problems = await declineAll(town)
  for (const problem of problems.slice(0, 20)) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await town.close()
}

async function declineAll(town: ApprovedTown): Promise<string[]> {
  const { root } = town.as().db
  const offers = await root
    .select({ referral: referrals, match: matches })
    .from(referrals)
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .where(eq(matches.runId, town.run.id))
    .orderBy(asc(referrals.id))
  const declined = drawSome([...offers.keys()], Number(values.declines), seed).map((at) => offers[at]!)
  console.log(`${offers.length} offers are open; ${declined.length} are declined`)
  const touched = [...new Set(declined.map(({ match }) => match.offeringId))]
  const before = await unitsTaken(town, touched)
  const random = createRandom(seed)
  const tally = { places: 0, refilled: 0, inOrder: 0, freed: 0, given: 0, spent: [] as number[] }
  const problems: string[] = []
  for (const { referral, match } of declined) {
    const reason = RefusalReason.options[random.below(RefusalReason.options.length)]!
    await declineOffer(town.as(town.partner), { id: referral.id, expectedVersion: referral.version, reason })
    const { offeringId, quantity: units } = match
    const { id: runId, organizationId: purchaserId } = town.run
    const expected = await expectedWinners(town.as(), {
      offeringId,
      period: PERIOD,
      units,
      runId,
      purchaserId,
    })
    const started = performance.now()
    await openBackfilled(town.as(), match.id, reason)
    tally.spent.push(performance.now() - started)
    const given = await winnersOf(town, match.id)
    const isRight = isSame(expected, given)
    if (!isRight) problems.push(`match ${match.id}: ${JSON.stringify({ expected, given })}`)
    tally.places++
    tally.refilled += given.length > 0 ? 1 : 0
    tally.inOrder += isRight ? 1 : 0
    tally.freed += units
    tally.given += given.reduce((sum, { quantity }) => sum + quantity, 0)
  }
  const after = await unitsTaken(town, touched)
  report(tally, before, after)
  return [...problems, ...(await unbalanced(town))]
}

interface Given extends Expected {
  quantity: number
}

/** Who got of a match's places, in order. */
async function winnersOf(town: ApprovedTown, matchId: string): Promise<Given[]> {
  const rows = await town
    .as()
    .db.root.select({ needId: matches.needId, bid: backfills.bid, quantity: matches.quantity })
    .from(backfills)
    .innerJoin(matches, eq(matches.id, backfills.matchId))
    .innerJoin(referrals, and(eq(referrals.matchId, matches.id), eq(referrals.status, 'requested')))
    .where(eq(backfills.freedMatchId, matchId))
    .orderBy(asc(backfills.position))
  return rows.map(({ bid, ...row }) => ({ ...row, bid: bid! }))
}

function isSame(expected: readonly Expected[], given: readonly Given[]): boolean {
  return (
    expected.length === given.length &&
    expected.every(({ needId, bid }, at) => given[at]!.needId === needId && given[at]!.bid === bid)
  )
}

interface Taken {
  limit: number
  taken: number
}

/** Units of capacity: of the offerings that are declined, and of all. */
async function unitsTaken(town: ApprovedTown, touched: string[]): Promise<{ touched: Taken; all: Taken }> {
  const sums = async (ids: string[] | null): Promise<Taken> => {
    const owned = ids ? inArray(sql`owner_id`, ids) : sql`true`
    const { rows } = (await town.as().db.root.execute(
      sql`select sum("limit")::float8 as limit, sum(held + spent)::float8 as taken from accounts
        where kind = 'capacity' and period = ${PERIOD} and ${owned}`,
    )) as unknown as { rows: Taken[] }
    return rows[0]!
  }
  return { touched: await sums(touched), all: await sums(null) }
}

type Units = Awaited<ReturnType<typeof unitsTaken>>

function report(
  tally: { places: number; refilled: number; inOrder: number; freed: number; given: number; spent: number[] },
  before: Units,
  after: Units,
): void {
  const { places, refilled, inOrder, freed, given, spent } = tally
  const sorted = [...spent].sort((a, b) => a - b)
  const [middle, longest] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0]
  console.log(
    `refilled in price order: ${inOrder} of ${places} (${refilled} places to somebody, the rest wanted by nobody)`,
  )
  console.log(`units freed: ${freed}, given on: ${given}`)
  console.log(`a refill took ${middle.toFixed(0)} ms (median), ${longest.toFixed(0)} ms at most`)
  const share = ({ limit, taken }: Taken, less = 0) => `${((100 * (taken - less)) / limit).toFixed(2)} %`
  const line = (name: string, units: Units, less = 0) =>
    console.log(
      `${name.padEnd(36)} ${share(units.touched, less).padStart(9)} ${share(units.all, less).padStart(9)}`,
    )
  console.log(`${'capacity taken'.padEnd(36)} ${'touched'.padStart(9)} ${'all'.padStart(9)}`)
  line('after the approval', before)
  line('after the declines, without backfill', before, freed)
  line('after the declines, with backfill', after)
}

async function unbalanced(town: ApprovedTown): Promise<string[]> {
  const { differences, unbalancedUnits } = await reconcile(town.as())
  const problems = [...differences.map((one) => JSON.stringify(one)), ...unbalancedUnits]
  console.log(problems.length === 0 ? 'the books reconcile' : 'the books do not reconcile')
  return problems
}
