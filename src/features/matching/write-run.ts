/** The last step of a run: matches and their holds, against the balances of this moment, in one transaction. */
import { eq, inArray } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { emit } from '../../platform/events/emit.ts'
import { type AccountName, openAccounts } from '../../platform/ledger/accounts.ts'
import { type Bundle, holdBundles, type Use } from '../../platform/ledger/post-transfers.ts'
import { offerings } from '../catalog/tables.ts'
import { subsidyCapOwner } from '../programs/subsidy-cap.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import { needs } from '../residents/tables.ts'
import type { Choice, RunReply } from './run-protocol.ts'
import { matches, matchRuns, runNeeds } from './tables.ts'

/**
 * Writes what the run chose. Balances may have moved since the snapshot: what no longer fits is left out and
 * counted as displaced, never overbooked. A run that was cancelled meanwhile writes nothing.
 */
export async function writeRun(ctx: TransactionContext, runId: string, reply: RunReply): Promise<void> {
  const [run] = await ctx.tx.select().from(matchRuns).where(eq(matchRuns.id, runId)).for('update')
  if (run?.state !== 'running') return
  const open = await stillOpen(ctx, reply.choices)
  // The most useful first: if room has shrunk, the least useful give way.
  const wanted = open
    .map((choice) => ({ id: ctx.newId(), choice }))
    .sort((a, b) => b.choice.utility - a.choice.utility)
  const { refused } = await holdBundles(ctx, await bundlesOf(ctx, run.period, wanted))
  const without = new Set(refused)
  const kept = wanted.filter(({ id }) => !without.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1))
  await insertMatches(ctx, runId, kept)
  await moveNeedsOf(ctx, runId, kept)
  const displaced = reply.choices.length - kept.length
  await ctx.tx
    .update(matchRuns)
    .set({
      state: 'proposed',
      progress: {
        phase: 'finished',
        round: reply.result.rounds,
        value: reply.result.value,
        bound: reply.result.bound,
      },
      result: { ...reply.result, displaced },
      snapshotHash: reply.snapshotHash,
      assignmentHash: reply.assignmentHash,
      finishedAt: ctx.clock(),
      version: run.version + 1,
    })
    .where(eq(matchRuns.id, runId))
  await record(ctx, 'run.propose', runId, {
    matched: kept.length,
    displaced,
    value: reply.result.value,
    bound: reply.result.bound,
    snapshotHash: reply.snapshotHash,
    assignmentHash: reply.assignmentHash,
  })
  await emit(ctx, 'run.proposed', runId, run.organizationId, { matched: kept.length })
}

interface Wanted {
  /** Of the match, and of its bundle in the ledger. */
  id: string
  choice: Choice
}

/** A need may have been withdrawn, or served by another way, while the engine worked. */
async function stillOpen(ctx: TransactionContext, choices: Choice[]): Promise<Choice[]> {
  const open = new Set<string>()
  for (const chunk of chunks(choices)) {
    const ids = chunk.map(({ needId }) => needId)
    const rows = await ctx.tx
      .select({ id: needs.id, state: needs.state })
      .from(needs)
      .where(inArray(needs.id, ids))
      .for('update')
    for (const row of rows) if (row.state === 'in_run') open.add(row.id)
  }
  return choices.filter(({ needId }) => open.has(needId))
}

/** Opens the accounts that receive, and the per-resident caps, and names every use of every match. */
async function bundlesOf(ctx: TransactionContext, period: string, wanted: Wanted[]): Promise<Bundle[]> {
  const units = await unitsOf(ctx, wanted)
  const needed = new Map<string, AccountName & { limit: number }>()
  const name = (kind: AccountName['kind'], ownerId: string, unit: string, limit = 0) => {
    const key = `${kind} ${ownerId} ${unit}`
    if (!needed.has(key)) needed.set(key, { kind, ownerId, period, unit, limit })
    return key
  }
  const drafts = wanted.map(({ id, choice }) => ({ id, uses: usesOf(choice, units, ctx.currency, name) }))
  const keys = [...needed.keys()]
  const opened = await openAccounts(ctx, [...needed.values()])
  const accountOf = new Map(keys.map((key, index) => [key, opened[index]!.id]))
  return drafts.map(({ id, uses }) => ({
    id,
    uses: uses.map(
      ({ debit, credit, amount }): Use => ({
        debitId: accountOf.get(debit) ?? debit,
        creditId: accountOf.get(credit)!,
        amount,
      }),
    ),
  }))
}

interface DraftUse {
  /** An account id, or the key of an account to be opened. */
  debit: string
  credit: string
  amount: number
}

type Namer = (kind: AccountName['kind'], ownerId: string, unit: string, limit?: number) => string

function usesOf(choice: Choice, units: Map<string, string>, currency: string, name: Namer): DraftUse[] {
  const { providerId, programId, residentId } = choice
  const unit = units.get(choice.offeringId)!
  const uses: DraftUse[] = [
    { debit: choice.capacityAccountId, credit: name('consumed', providerId, unit), amount: choice.quantity },
  ]
  if (choice.staffTime) {
    const { accountId, minutes } = choice.staffTime
    uses.push({ debit: accountId, credit: name('consumed', providerId, 'minute'), amount: minutes })
  }
  if (choice.fundAccountId && programId) {
    uses.push({
      debit: choice.fundAccountId,
      credit: name('receivable', providerId, currency),
      amount: choice.subsidy,
    })
    if (choice.residentCap !== null) {
      const debit = name('subsidy_cap', subsidyCapOwner(programId, residentId), currency, choice.residentCap)
      uses.push({ debit, credit: name('consumed', programId, currency), amount: choice.subsidy })
    }
  }
  if (choice.walletAccountId) {
    uses.push({
      debit: choice.walletAccountId,
      credit: name('receivable', providerId, currency),
      amount: choice.copayment,
    })
  }
  return uses.filter(({ amount }) => amount > 0)
}

async function unitsOf(ctx: TransactionContext, wanted: Wanted[]): Promise<Map<string, string>> {
  const units = new Map<string, string>()
  for (const ids of chunks([...new Set(wanted.map(({ choice }) => choice.offeringId))])) {
    const rows = await ctx.tx
      .select({ id: offerings.id, unit: offerings.unit })
      .from(offerings)
      .where(inArray(offerings.id, ids))
    for (const row of rows) units.set(row.id, row.unit)
  }
  return units
}

async function insertMatches(ctx: TransactionContext, runId: string, kept: Wanted[]): Promise<void> {
  for (const chunk of chunks(kept)) {
    await ctx.tx.insert(matches).values(
      chunk.map(({ id, choice }) => ({
        id,
        runId,
        needId: choice.needId,
        residentId: choice.residentId,
        offeringId: choice.offeringId,
        programId: choice.programId,
        quantity: choice.quantity,
        price: choice.price,
        subsidy: choice.subsidy,
        copayment: choice.copayment,
        walkingMinutes: choice.walkingMinutes,
        utility: choice.utility,
        parts: choice.parts,
        state: 'proposed' as const,
      })),
    )
  }
}

async function moveNeedsOf(ctx: TransactionContext, runId: string, kept: Wanted[]): Promise<void> {
  const met = new Set(kept.map(({ choice }) => choice.needId))
  const taken = await ctx.tx
    .select({ id: needs.id })
    .from(runNeeds)
    .innerJoin(needs, eq(needs.id, runNeeds.needId))
    .where(eq(runNeeds.runId, runId))
  await moveNeeds(ctx, [...met], 'matched')
  await moveNeeds(
    ctx,
    taken.map(({ id }) => id).filter((id) => !met.has(id)),
    'unmet',
  )
}
