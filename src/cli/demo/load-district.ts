/** Turns a district into rows, through the same verbs as everybody else, in one transaction: all of it or nothing. */

import { publishOfferings } from '../../features/catalog/publish-offerings.ts'
import { createAreas } from '../../features/communities/create-areas.ts'
import { createOrganization } from '../../features/identity/create-organization.ts'
import { createOrganizations } from '../../features/identity/create-organizations.ts'
import { createPrincipal } from '../../features/identity/create-principal.ts'
import { SYSTEM } from '../../features/identity/permissions.ts'
import type { OrganizationKind, Role } from '../../features/identity/schemas.ts'
import { approveProgram } from '../../features/programs/approve-program.ts'
import { createProgram } from '../../features/programs/create-program.ts'
import { openProgram } from '../../features/programs/open-program.ts'
import { submitProgram } from '../../features/programs/submit-program.ts'
import { registerResidents } from '../../features/residents/register-residents.ts'
import { ConsentFact } from '../../features/residents/schemas.ts'
import {
  type Actor,
  createContext,
  type Ground,
  inTransaction,
  type TransactionContext,
} from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import type { District, DistrictProgram, DistrictResident } from './district.ts'

/** A district with the people drawn for it. */
export interface Scene {
  /** Names this demo among others in the same database. */
  key: string
  district: District
  residents: DistrictResident[]
  programs: DistrictProgram[]
  period: string
}

const DAY = 86_400_000
const RESIDENTS_PER_CALL = 5000

/** Writes the scene. @returns the id of its root area. */
export function loadDistrict(ground: Ground, scene: Scene): Promise<string> {
  const system = createContext({ ...ground, actor: SYSTEM })
  return inTransaction(system, async (ctx) => {
    const areas = await loadAreas(ctx, scene)
    await loadCatalog(ctx, scene, areas)
    const people = await loadPeople(ctx, scene, areas.root)
    await loadPrograms(ctx, scene, people, areas.root)
    await loadResidents(ctx, scene, people.partner.organizationId, areas)
    return areas.root
  })
}

interface Areas {
  root: string
  /** By village code. */
  villages: Map<string, string>
  /** By district name: its villages. */
  districts: Map<string, string[]>
}

async function loadAreas(ctx: TransactionContext, { key, district }: Scene): Promise<Areas> {
  const root = (await createAreas(ctx, [{ kind: 'district', code: rootCode(key), name: district.name }]))
    .ids[0]!
  const { ids } = await createAreas(
    ctx,
    district.villages.map(({ code, name, latitude, longitude, population, income }) => ({
      parentId: root,
      kind: 'community' as const,
      code: `${key}/${code}`,
      name,
      point: { latitude, longitude },
      population: { ...population, medianIncome: income.median },
    })),
  )
  const areas: Areas = { root, villages: new Map(), districts: new Map() }
  for (const [index, village] of district.villages.entries()) {
    areas.villages.set(village.code, ids[index]!)
    areas.districts.set(village.district, [...(areas.districts.get(village.district) ?? []), ids[index]!])
  }
  return areas
}

/** The code by which a second run finds the demo again. */
export function rootCode(key: string): string {
  return `demo:${key}`
}

async function loadCatalog(ctx: TransactionContext, scene: Scene, areas: Areas): Promise<void> {
  const { key, district, period } = scene
  const providers = await createOrganizations(
    ctx,
    district.providers.map(({ ref, name, sector }) => ({
      kind: 'provider',
      name,
      sector,
      sourceRef: `${key}/${ref}`,
    })),
  )
  const organizationOf = (ref: string) => providers.ids.get(`${key}/${ref}`)!
  const ownerOf = new Map(district.offerings.map((offering) => [offering.stationRef, offering.providerRef]))
  await publishOfferings(ctx, {
    locations: district.stations
      .filter(({ ref }) => ownerOf.has(ref))
      .map(({ ref, name, address, point, villageCode }) => ({
        organizationId: organizationOf(ownerOf.get(ref)!),
        sourceRef: `${key}/${ref}`,
        areaId: (villageCode && areas.villages.get(villageCode)) || null,
        name,
        // Slots that a list keeps open have no address yet; they are kept, and flagged by the reader.
        address: address || 'not published',
        point,
      })),
    offerings: district.offerings.map((offering) => ({
      organizationId: organizationOf(offering.providerRef),
      sourceRef: `${key}/${offering.ref}`,
      locationRef: `${key}/${offering.stationRef}`,
      name: offering.name,
      category: offering.category,
      term: offering.term,
      tier: offering.tier,
      mode: offering.mode,
      unit: offering.unit,
      price: offering.price,
      staffMinutesPerUnit: offering.staffMinutesPerUnit,
      serviceAreaIds: servedAreas(offering, areas),
      eligibility: offering.eligibility,
      languages: ['zh'],
      capacities: [{ period, units: offering.capacity }],
    })),
  })
}

function servedAreas(offering: District['offerings'][number], areas: Areas): string[] {
  const villages = offering.serviceVillages.flatMap((code) => areas.villages.get(code) ?? [])
  if (villages.length > 0) return villages
  const served = offering.serviceDistricts.filter((name) => areas.districts.has(name))
  if (served.length === areas.districts.size) return [areas.root]
  return served.flatMap((name) => areas.districts.get(name)!)
}

/** The people a demo acts through; each has its own key later. */
export interface People {
  partner: Actor
  provider: Actor
  officer: Actor
  finance: Actor
  supervisor: Actor
}

const ORGANIZATIONS: { kind: OrganizationKind; name: string; people: [keyof People, Role][] }[] = [
  { kind: 'partner', name: 'Neighborhood app', people: [['partner', 'partner']] },
  { kind: 'provider', name: 'New provider', people: [['provider', 'provider']] },
  {
    kind: 'purchaser',
    name: 'District office',
    people: [
      ['officer', 'purchaser.officer'],
      ['finance', 'purchaser.finance'],
    ],
  },
  { kind: 'supervisor', name: 'Supervision office', people: [['supervisor', 'supervisor']] },
]

async function loadPeople(ctx: TransactionContext, { key }: Scene, root: string): Promise<People> {
  const people: Partial<People> = {}
  for (const { kind, name, people: members } of ORGANIZATIONS) {
    const sector = kind === 'provider' ? ('ngo' as const) : null
    const organization = await createOrganization(ctx, { kind, name, sector, sourceRef: `${key}/${kind}` })
    for (const [title, role] of members) {
      const areaId = kind === 'purchaser' || kind === 'supervisor' ? root : null
      const principal = await createPrincipal(ctx, {
        organizationId: organization.id,
        role,
        name: title,
        areaId,
      })
      people[title] = { principalId: principal.id, organizationId: organization.id, role, areaId }
    }
  }
  return people as People
}

/** Drafted and submitted by the officer, approved by another person, opened: the way every program goes. */
async function loadPrograms(
  ctx: TransactionContext,
  scene: Scene,
  people: People,
  areaId: string,
): Promise<void> {
  const officer = { ...ctx, actor: people.officer }
  const finance = { ...ctx, actor: people.finance }
  for (const { ref: _ref, ...program } of scene.programs) {
    const draft = await createProgram(officer, { ...program, areaId, period: scene.period })
    const { id } = draft
    const submitted = await submitProgram(officer, { id, expectedVersion: draft.version })
    const approved = await approveProgram(finance, { id, expectedVersion: submitted.version })
    await openProgram(officer, { id, expectedVersion: approved.version })
  }
}

async function loadResidents(
  ctx: TransactionContext,
  { key, residents, period }: Scene,
  organizationId: string,
  areas: Areas,
): Promise<void> {
  const now = ctx.clock().getTime()
  for (const chunk of chunks(residents, RESIDENTS_PER_CALL)) {
    await registerResidents(ctx, {
      organizationId,
      residents: chunk.map(({ ref, villageCode, careLevel, wallet, needs, ...facts }) => ({
        reference: `${key}/${ref}`,
        areaId: areas.villages.get(villageCode)!,
        ...facts,
        assessments: [{ scheme: 'cms', level: careLevel }],
        consents: [
          { purpose: 'matching' as const, facts: [...ConsentFact.options] },
          { purpose: 'statistics' as const, facts: [...ConsentFact.options] },
        ],
        wallets: [{ period, amount: wallet }],
        needs: needs.map(({ waitingDays, ...need }) => ({
          ...need,
          period,
          waitingSince: new Date(now - waitingDays * DAY).toISOString(),
        })),
      })),
    })
  }
}
