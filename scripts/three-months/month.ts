/** One month from its programs to its settlement, by everybody's own hands. */
import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import { openCapacities } from '../../src/features/catalog/open-capacities.ts'
import { getRun } from '../../src/features/matching/get-run.ts'
import { getSimulation } from '../../src/features/matching/get-simulation.ts'
import { simulateProgram } from '../../src/features/matching/simulate-program.ts'
import { type RunRow, startRun } from '../../src/features/matching/start-run.ts'
import { matches } from '../../src/features/matching/tables.ts'
import type { Category, Tier } from '../../src/features/policies/schemas.ts'
import { approveProgram } from '../../src/features/programs/approve-program.ts'
import { createProgram } from '../../src/features/programs/create-program.ts'
import { openProgram } from '../../src/features/programs/open-program.ts'
import type { CreateProgram } from '../../src/features/programs/schemas.ts'
import { submitProgram } from '../../src/features/programs/submit-program.ts'
import { referrals } from '../../src/features/referrals/tables.ts'
import { registerNeed } from '../../src/features/residents/register-need.ts'
import { topUpWallet } from '../../src/features/residents/top-up-wallet.ts'
import { approveRun } from '../../src/features/review/approve-run.ts'
import { excludeMatch } from '../../src/features/review/exclude-match.ts'
import { listReviewQueue } from '../../src/features/review/list-review-queue.ts'
import { pinMatch } from '../../src/features/review/pin-match.ts'
import { resolveRun } from '../../src/features/review/resolve-run.ts'
import { inTransaction } from '../../src/platform/context.ts'
import { accounts } from '../../src/platform/ledger/tables.ts'
import { MONTHS, type Stage } from './stage.ts'

const REVIEWED = 5

/** Places open, wallets are filled and needs come in; the first month's came with the district. */
export async function registerMonth(stage: Stage, period: string): Promise<void> {
  if (period === MONTHS[0]) return
  await openPlaces(stage, period)
  for (const { id: residentId, wants } of stage.people) {
    await topUpWallet(stage.partner, { residentId, period, amount: Math.max(1, wants.wallet) })
    for (const { waitingDays: _since, ...need } of wants.needs) {
      await registerNeed(stage.partner, { residentId, period, ...need })
    }
  }
}

/** As many as in the first month. */
async function openPlaces({ system, db }: Stage, period: string): Promise<void> {
  const first = await db.root
    .select()
    .from(accounts)
    .where(and(eq(accounts.kind, 'capacity'), eq(accounts.period, MONTHS[0])))
    .orderBy(asc(accounts.ownerId))
  await inTransaction(system, (ctx) =>
    openCapacities(
      ctx,
      first.map(({ ownerId: offeringId, unit, limit: units }) => ({
        offeringId,
        unit,
        capacities: [{ period, units, funded: null, status: 'capacity' as const }],
      })),
    ),
  )
}

const EVERYTHING = {
  categories: ['elderly_care', 'medical', 'cultural', 'life_care'] as Category[],
  tiers: ['basic', 'inclusive', 'personalized'] as Tier[],
}

/**
 * Two programs that compete for the needs of people of low income: a share of the price, and a fixed amount with a share of
 * what is left, up to a ceiling. So small that both run short. Drafted, simulated, approved by another, opened.
 */
export async function openPrograms(
  stage: Stage,
  period: string,
  lastRunId: string | null,
): Promise<string[]> {
  const { areaId, people, officer, finance } = stage
  const common = { ...EVERYTHING, areaId, period }
  const wanted: CreateProgram[] = [
    {
      ...common,
      name: 'Care for low and lower-middle income',
      eligibility: { fact: 'incomeClass', op: 'in', value: ['low', 'lower_middle'] },
      budget: people.length * 1500,
      subsidyShare: 9000,
      residentCap: 200_000,
    },
    {
      ...common,
      name: 'Help for everybody aged 65 and over',
      eligibility: { fact: 'age', op: 'gte', value: 65 },
      budget: people.length * 5000,
      subsidyShare: 3333,
      subsidyFixed: 5000,
      subsidyOrder: 'fixed_first',
      priceCeiling: 200_000,
      residentCap: 150_000,
    },
  ]
  const ids: string[] = []
  for (const plan of wanted) {
    const draft = await createProgram(officer, plan)
    const submitted = await submitProgram(officer, { id: draft.id, expectedVersion: draft.version })
    if (lastRunId) await tellSimulation(stage, draft.id, lastRunId)
    const approved = await approveProgram(finance, { id: draft.id, expectedVersion: submitted.version })
    await openProgram(officer, { id: draft.id, expectedVersion: approved.version })
    ids.push(draft.id)
  }
  return ids
}

async function tellSimulation(stage: Stage, programId: string, runId: string): Promise<void> {
  const { id } = await simulateProgram(stage.officer, { programId, runId, changePercent: [-10, 0, 10] })
  await stage.settled()
  const { state, report } = await getSimulation(stage.officer, id)
  if (state !== 'finished' || report?.kind !== 'program') throw new Error(`The simulation is ${state}.`)
  for (const { changePercent, budget, spent, matched, value, estimatedValue } of report.budgets) {
    console.log(
      `  simulated ${String(changePercent).padStart(3)} %: budget ${budget}, spent ${spent}, ${matched} met, value ${value}, expected from the shadow price ${Math.round(estimatedValue)}`,
    )
  }
}

/** Ordered, solved, looked at, solved again around what was excluded and pinned, approved, opened. */
export async function matchMonth(stage: Stage, period: string): Promise<RunRow> {
  const { areaId, options } = stage
  const { id } = await startRun(stage.officer, { areaId, period, seed: options.seed, rounds: options.rounds })
  await stage.settled()
  const doubtful = await listReviewQueue(stage.finance, id, { limit: 2 * REVIEWED })
  const queued = doubtful.items.map(({ match }) => match.id)
  for (const matchId of queued.slice(0, REVIEWED)) {
    await excludeMatch(stage.finance, { runId: id, matchId, expectedVersion: 1, reason: 'price_doubtful' })
  }
  for (const matchId of queued.slice(REVIEWED)) {
    await pinMatch(stage.finance, { runId: id, matchId, expectedVersion: 1, reason: 'continuity' })
  }
  const first = await getRun(stage.officer, id)
  await resolveRun(stage.officer, { runId: id, expectedVersion: first.version })
  await stage.settled()
  await requirePinned(stage, queued)
  const again = await getRun(stage.finance, id)
  if (again.state !== 'proposed') throw new Error(`The run is ${again.state}: ${again.failure}`)
  await approveRun(stage.finance, { runId: id, expectedVersion: again.version })
  await stage.settled()
  const { matched, needs, value, bound, gap, firstCome } = again.result!
  console.log(
    `  run: ${matched} of ${needs} needs met, value ${value}, bound ${bound}, gap ${(gap * 100).toFixed(2)} %; first come first served: ${firstCome.matched} met, value ${firstCome.value}`,
  )
  return getRun(stage.officer, id)
}

/** What was pinned stands, what was excluded does not come back. */
async function requirePinned({ db }: Stage, queued: readonly string[]): Promise<void> {
  const rows = await db.root
    .select()
    .from(matches)
    .where(inArray(matches.id, [...queued]))
  for (const { id, state, needId, offeringId, runId } of rows) {
    const isPinned = queued.indexOf(id) >= REVIEWED
    if (isPinned !== (state === 'proposed')) throw new Error(`A reviewed match is ${state}.`)
    if (isPinned) continue
    const back = and(
      eq(matches.runId, runId!),
      eq(matches.needId, needId),
      eq(matches.offeringId, offeringId),
      eq(matches.state, 'proposed'),
    )
    if ((await db.root.$count(matches, back)) > 0) throw new Error('An excluded pair came back.')
  }
}

/** Referrals of the month in one of these statuses, in order of their opening. */
export function referralsIn({ db }: Stage, statuses: (typeof referrals.$inferSelect)['status'][]) {
  return db.root
    .select()
    .from(referrals)
    .where(inArray(referrals.status, statuses))
    .orderBy(asc(referrals.id))
}

export function unanswered({ db }: Stage) {
  return db.root
    .select()
    .from(referrals)
    .where(and(inArray(referrals.status, ['requested', 'accepted']), isNull(referrals.residentAnswer)))
    .orderBy(asc(referrals.id))
}
