/** The world of one history: an office with four people, a supervisor, two providers, an app with five residents. */
import { inArray } from 'drizzle-orm'
import { createLocation } from '../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../src/features/catalog/publish-offering.ts'
import { createArea } from '../../src/features/communities/create-area.ts'
import { createOrganization } from '../../src/features/identity/create-organization.ts'
import { createPrincipal } from '../../src/features/identity/create-principal.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import type { OrganizationKind, Role } from '../../src/features/identity/schemas.ts'
import { approveProgram } from '../../src/features/programs/approve-program.ts'
import { createProgram } from '../../src/features/programs/create-program.ts'
import { openProgram } from '../../src/features/programs/open-program.ts'
import { submitProgram } from '../../src/features/programs/submit-program.ts'
import { registerResidents } from '../../src/features/residents/register-residents.ts'
import { ConsentFact } from '../../src/features/residents/schemas.ts'
import { needs } from '../../src/features/residents/tables.ts'
import {
  type Actor,
  type Context,
  inTransaction,
  type TransactionContext,
} from '../../src/platform/context.ts'

export const PERIOD = '2026-12'
export const BEGIN = new Date('2026-12-01T08:00:00Z')

export const PEOPLE = [
  'officer',
  'otherOfficer',
  'finance',
  'otherFinance',
  'supervisor',
  'house',
  'club',
  'partner',
  'operator',
] as const
export type Person = (typeof PEOPLE)[number]

/** Awkward figures on purpose: prices and shares that do not divide. */
export const TERMS = { subsidyShare: 3333, residentCap: 2500, budget: 6001, walletAmount: 5003 }
export const OFFERINGS = [
  { provider: 'house', term: 'day_care', price: 1001, units: 5 },
  { provider: 'club', term: 'day_care', price: 997, units: 3 },
  { provider: 'club', term: 'meals', price: 333, units: 6 },
] as const
const QUANTITIES = [1, 2, 3, 2, 3]

export interface SmallWorld {
  as(person: Person | 'system'): Context
  areaId: string
  people: Record<Person, Actor>
  /** In the order of `OFFERINGS`. */
  offeringIds: string[]
  residentIds: string[]
  needs: { id: string; residentId: string; term: string; quantity: number }[]
  programId: string
}

interface Place {
  areaId: string
  point: { latitude: number; longitude: number }
}

/** Founds it; the program is open and everybody waits. Of several in one database each lies elsewhere: `number`. */
export async function foundWorld(contextOf: (actor: Actor) => Context, number: number): Promise<SmallWorld> {
  const point = { latitude: (number % 1000) / 20, longitude: 121 }
  const system = contextOf(SYSTEM)
  return inTransaction(system, async (system) => {
    const within = (actor: Actor): TransactionContext => ({ ...system, actor })
    const { id: areaId } = await createArea(system, {
      parentId: null,
      kind: 'district',
      code: system.newId(),
      name: 'District',
    })
    const people = await employ(system)
    const offeringIds = await publish(people, { areaId, point }, within)
    const { ids: residentIds } = await registerResidents(within(people.partner), {
      organizationId: people.partner.organizationId,
      residents: QUANTITIES.map((quantity, index) =>
        resident({ areaId, point }, index, quantity, system.newId()),
      ),
    })
    const { id, residentId, term, quantity } = needs
    const wanted = await system.tx
      .select({ id, residentId, term, quantity })
      .from(needs)
      .where(inArray(residentId, residentIds))
      .orderBy(id)
    return {
      as: (person) => contextOf(person === 'system' ? SYSTEM : people[person]),
      areaId,
      people,
      offeringIds,
      residentIds,
      needs: wanted,
      programId: await fund(people, areaId, within),
    }
  })
}

async function employ(ctx: TransactionContext): Promise<Record<Person, Actor>> {
  const organize = async (kind: OrganizationKind) =>
    (await createOrganization(ctx, { kind, name: kind, sector: kind === 'provider' ? 'ngo' : null })).id
  const person = async (role: Role, organizationId: string): Promise<Actor> => {
    const { id } = await createPrincipal(ctx, { organizationId, role, name: role })
    return { principalId: id, organizationId, role, areaId: null }
  }
  const office = await organize('purchaser')
  return {
    officer: await person('purchaser.officer', office),
    otherOfficer: await person('purchaser.officer', office),
    finance: await person('purchaser.finance', office),
    otherFinance: await person('purchaser.finance', office),
    supervisor: await person('supervisor', await organize('supervisor')),
    house: await person('provider', await organize('provider')),
    club: await person('provider', await organize('provider')),
    partner: await person('partner', await organize('partner')),
    operator: await person('operator', await organize('operator')),
  }
}

async function publish(
  people: Record<Person, Actor>,
  at: Place,
  as: (actor: Actor) => Context,
): Promise<string[]> {
  const ids: string[] = []
  for (const { provider, term, price, units } of OFFERINGS) {
    const ctx = as(people[provider])
    const location = await createLocation(ctx, { name: term, address: 'Road 1', ...at })
    const offering = await publishOffering(ctx, {
      locationId: location.id,
      name: `${term} ${price}`,
      category: 'elderly_care',
      term,
      tier: term === 'meals' ? 'personalized' : 'basic',
      mode: 'onsite',
      unit: 'day',
      price,
      capacities: [{ period: PERIOD, units }],
    })
    ids.push(offering.id)
  }
  return ids
}

function resident(at: Place, index: number, quantity: number, reference: string) {
  const want = (term: string) =>
    ({
      period: PERIOD,
      category: 'elderly_care',
      term,
      tier: term === 'meals' ? 'personalized' : 'basic',
      quantity,
    }) as const
  return {
    reference,
    ...at,
    birthYear: 1940 + index,
    mobility: 'independent' as const,
    languages: [],
    consents: [
      { purpose: 'matching' as const, facts: [...ConsentFact.options] },
      { purpose: 'referral' as const, facts: [...ConsentFact.options] },
    ],
    wallets: [{ period: PERIOD, amount: TERMS.walletAmount }],
    needs: [want('day_care'), want('meals')],
  }
}

async function fund(
  { officer, finance }: Record<Person, Actor>,
  areaId: string,
  as: (actor: Actor) => Context,
): Promise<string> {
  const { subsidyShare, residentCap, budget } = TERMS
  const { id } = await createProgram(as(officer), {
    areaId,
    period: PERIOD,
    name: 'Fund',
    categories: ['elderly_care'],
    tiers: ['basic', 'personalized'],
    budget,
    subsidyShare,
    residentCap,
  })
  await submitProgram(as(officer), { id, expectedVersion: 1 })
  await approveProgram(as(finance), { id, expectedVersion: 2 })
  await openProgram(as(officer), { id, expectedVersion: 3 })
  return id
}
