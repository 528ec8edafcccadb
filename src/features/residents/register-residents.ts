import { and, eq, inArray } from 'drizzle-orm'
import type { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { openAccounts } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { requireAreas } from '../communities/require-areas.ts'
import { permit, SYSTEM } from '../identity/permissions.ts'
import { expiryOf } from './give-consent.ts'
import { refuseUnborn, toRow } from './register-resident.ts'
import { RegisterResidents } from './schemas.ts'
import { createReferenceSeal } from './sealed-reference.ts'
import { consents, needs, residents } from './tables.ts'

type Wanted = z.output<typeof RegisterResidents>['residents'][number]

/** A resident that this call registered, and what it comes with. */
interface Arrival {
  id: string
  wanted: Wanted
}

export interface RegisteredResidents {
  /** In the order of the input, those of residents that were there already too. */
  ids: string[]
  created: number
  existing: number
}

/**
 * Registers residents of one partner with their consents, wallets and needs, in one transaction; at most 10,000 a
 * call. A resident whose reference is known is left as it is, with all it has.
 * @throws Refusal as `registerResident`, `giveConsent`, `topUpWallet` and `registerNeed` do, with the place in the list.
 */
export async function registerResidents(
  ctx: Context,
  input: RegisterResidents,
): Promise<RegisteredResidents> {
  permit(ctx, 'resident.register')
  const { organizationId, residents: wanted } = parseInput(RegisterResidents, input)
  if (ctx.actor.role !== SYSTEM.role && ctx.actor.organizationId !== organizationId) {
    throw new Refusal('not_found', 'There is no such organization.')
  }
  refuseImpossible(ctx, wanted)
  return inTransaction(ctx, async (ctx) => {
    await requireAreas(
      ctx,
      wanted.map(({ areaId }, at) => ({ id: areaId, path: ['residents', at, 'areaId'] })),
    )
    const { ids, arrivals } = await createResidents(ctx, organizationId, wanted)
    await createConsents(ctx, arrivals)
    await openWallets(ctx, arrivals)
    await createNeeds(ctx, arrivals)
    const counts = { created: arrivals.length, existing: ids.length - arrivals.length }
    const batchId = ctx.newId()
    await record(ctx, 'residents.register', batchId, counts)
    await emit(ctx, 'residents.registered', batchId, organizationId, counts)
    return { ids, ...counts }
  })
}

/** What the schema cannot see: it knows no clock. */
function refuseImpossible(ctx: Context, wanted: readonly Wanted[]): void {
  const now = ctx.clock()
  wanted.forEach(({ birthYear, consents, wallets, needs }, at) => {
    refuseUnborn(ctx, birthYear, ['residents', at, 'birthYear'])
    consents.forEach(({ expiresAt }, of) => {
      expiryOf(ctx, expiresAt, ['residents', at, 'consents', of, 'expiresAt'])
    })
    wallets.forEach(({ period }, of) => {
      refusePast(period, now, `/residents/${at}/wallets/${of}/period`)
    })
    needs.forEach(({ period }, of) => {
      refusePast(period, now, `/residents/${at}/needs/${of}/period`)
    })
  })
}

async function createResidents(
  ctx: TransactionContext,
  organizationId: string,
  wanted: readonly Wanted[],
): Promise<{ ids: string[]; arrivals: Arrival[] }> {
  const seal = createReferenceSeal(ctx.encryptionKey)
  const rows = wanted.map(({ consents, wallets, needs, ...fields }) =>
    toRow(ctx, seal, { organizationId, ...fields }),
  )
  const created = new Set<string>()
  const idByHash = new Map<string, string>()
  for (const chunk of chunks(rows)) {
    const inserted = await ctx.tx
      .insert(residents)
      .values(chunk)
      .onConflictDoNothing()
      .returning({ id: residents.id, hash: residents.referenceHash })
    for (const { id, hash } of inserted) {
      created.add(id)
      idByHash.set(hash!, id)
    }
    if (inserted.length < chunk.length) await readKnown(ctx, organizationId, chunk, idByHash)
  }
  const arrivals = rows.flatMap((row, at) =>
    created.has(row.id) ? [{ id: row.id, wanted: wanted[at]! }] : [],
  )
  return { ids: rows.map((row) => idByHash.get(row.referenceHash)!), arrivals }
}

async function readKnown(
  ctx: TransactionContext,
  organizationId: string,
  rows: readonly { referenceHash: string }[],
  idByHash: Map<string, string>,
): Promise<void> {
  const hashes = rows.map((row) => row.referenceHash)
  const known = await ctx.tx
    .select({ id: residents.id, hash: residents.referenceHash })
    .from(residents)
    .where(and(eq(residents.organizationId, organizationId), inArray(residents.referenceHash, hashes)))
  for (const { id, hash } of known) idByHash.set(hash!, id)
}

async function createConsents(ctx: TransactionContext, arrivals: readonly Arrival[]): Promise<void> {
  const givenAt = ctx.clock()
  const rows = arrivals.flatMap(({ id: residentId, wanted }) =>
    wanted.consents.map(({ expiresAt, ...consent }) => ({
      id: ctx.newId(),
      residentId,
      ...consent,
      givenAt,
      expiresAt: expiresAt ? new Date(expiresAt) : null,
    })),
  )
  for (const chunk of chunks(rows)) await ctx.tx.insert(consents).values(chunk)
}

async function openWallets(ctx: TransactionContext, arrivals: readonly Arrival[]): Promise<void> {
  await openAccounts(
    ctx,
    arrivals.flatMap(({ id: ownerId, wanted }) =>
      wanted.wallets.map(({ period, amount }) => ({
        kind: 'wallet' as const,
        ownerId,
        period,
        unit: ctx.currency,
        limit: amount,
      })),
    ),
  )
}

async function createNeeds(ctx: TransactionContext, arrivals: readonly Arrival[]): Promise<void> {
  const createdAt = ctx.clock()
  const rows = arrivals.flatMap(({ id: residentId, wanted }) =>
    wanted.needs.map(({ waitingSince, ...need }) => ({
      id: ctx.newId(),
      residentId,
      ...need,
      waitingSince: waitingSince ? new Date(waitingSince) : createdAt,
      state: 'registered' as const,
      createdAt,
    })),
  )
  for (const chunk of chunks(rows)) await ctx.tx.insert(needs).values(chunk)
}
