/** Whether what a run proposes still holds when it is approved, match by match, in a few statements for all of them. */
import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { accounts, holds } from '../../platform/ledger/tables.ts'
import { offeringCapacities, offerings } from '../catalog/tables.ts'
import { orderedAt } from '../matching/ordered-at.ts'
import type { RunRow } from '../matching/start-run.ts'
import { matches } from '../matching/tables.ts'
import { withdrawnResidents } from '../matching/withdrawn-residents.ts'
import { evaluate, type Facts, type Rule } from '../policies/eligibility.ts'
import { programs } from '../programs/tables.ts'
import { type ConsentReceipt, type KnownFacts, visibleFacts } from '../residents/consented-facts.ts'
import { consents, needs, residents } from '../residents/tables.ts'
import type { StaleReason } from './schemas.ts'

export interface StaleMatch {
  matchId: string
  needId: string
  reason: StaleReason
}

/**
 * Holds every proposed match of a run against the present: need, resident, consents, offering, program, and what is held.
 * Whom and what it looks at is locked until the transaction ends, so that it still holds when the run is approved.
 * @returns the matches that do not hold, each with the first reason, by id.
 */
export async function recheckMatches(ctx: TransactionContext, run: RunRow): Promise<StaleMatch[]> {
  await lockFacts(ctx, run.id)
  const proposed = await readProposed(ctx, run.id)
  const present: Present = {
    withdrawn: await withdrawnAmong(ctx, run, proposed),
    held: await readHeld(ctx, run.id),
    factsOf: await createFacts(ctx, run, proposed),
  }
  return proposed.flatMap((match): StaleMatch[] => {
    const reason = whyStale(match, present)
    return reason ? [{ matchId: match.id, needId: match.needId, reason }] : []
  })
}

interface Present {
  withdrawn: ReadonlySet<string>
  held: ReadonlyMap<string, Held>
  factsOf(match: Proposed): Facts
}

/** In the order in which a person would ask. */
function whyStale(match: Proposed, { withdrawn, held, factsOf }: Present): StaleReason | null {
  const { need, resident, offering, program } = match
  if (resident.erasedAt) return 'resident_erased'
  if (need.state !== 'matched') return 'need_changed'
  if (withdrawn.has(match.id)) return 'consent_missing'
  if (offering.state !== 'published') return 'offering_withdrawn'
  const taken = held.get(match.id)
  const isUnitKept = taken?.unit === undefined || taken.unit === offering.unit
  if (offering.price * match.quantity !== match.price || !isUnitKept) return 'terms_changed'
  if (match.capacityStatus && CLOSED.has(match.capacityStatus)) return 'no_capacity'
  if (!isOpenTo(offering.eligibility, match, factsOf)) return 'offering_ineligible'
  if (match.programId && program?.state !== 'open') return 'program_not_open'
  if (program && !isOpenTo(program.eligibility, match, factsOf)) return 'program_ineligible'
  return isHeldWhole(match, taken) ? null : 'holds_missing'
}

/** What matching leaves out too. */
const CLOSED: ReadonlySet<string> = new Set(['no-capacity', 'waitlist'])

function isOpenTo(rule: Rule | null, match: Proposed, factsOf: Present['factsOf']): boolean {
  return rule === null || evaluate(rule, factsOf(match)) === 'pass'
}

/** Everything that the run's proposed matches rest on, kept as it is; in the order in which all others lock it. */
async function lockFacts(ctx: TransactionContext, runId: string): Promise<void> {
  const of = (column: SQL) => sql`(select ${column} from ${matches} where ${proposedOf(runId)})`
  const residentIds = of(sql`${matches.residentId}`)
  await ctx.tx.execute(
    sql`select from ${residents} where ${residents.id} in ${residentIds} order by ${residents.id} for share`,
  )
  await ctx.tx.execute(
    sql`select from ${consents} where ${consents.residentId} in ${residentIds} order by ${consents.id} for share`,
  )
  await ctx.tx.execute(
    sql`select from ${offerings} where ${offerings.id} in ${of(sql`${matches.offeringId}`)} order by ${offerings.id} for share`,
  )
  await ctx.tx.execute(
    sql`select from ${programs} where ${programs.id} in ${of(sql`${matches.programId}`)} order by ${programs.id} for share`,
  )
}

const proposedOf = (runId: string) => and(eq(matches.runId, runId), eq(matches.state, 'proposed'))

type Proposed = Awaited<ReturnType<typeof readProposed>>[number]

function readProposed(ctx: TransactionContext, runId: string) {
  const ofMonth = and(
    eq(offeringCapacities.offeringId, matches.offeringId),
    eq(offeringCapacities.period, needs.period),
  )
  return ctx.tx
    .select({
      id: matches.id,
      needId: matches.needId,
      residentId: matches.residentId,
      programId: matches.programId,
      quantity: matches.quantity,
      price: matches.price,
      subsidy: matches.subsidy,
      copayment: matches.copayment,
      pinReason: matches.pinReason,
      need: { state: needs.state },
      resident: residents,
      offering: {
        state: offerings.state,
        price: offerings.price,
        unit: offerings.unit,
        eligibility: offerings.eligibility,
      },
      program: { state: programs.state, eligibility: programs.eligibility },
      capacityStatus: offeringCapacities.status,
    })
    .from(matches)
    .innerJoin(needs, eq(needs.id, matches.needId))
    .innerJoin(residents, eq(residents.id, matches.residentId))
    .innerJoin(offerings, eq(offerings.id, matches.offeringId))
    .leftJoin(programs, eq(programs.id, matches.programId))
    .leftJoin(offeringCapacities, ofMonth)
    .where(proposedOf(runId))
    .orderBy(asc(matches.id))
}

/** Matches of residents who let the run use a fact when it judged consents, and now do not. */
async function withdrawnAmong(
  ctx: TransactionContext,
  run: RunRow,
  proposed: readonly Proposed[],
): Promise<Set<string>> {
  const gone = new Set<string>()
  // What is pinned may come from the first order; what is not was chosen by the last one.
  const kept = proposed.filter(({ pinReason }) => pinReason !== null)
  const fresh = proposed.filter(({ pinReason }) => pinReason === null)
  for (const [since, some] of [[run.createdAt, kept] as const, [orderedAt(run), fresh] as const]) {
    const given = { since, organizationId: run.organizationId }
    const ids = some.map(({ residentId }) => residentId)
    const withdrawn = await withdrawnResidents(ctx, given, ids)
    for (const { id, residentId } of some) if (withdrawn.has(residentId)) gone.add(id)
  }
  return gone
}

/** What a match still holds, by what gave it; money in minor units. */
interface Held {
  /** The unit of the places that are held. */
  unit?: string
  capacity: number
  fund: number
  wallet: number
}

async function readHeld(ctx: TransactionContext, runId: string): Promise<Map<string, Held>> {
  const ids = ctx.tx.select({ id: matches.id }).from(matches).where(proposedOf(runId))
  const rows = await ctx.tx
    .select({
      matchId: holds.bundleId,
      kind: accounts.kind,
      unit: sql<string>`min(${accounts.unit})`,
      open: sql<number>`sum(${holds.open})`.mapWith(Number),
    })
    .from(holds)
    .innerJoin(accounts, eq(accounts.id, holds.debitId))
    .where(inArray(holds.bundleId, ids))
    .groupBy(holds.bundleId, accounts.kind)
  const held = new Map<string, Held>()
  for (const { matchId, kind, unit, open } of rows) {
    const own = held.get(matchId) ?? { capacity: 0, fund: 0, wallet: 0 }
    held.set(matchId, own)
    if (kind === 'capacity') Object.assign(own, { unit, capacity: open })
    else if (kind === 'fund' || kind === 'wallet') own[kind] = open
  }
  return held
}

function isHeldWhole({ quantity, subsidy, copayment }: Proposed, held: Held | undefined): boolean {
  return held?.capacity === quantity && held.fund === subsidy && held.wallet === copayment
}

/** Says what consents let be known of a match's resident now; looked up for those whom a rule asks about. */
async function createFacts(
  ctx: TransactionContext,
  { id: runId, period, organizationId: recipientId }: RunRow,
  proposed: readonly Proposed[],
): Promise<Present['factsOf']> {
  const given = new Map<string, ConsentReceipt[]>()
  if (proposed.some(({ offering, program }) => offering.eligibility || program?.eligibility)) {
    const ofRun = ctx.tx.select({ id: matches.residentId }).from(matches).where(proposedOf(runId))
    const rows = await ctx.tx
      .select()
      .from(consents)
      .where(and(inArray(consents.residentId, ofRun), eq(consents.purpose, 'matching')))
    for (const row of rows) {
      const own = given.get(row.residentId)
      if (own) own.push(row)
      else given.set(row.residentId, [row])
    }
  }
  const look = { purpose: 'matching', recipientId, period, now: ctx.clock() } as const
  // Erased residents, of whom nothing is known, are found stale before anybody asks.
  return ({ resident, residentId }) =>
    visibleFacts(resident as KnownFacts, given.get(residentId) ?? [], look).facts
}
