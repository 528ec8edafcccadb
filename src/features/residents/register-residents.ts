import { and, eq, inArray } from 'drizzle-orm'
import type { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, query, type TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { openAccounts } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { permit, SYSTEM } from '../identity/permissions.ts'
import { requireOrganizations } from '../identity/require-organizations.ts'
import { expiryOf } from './give-consent.ts'
import { homeAreas } from './home-areas.ts'
import { refuseImpossibleNeed } from './impossible-need.ts'
import { refuseUnborn, toRow } from './register-resident.ts'
import { RegisterResidents } from './schemas.ts'
import { createReferenceSeal } from './sealed-reference.ts'
import { consents, needs, residents, wallets } from './tables.ts'
import { noteMovements, walletName } from './wallet-movements.ts'

type Wanted = z.output<typeof RegisterResidents>['residents'][number]
type Placed = Wanted & { areaId: string }

/** A resident that this call registered, and what it comes with. */
interface Arrival {
  id: string
  wanted: Wanted
}

export interface RegisteredResidents {
  /** In the order of the input, those of residents that were there already too. */
  ids: string[]
  /** Beside the ids: whether this call registered the resident. */
  isNew: boolean[]
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
    await requireOrganizations(ctx, recipientsOf(wanted))
    const areaIds = await homeAreas(
      ctx,
      wanted.map((one, at) => ({ ...one, path: ['residents', at, 'areaId'] })),
    )
    const placed = wanted.map((one, at) => ({ ...one, areaId: areaIds[at]! }))
    const { ids, arrivals } = await createResidents(ctx, organizationId, placed)
    await createConsents(ctx, arrivals)
    await openWallets(ctx, arrivals)
    await createNeeds(ctx, arrivals)
    const counts = { created: arrivals.length, existing: ids.length - arrivals.length }
    const batchId = ctx.newId()
    await record(ctx, 'residents.register', batchId, counts)
    await emit(ctx, 'residents.registered', batchId, organizationId, counts)
    const arrived = new Set(arrivals.map(({ id }) => id))
    return { ids, isNew: ids.map((id) => arrived.has(id)), ...counts }
  })
}

/** What the schema cannot see: it knows no clock. @throws Refusal `invalid_input` with the place in the list. */
export function refuseImpossible(ctx: Context, wanted: readonly Wanted[]): void {
  const now = ctx.clock()
  wanted.forEach(({ birthYear, consents, wallets, needs }, at) => {
    refuseUnborn(ctx, birthYear, ['residents', at, 'birthYear'])
    consents.forEach(({ expiresAt }, of) => {
      expiryOf(ctx, expiresAt, ['residents', at, 'consents', of, 'expiresAt'])
    })
    wallets.forEach(({ period }, of) => {
      refusePast(period, now, `/residents/${at}/wallets/${of}/period`)
    })
    needs.forEach((need, of) => {
      refusePast(need.period, now, `/residents/${at}/needs/${of}/period`)
      refuseImpossibleNeed(need, now, ['residents', at, 'needs', of])
    })
  })
}

function recipientsOf(wanted: readonly Wanted[]) {
  return wanted.flatMap(({ consents }, at) =>
    consents.flatMap(({ recipientId }, of) =>
      recipientId ? [{ id: recipientId, path: ['residents', at, 'consents', of, 'recipientId'] }] : [],
    ),
  )
}

async function createResidents(
  ctx: TransactionContext,
  organizationId: string,
  wanted: readonly Placed[],
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
    if (inserted.length === chunk.length) continue
    const hashes = chunk.map(({ referenceHash }) => referenceHash)
    for (const [hash, id] of await knownResidents(ctx, organizationId, hashes)) idByHash.set(hash, id)
  }
  const arrivals = rows.flatMap((row, at) =>
    created.has(row.id) ? [{ id: row.id, wanted: wanted[at]! }] : [],
  )
  return { ids: rows.map((row) => idByHash.get(row.referenceHash)!), arrivals }
}

/** The residents of a partner that have these hashes of references: hash → id. */
export async function knownResidents(
  ctx: Context,
  organizationId: string,
  hashes: readonly string[],
): Promise<Map<string, string>> {
  const known = new Map<string, string>()
  for (const chunk of chunks(hashes)) {
    const rows = await query(ctx)
      .select({ id: residents.id, hash: residents.referenceHash })
      .from(residents)
      .where(and(eq(residents.organizationId, organizationId), inArray(residents.referenceHash, chunk)))
    for (const { id, hash } of rows) known.set(hash!, id)
  }
  return known
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
  const opened = arrivals.flatMap(({ id: residentId, wanted }) =>
    wanted.wallets.map(({ period, amount, carryOverMost = 0 }) => ({
      residentId,
      period,
      amount,
      carryOverMost,
    })),
  )
  await openAccounts(
    ctx,
    opened.map(({ residentId, period, amount }) => ({
      ...walletName(ctx, residentId, period),
      limit: amount,
    })),
  )
  const rules = opened.map(({ amount: _amount, ...rule }) => rule)
  for (const chunk of chunks(rules)) await ctx.tx.insert(wallets).values(chunk)
  const filled = opened.filter(({ amount }) => amount > 0)
  await noteMovements(
    ctx,
    filled.map(({ carryOverMost: _most, ...movement }) => ({ ...movement, kind: 'top_up' })),
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
