/**
 * Lets many residents book the last place of an offering at the same moment, spread over two API processes on
 * PostgreSQL, round after round: each time exactly one gets it, all others hear the same 409, nobody a 5xx. At the end
 * the books must reconcile and the audit log must verify.
 *
 *   npx tsx scripts/race-bookings.ts [--rounds 1000] [--bookers 200]
 *
 * Every other booker pays alone, the others with a program's help. Uses TEST_DATABASE_URL (by default this machine's
 * server), in a database of its own that is dropped at the end. Ends with 1 where anything else came of it.
 */
import { parseArgs } from 'node:util'
import { eq, inArray, sql } from 'drizzle-orm'
import { createLocation } from '../src/features/catalog/create-location.ts'
import { publishOffering } from '../src/features/catalog/publish-offering.ts'
import { setCapacity } from '../src/features/catalog/set-capacity.ts'
import { setStaffTime } from '../src/features/catalog/set-staff-time.ts'
import { createArea } from '../src/features/communities/create-area.ts'
import { createPrincipal } from '../src/features/identity/create-principal.ts'
import { matches } from '../src/features/matching/tables.ts'
import { approveProgram } from '../src/features/programs/approve-program.ts'
import { createProgram } from '../src/features/programs/create-program.ts'
import { openProgram } from '../src/features/programs/open-program.ts'
import { submitProgram } from '../src/features/programs/submit-program.ts'
import { referrals } from '../src/features/referrals/tables.ts'
import { registerResidents } from '../src/features/residents/register-residents.ts'
import { needs } from '../src/features/residents/tables.ts'
import type { Actor } from '../src/platform/context.ts'
import { chunks } from '../src/platform/db/chunks.ts'
import { periodAfter, periodAt } from '../src/platform/period.ts'
import { checkBooks, openTwoServers, type TwoServers } from './two-servers.ts'

/** Offerings whose last place is fought for in turns. */
const OFFERINGS = 10
const PRICE = 1000
const PERIOD = periodAfter(periodAt(new Date()))
const POINT = { latitude: 25, longitude: 121 }

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '1000' }, bookers: { type: 'string', default: '200' } },
})
const [rounds, bookers] = [Number(values.rounds), Number(values.bookers)]

interface Town {
  key: string
  provider: Actor
  offeringIds: string[]
  programId: string
  /** Needs that wait; whoever wins leaves the list. */
  needIds: string[]
}

const servers = await openTwoServers()
try {
  const problems = await race(servers, await prepare(servers))
  for (const problem of problems.slice(0, 20)) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await servers.close()
}

async function race(servers: TwoServers, town: Town): Promise<string[]> {
  const problems: string[] = []
  const spent: number[] = []
  const told = new Map<string, number>()
  await warmUp(servers, town)
  for (let round = 0; round < rounds; round++) {
    const offeringId = town.offeringIds[round % OFFERINGS]!
    const units = Math.floor(round / OFFERINGS) + 1
    await setCapacity(servers.as(town.provider), { offeringId, period: PERIOD, units })
    const { seconds, answers } = await playRound(servers, town, offeringId)
    spent.push(seconds)
    problems.push(...judge(answers).map((problem) => `round ${round + 1}: ${problem}`))
    for (const { status, type } of answers) count(told, type ? `${status} ${type}` : `${status}`)
    const won = answers.findIndex(({ status }) => status === 201)
    if (won >= 0) town.needIds.splice(won, 1)
  }
  problems.push(...(await miscounted(servers)))
  await servers.stopServers()
  problems.push(...(await checkBooks(servers.deployment)))
  report(spent, told, problems)
  return problems
}

/** The first requests of a process compile its code: some that find no place, before the race begins. */
async function warmUp(servers: TwoServers, town: Town): Promise<void> {
  const few = { ...town, needIds: town.needIds.slice(0, 20) }
  for (let time = 0; time < 5; time++) await playRound(servers, few, town.offeringIds[0]!)
}

interface BookingAnswer {
  status: number
  /** Of the problem; null where there is none. */
  type: string | null
}

async function playRound({ urls }: TwoServers, town: Town, offeringId: string) {
  const started = performance.now()
  const answers = await Promise.all(
    town.needIds.slice(0, bookers).map(async (needId, booker): Promise<BookingAnswer> => {
      const answer = await fetch(`${urls[booker % 2]}/v1/needs/${needId}/bookings`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${town.key}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ offeringId, programId: booker % 4 < 2 ? null : town.programId }),
      })
      const { type = null } = (await answer.json()) as { type?: string }
      return { status: answer.status, type }
    }),
  )
  return { seconds: (performance.now() - started) / 1000, answers }
}

function judge(answers: readonly BookingAnswer[]): string[] {
  const problems: string[] = []
  const winners = answers.filter(({ status }) => status === 201).length
  if (winners !== 1) problems.push(`${winners} winners`)
  const odd = answers.filter(({ status }) => status !== 201 && status !== 409)
  if (odd.length > 0) problems.push(`${odd.length} × ${odd[0]!.status} ${odd[0]!.type}`)
  const types = new Set(answers.filter(({ status }) => status === 409).map(({ type }) => type))
  if (types.size > 1) problems.push(`different refusals: ${[...types].join(', ')}`)
  return problems
}

/** One match, one referral and one need for every round, and every place taken once. */
async function miscounted({ as }: TwoServers): Promise<string[]> {
  const { root } = as().db
  const found = {
    matches: await root.$count(matches, eq(matches.state, 'approved')),
    referrals: await root.$count(referrals, eq(referrals.residentAnswer, 'accepted')),
    'needs served': await root.$count(needs, eq(needs.state, 'matched')),
    'places held': await held(root),
  }
  return Object.entries(found)
    .filter(([, number]) => number !== rounds)
    .map(([what, number]) => `${rounds} rounds made ${number} ${what}`)
}

async function held(root: ReturnType<TwoServers['as']>['db']['root']): Promise<number> {
  const { rows } = (await root.execute(
    sql`select coalesce(sum(held), 0)::int as held from accounts where kind = 'capacity'`,
  )) as unknown as { rows: { held: number }[] }
  return rows[0]!.held
}

function report(spent: number[], told: ReadonlyMap<string, number>, problems: readonly string[]): void {
  const inOrder = [...spent].sort((a, b) => a - b)
  const total = spent.reduce((sum, seconds) => sum + seconds, 0)
  const middle = inOrder[Math.floor(inOrder.length / 2)] ?? 0
  const most = inOrder.at(-1) ?? 0
  const counted = [...told].map(([answer, number]) => `${number} × ${answer}`).join(', ')
  console.log(
    `${rounds} rounds of ${bookers} bookers over two processes in ${total.toFixed(1)} s (median ${middle.toFixed(2)} s, longest ${most.toFixed(2)} s): ${counted}; ${problems.length} problems`,
  )
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

async function prepare(servers: TwoServers): Promise<Town> {
  const { as, hire } = servers
  const [partner, provider] = [await hire('partner'), await hire('provider')]
  const { id: areaId } = await createArea(as(), { kind: 'district', code: 'race', name: 'District' })
  const offeringIds = await publish(servers, provider.actor, areaId)
  const programId = await fund(servers, areaId)
  return {
    key: partner.key,
    provider: provider.actor,
    offeringIds,
    programId,
    needIds: await registerAll(servers, partner.actor.organizationId, areaId),
  }
}

async function publish({ as }: TwoServers, provider: Actor, areaId: string): Promise<string[]> {
  const ctx = as(provider)
  await setStaffTime(ctx, { period: PERIOD, minutes: 10 * rounds + 1 })
  const location = await createLocation(ctx, { name: 'House', address: 'Road 1', areaId, point: POINT })
  const ids: string[] = []
  for (let number = 0; number < OFFERINGS; number++) {
    const { id } = await publishOffering(ctx, {
      locationId: location.id,
      name: `Club ${number}`,
      category: 'cultural',
      term: 'club',
      tier: 'personalized',
      mode: 'onsite',
      unit: 'visit',
      price: PRICE,
      staffMinutesPerUnit: 10,
      capacities: [{ period: PERIOD, units: 0 }],
    })
    ids.push(id)
  }
  return ids
}

async function fund({ as, hire }: TwoServers, areaId: string): Promise<string> {
  const { actor: officer } = await hire('purchaser.officer')
  const { organizationId } = officer
  const { id: principalId } = await createPrincipal(as(), {
    organizationId,
    role: 'purchaser.finance',
    name: 'Finance',
  })
  const finance = { ...officer, principalId, role: 'purchaser.finance' }
  const { id } = await createProgram(as(officer), {
    areaId,
    period: PERIOD,
    name: 'Club fund',
    categories: ['cultural'],
    tiers: ['personalized'],
    budget: rounds * PRICE,
    subsidyShare: 5000,
    residentCap: PRICE,
  })
  await submitProgram(as(officer), { id, expectedVersion: 1 })
  await approveProgram(as(finance), { id, expectedVersion: 2 })
  await openProgram(as(officer), { id, expectedVersion: 3 })
  return id
}

/** One more for every winner, so that every round has as many bookers. */
async function registerAll({ as }: TwoServers, organizationId: string, areaId: string): Promise<string[]> {
  const everybody = Array.from({ length: bookers + rounds }, (_, number) => ({
    reference: `resident ${number}`,
    areaId,
    point: POINT,
    consents: [{ purpose: 'matching' as const, facts: ['location' as const] }],
    wallets: [{ period: PERIOD, amount: PRICE }],
    needs: [
      {
        period: PERIOD,
        category: 'cultural' as const,
        term: 'club',
        tier: 'personalized' as const,
        quantity: 1,
      },
    ],
  }))
  const needIds: string[] = []
  for (const residents of chunks(everybody)) {
    const { ids } = await registerResidents(as(), { organizationId, residents })
    const rows = await as().db.root.select({ id: needs.id }).from(needs).where(inArray(needs.residentId, ids))
    needIds.push(...rows.map(({ id }) => id))
  }
  return needIds
}
