/** A small town with one proposed run: what review and referrals begin with. */
import { randomUUID } from 'node:crypto'
import { locations, offerings, services } from '../../../src/features/catalog/tables.ts'
import { areas } from '../../../src/features/communities/tables.ts'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { createPrincipal } from '../../../src/features/identity/create-principal.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import type { OrganizationKind, Role } from '../../../src/features/identity/schemas.ts'
import { matches, matchRuns } from '../../../src/features/matching/tables.ts'
import { ensureDefaultPolicy } from '../../../src/features/policies/ensure-default-policy.ts'
import { needs, residents } from '../../../src/features/residents/tables.ts'
import { type Actor, inTransaction, type TransactionContext } from '../../../src/platform/context.ts'
import { openAccount } from '../../../src/platform/ledger/accounts.ts'
import { holdBundle } from '../../../src/platform/ledger/post-transfers.ts'
import type { TestWorld } from '../../support/test-world.ts'

export const PERIOD = '2026-12'
const PRICE = 1000

export interface Town {
  areaId: string
  officer: Actor
  finance: Actor
  provider: Actor
  partner: Actor
  supervisor: Actor
  /** A provider, a purchaser's finance and a partner with nothing to do with it. */
  strangers: Actor[]
}

/** Of a town, whom a run is about. */
type Scene = Pick<Town, 'areaId' | 'officer' | 'provider' | 'partner'>

export interface ProposedRun {
  runId: string
  matchIds: string[]
  needIds: string[]
  /** The accounts that the matches hold. */
  fundId: string
  capacityId: string
}

export async function foundTown(world: TestWorld): Promise<Town> {
  const ctx = world.context(SYSTEM)
  await ensureDefaultPolicy(ctx)
  return inTransaction(ctx, async (ctx) => {
    const areaId = await insertArea(ctx)
    const office = await organize(ctx, 'purchaser')
    const staff = (role: Role, organizationId = office) => employ(ctx, organizationId, role)
    return {
      areaId,
      officer: await staff('purchaser.officer'),
      finance: await staff('purchaser.finance'),
      provider: await staff('provider', await organize(ctx, 'provider')),
      partner: await staff('partner', await organize(ctx, 'partner')),
      supervisor: await staff('supervisor', await organize(ctx, 'supervisor')),
      strangers: [
        await staff('provider', await organize(ctx, 'provider')),
        await staff('purchaser.finance', await organize(ctx, 'purchaser')),
        await staff('partner', await organize(ctx, 'partner')),
      ],
    }
  })
}

export async function insertArea(ctx: TransactionContext, parentId: string | null = null): Promise<string> {
  const id = ctx.newId()
  const kind = parentId ? 'community' : 'district'
  await ctx.tx.insert(areas).values({ id, parentId, kind, code: id, name: 'Area', createdAt: ctx.clock() })
  return id
}

export async function organize(ctx: TransactionContext, kind: OrganizationKind): Promise<string> {
  const sector = kind === 'provider' ? 'ngo' : null
  return (await createOrganization(ctx, { kind, name: kind, sector })).id
}

export async function employ(ctx: TransactionContext, organizationId: string, role: Role): Promise<Actor> {
  const { id } = await createPrincipal(ctx, { organizationId, role, name: role })
  return { principalId: id, organizationId, role, areaId: null }
}

/** A run that proposes to pair each of some residents with some units of one offering, for 1000 each. */
export function proposeRun(world: TestWorld, town: Scene, size: number, quantity = 1): Promise<ProposedRun> {
  return inTransaction(world.context(SYSTEM), async (ctx) => {
    const offeringId = await insertOffering(ctx, town)
    const runId = await insertRun(ctx, town)
    const unit = ctx.currency
    const account = (kind: 'fund' | 'capacity' | 'receivable' | 'consumed', unit: string, limit: number) =>
      openAccount(ctx, { kind, ownerId: randomUUID(), period: PERIOD, unit }, limit)
    const fund = await account('fund', unit, size * quantity * PRICE)
    const capacity = await account('capacity', 'visit', size * quantity)
    const receivable = await account('receivable', unit, 0)
    const consumed = await account('consumed', 'visit', 0)
    const run: ProposedRun = { runId, matchIds: [], needIds: [], fundId: fund.id, capacityId: capacity.id }
    for (let n = 0; n < size; n++) {
      const { matchId, needId } = await insertMatch(ctx, town, { runId, offeringId, quantity })
      const uses = [
        { debitId: fund.id, creditId: receivable.id, amount: quantity * PRICE },
        { debitId: capacity.id, creditId: consumed.id, amount: quantity },
      ]
      await holdBundle(ctx, { id: matchId, uses })
      run.matchIds.push(matchId)
      run.needIds.push(needId)
    }
    return run
  })
}

async function insertOffering(ctx: TransactionContext, { areaId, provider }: Scene): Promise<string> {
  const [serviceId, locationId, id] = [ctx.newId(), ctx.newId(), ctx.newId()]
  const common = { organizationId: provider.organizationId, createdAt: ctx.clock() }
  await ctx.tx
    .insert(services)
    .values({ id: serviceId, name: serviceId, category: 'elderly_care', term: 'day_care', ...common })
  await ctx.tx
    .insert(locations)
    .values({ id: locationId, areaId, name: 'Here', address: 'Here 1', ...common })
  await ctx.tx.insert(offerings).values({
    id,
    serviceId,
    locationId,
    tier: 'basic',
    mode: 'onsite',
    unit: 'visit',
    price: PRICE,
    currency: ctx.currency,
    staffMinutesPerUnit: 0,
    serviceAreaIds: [],
    languages: [],
    state: 'published',
    ...common,
  })
  return id
}

async function insertRun(ctx: TransactionContext, { areaId, officer }: Scene): Promise<string> {
  const id = ctx.newId()
  await ctx.tx.insert(matchRuns).values({
    id,
    organizationId: officer.organizationId,
    areaId,
    period: PERIOD,
    policyId: (await ensureDefaultPolicy(ctx)).id,
    seed: 1,
    rounds: 1,
    state: 'proposed',
    progress: { phase: 'finished', round: null, value: null, bound: null },
    createdAt: ctx.clock(),
  })
  return id
}

interface Pairing {
  runId: string
  offeringId: string
  quantity: number
}

async function insertMatch(ctx: TransactionContext, town: Scene, { runId, offeringId, quantity }: Pairing) {
  const [residentId, needId, matchId] = [ctx.newId(), ctx.newId(), ctx.newId()]
  const createdAt = ctx.clock()
  await ctx.tx.insert(residents).values({
    id: residentId,
    organizationId: town.partner.organizationId,
    referenceHash: residentId.replaceAll('-', '').padEnd(64, '0'),
    referenceSealed: '',
    areaId: town.areaId,
    latitude: 25,
    longitude: 121,
    languages: [],
    createdAt,
  })
  await ctx.tx.insert(needs).values({
    id: needId,
    residentId,
    period: PERIOD,
    category: 'elderly_care',
    term: 'day_care',
    tier: 'basic',
    quantity,
    waitingSince: createdAt,
    state: 'matched',
    createdAt,
  })
  await ctx.tx.insert(matches).values({
    id: matchId,
    runId,
    needId,
    residentId,
    offeringId,
    quantity,
    price: quantity * PRICE,
    subsidy: quantity * PRICE,
    copayment: 0,
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
    state: 'proposed',
  })
  return { matchId, needId }
}
