/** Who buys from whom: an office with programs that pay in different ways, and providers whose prices don't divide. */
import { randomUUID } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { createLocation } from '../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../src/features/catalog/publish-offering.ts'
import { createArea } from '../../src/features/communities/create-area.ts'
import { createOrganization } from '../../src/features/identity/create-organization.ts'
import { createPrincipal } from '../../src/features/identity/create-principal.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import type { OrganizationKind, Role } from '../../src/features/identity/schemas.ts'
import { ensureDefaultPolicy } from '../../src/features/policies/ensure-default-policy.ts'
import { approveProgram } from '../../src/features/programs/approve-program.ts'
import { createProgram } from '../../src/features/programs/create-program.ts'
import { openProgram } from '../../src/features/programs/open-program.ts'
import type { CreateProgram } from '../../src/features/programs/schemas.ts'
import { submitProgram } from '../../src/features/programs/submit-program.ts'
import type { SubsidyTerms } from '../../src/features/programs/subsidy.ts'
import type { Actor, Context } from '../../src/platform/context.ts'
import { accounts } from '../../src/platform/ledger/tables.ts'

/** The month that the programs pay for. */
export const PERIOD = '2026-12'
/** In this zone, the month ends at 16:00 UTC. */
export const TIME_ZONE = 'Asia/Taipei'

export interface FundedProgram extends SubsidyTerms {
  id: string
  fundAccountId: string
}

export interface PricedOffering {
  id: string
  provider: Actor
  /** Minor units a unit. */
  price: number
  capacityAccountId: string
}

export interface Market {
  /** A context of somebody at the market's time. */
  as(actor: Actor): Context
  officer: Actor
  /** Approves the programs. */
  approver: Actor
  /** Settles them. */
  settler: Actor
  supervisor: Actor
  partner: Actor
  areaId: string
  providers: Actor[]
  programs: FundedProgram[]
  offerings: PricedOffering[]
}

/** What a market is made of. */
export interface Shape {
  providers: number
  /** Places of each offering. */
  units: number
  /** How many of the programs, the first ones; all by default. */
  programs?: number
}

type Terms = Pick<CreateProgram, 'name' | 'subsidyShare'> & Partial<CreateProgram>

/** A share alone, a share under each kind of cap, a fixed amount with a share, and one that pays everything. */
const PROGRAMS: readonly Terms[] = [
  { name: 'Share', subsidyShare: 6667 },
  { name: 'Cap per unit', subsidyShare: 8411, unitCap: 2503 },
  { name: 'Cap per resident', subsidyShare: 7000, residentCap: 77_777 },
  { name: 'Fixed', subsidyShare: 3333, subsidyFixed: 701, subsidyOrder: 'fixed_first', priceCeiling: 9001 },
  { name: 'Whole', subsidyShare: 10_000 },
]

/** Minor units; hardly anything divides them. */
const PRICES = [9973, 3331, 12_007, 101, 4999, 7]

/** Far more than anybody could draw. */
const BUDGET = 1_000_000_000_000

/** Founds the market through the verbs that people use, a month before its programs pay. */
export async function foundMarket(as: Market['as'], shape: Shape): Promise<Market> {
  const system = as(SYSTEM)
  await ensureDefaultPolicy(system)
  const area = await createArea(system, { kind: 'district', code: randomUUID(), name: 'District' })
  const office = await organize(system, 'purchaser')
  const people = {
    areaId: area.id,
    officer: await employ(system, office, 'purchaser.officer'),
    approver: await employ(system, office, 'purchaser.finance'),
    settler: await employ(system, office, 'purchaser.finance'),
    supervisor: await employ(system, await organize(system, 'supervisor'), 'supervisor'),
    partner: await employ(system, await organize(system, 'partner'), 'partner'),
  }
  const programs: FundedProgram[] = []
  for (const terms of PROGRAMS.slice(0, shape.programs)) programs.push(await fund(as, people, terms))
  const providers: Actor[] = []
  const offerings: PricedOffering[] = []
  for (let number = 0; number < shape.providers; number++) {
    const provider = await employ(system, await organize(system, 'provider'), 'provider')
    providers.push(provider)
    for (const offset of [0, 1]) {
      const price = PRICES[(number + 3 * offset) % PRICES.length]! + Math.floor(number / PRICES.length)
      offerings.push(await offer(as(provider), { price, units: shape.units, areaId: area.id }))
    }
  }
  return { as, ...people, providers, programs, offerings }
}

async function organize(ctx: Context, kind: OrganizationKind): Promise<string> {
  const sector = kind === 'provider' ? 'ngo' : null
  return (await createOrganization(ctx, { kind, name: kind, sector })).id
}

async function employ(ctx: Context, organizationId: string, role: Role): Promise<Actor> {
  const { id } = await createPrincipal(ctx, { organizationId, role, name: role })
  return { principalId: id, organizationId, role, areaId: null }
}

async function fund(
  as: Market['as'],
  { officer, approver, areaId }: Pick<Market, 'officer' | 'approver' | 'areaId'>,
  terms: Terms,
): Promise<FundedProgram> {
  const { id } = await createProgram(as(officer), {
    areaId,
    period: PERIOD,
    categories: ['elderly_care'],
    tiers: ['basic'],
    budget: BUDGET,
    ...terms,
  })
  await submitProgram(as(officer), { id, expectedVersion: 1 })
  await approveProgram(as(approver), { id, expectedVersion: 2 })
  const opened = await openProgram(as(officer), { id, expectedVersion: 3 })
  return { ...opened, fundAccountId: opened.fundAccountId! }
}

async function offer(
  ctx: Context,
  { price, units, areaId }: { price: number; units: number; areaId: string },
): Promise<PricedOffering> {
  const point = { latitude: 25.03349, longitude: 121.54351 }
  const location = await createLocation(ctx, { name: 'House', address: 'Road 1', areaId, point })
  const { id } = await publishOffering(ctx, {
    locationId: location.id,
    name: 'Day care',
    category: 'elderly_care',
    term: 'day_care',
    tier: 'basic',
    mode: 'onsite',
    unit: 'visit',
    price,
    capacities: [{ period: PERIOD, units }],
  })
  const [account] = await ctx.db.root
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.kind, 'capacity'), eq(accounts.ownerId, id)))
  return { id, provider: ctx.actor, price, capacityAccountId: account!.id }
}
