/** A town where everything has happened once, from a published offering to a referral, and strangers to all of it. */
import { eq } from 'drizzle-orm'
import { getOffering } from '../../src/features/catalog/get-offering.ts'
import { proposeChange } from '../../src/features/catalog/propose-change.ts'
import { policyComments } from '../../src/features/consultations/tables.ts'
import { beginPetition } from '../../src/features/feedback/begin-petition.ts'
import { feedback } from '../../src/features/feedback/tables.ts'
import { startImport } from '../../src/features/feeds/start-import.ts'
import { importFlaws } from '../../src/features/feeds/tables.ts'
import { createPrincipal } from '../../src/features/identity/create-principal.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import type { OrganizationKind, Role } from '../../src/features/identity/schemas.ts'
import { duties } from '../../src/features/identity/tables.ts'
import { matchRuns, replays, simulations } from '../../src/features/matching/tables.ts'
import { eraseResident } from '../../src/features/privacy/erase-resident.ts'
import { amendProgram } from '../../src/features/programs/amend-program.ts'
import { getProgram } from '../../src/features/programs/get-program.ts'
import { openReferrals } from '../../src/features/referrals/open-referrals.ts'
import { deliveries, referrals } from '../../src/features/referrals/tables.ts'
import { registerNeed } from '../../src/features/residents/register-need.ts'
import { consents, needs } from '../../src/features/residents/tables.ts'
import { approveRun } from '../../src/features/review/approve-run.ts'
import { settlements, statementLines, statements } from '../../src/features/settlement/tables.ts'
import { type Actor, inTransaction } from '../../src/platform/context.ts'
import { foundJointCommunity } from '../features/communities/joint-community.ts'
import {
  type Marketplace,
  matchesOf,
  openMarketplace,
  person,
  populate,
  propose,
  register,
  wants,
} from '../features/matching/marketplace.ts'
import { employ, insertArea, organize, proposeRun } from '../features/referrals/proposed-run.ts'
import { appOver, keyOf, type Send, sender } from './api-world.ts'
import { type SupervisedRows, supervisedRows } from './supervised-rows.ts'

export interface SeededWorld {
  market: Marketplace
  send: Send
  /** Keys of those whose rows these are: the provider is the one with a referral. */
  owners: Record<Role, string>
  /** Keys of others of the same roles; those who act in an area, in another one. */
  strangers: Record<Role, string>
  ids: Record<Row, string>
  /** Every role's own webhook; the one among the ids is the partner's. */
  webhooks: Record<Role, string>
  /** Likewise every role's findings and grievances. */
  supervised: SupervisedRows
}

export type Row =
  | 'organization'
  | 'area'
  | 'station'
  | 'communityGroup'
  | 'grid'
  | 'policy'
  | 'program'
  | 'offering'
  | 'location'
  | 'changeRequest'
  | 'resident'
  | 'consent'
  | 'need'
  | 'run'
  | 'proposedRun'
  | 'replay'
  | 'simulation'
  | 'match'
  | 'referral'
  | 'delivery'
  | 'settlement'
  | 'statement'
  | 'import'
  | 'webhook'
  | 'feedback'
  | 'petition'
  | 'erasure'
  | 'inspectionPlan'
  | 'inspection'
  | 'finding'
  | 'grievance'
  | 'suspension'

const KIND = (role: Role) => role.split('.')[0] as OrganizationKind

export async function openSeededWorld(): Promise<SeededWorld> {
  const market = await openMarketplace()
  await populate(market)
  const run = await propose(market)
  await approveRun(market.as(market.finance), { runId: run.id, expectedVersion: run.version })
  await openReferrals(market.as(market.finance), run.id)
  const provider = market.providers.house
  const owners = await ownersOf(market, provider)
  const send = sender(appOver(market.world, { aheadMs: 0 }))
  const webhooks = await webhooksOf(send, owners)
  const rows = await rowsOf(market, run.id, provider)
  await amend(market)
  await commentOn(market, run.policyId, rows.resident)
  const watched = { provider, offeringId: rows.offering, referralId: rows.referral }
  const supervised = await supervisedRows(market, watched)
  const { inspectionPlan, inspection, suspension, findings, grievances } = supervised
  const ofSupervision = { inspectionPlan, inspection, suspension }
  const ofPartner = { webhook: webhooks.partner, finding: findings.partner, grievance: grievances.partner }
  const ids = { ...rows, ...ofSupervision, ...ofPartner, policy: run.policyId }
  return { market, send, owners, strangers: await strangersTo(market), ids, webhooks, supervised }
}

async function ownersOf(market: Marketplace, provider: Actor): Promise<Record<Role, string>> {
  const { world, officer, finance, partner } = market
  const [supervisor, operator] = await inTransaction(world.context(SYSTEM), async (ctx) => [
    await employ(ctx, await organize(ctx, 'supervisor'), 'supervisor'),
    await employ(ctx, await organize(ctx, 'operator'), 'operator'),
  ])
  const actors = { 'purchaser.officer': officer, 'purchaser.finance': finance, partner, provider }
  return keysOf(market, { ...actors, supervisor: supervisor!, operator: operator! })
}

async function rowsOf(market: Marketplace, runId: string, provider: Actor) {
  const { world, areas, officer, programId } = market
  const found = await matchesOf(market, runId)
  const [referral] = await world.db.root
    .select()
    .from(referrals)
    .where(eq(referrals.providerId, provider.organizationId))
  const match = found.find(({ id }) => id === referral!.matchId)!
  const [need] = await world.db.root.select().from(needs).where(eq(needs.id, match.needId))
  const residentId = need!.residentId
  const [consent] = await world.db.root.select().from(consents).where(eq(consents.residentId, residentId))
  const joint = await inTransaction(world.context(SYSTEM), (ctx) =>
    foundJointCommunity(ctx, [areas.north, areas.south]),
  )
  return {
    organization: officer.organizationId,
    area: areas.north,
    ...joint,
    program: programId,
    offering: match.offeringId,
    location: (await getOffering(market.as(provider), match.offeringId)).locationId,
    changeRequest: await proposalOf(market, match.offeringId),
    resident: residentId,
    consent: consent!.id,
    need: match.needId,
    run: runId,
    proposedRun: await proposalIn(market),
    ...(await solvedAgain(market, runId)),
    match: match.id,
    referral: referral!.id,
    ...(await settledDeliveryOf(market, referral!)),
    feedback: await feedbackOf(market, referral!),
    petition: await petitionOf(market, residentId),
    erasure: await erasureOf(market),
    import: await importOf(market, provider),
  }
}

/** What is still to be reviewed: of the same office, for others. */
async function proposalIn({ world, areas, officer }: Marketplace): Promise<string> {
  const others = await inTransaction(world.context(SYSTEM), async (ctx) => ({
    partner: await employ(ctx, await organize(ctx, 'partner'), 'partner'),
    provider: await employ(ctx, await organize(ctx, 'provider'), 'provider'),
  }))
  return (await proposeRun(world, { areaId: areas.north, officer, ...others }, 1)).runId
}

/** Each with a delivery on its way. */
async function webhooksOf(send: Send, owners: Record<Role, string>): Promise<Record<Role, string>> {
  const ids = {} as Record<Role, string>
  const headers = { 'content-type': 'application/json' }
  for (const role of ROLES) {
    const body = JSON.stringify({ url: 'https://hooks.example.org/' })
    const created = await send(owners[role], 'POST', '/v1/webhooks', { headers, body })
    ids[role] = created.body.id
    await send(owners[role], 'POST', `/v1/webhooks/${ids[role]}/test`, { headers })
  }
  return ids
}

/** Nobody has to have said yes for it to be somebody's. */
async function deliveryOf({ world }: Marketplace, referralId: string): Promise<string> {
  const at = world.clock.read()
  const [row] = await world.db.root
    .insert(deliveries)
    .values({
      id: world.context().newId(),
      referralId,
      units: 1,
      deliveredAt: at,
      subsidy: 0,
      copayment: 0,
      state: 'recorded',
      createdAt: at,
    })
    .returning()
  return row!.id
}

/** The delivery, and the statement of a settlement that paid for it. */
async function settledDeliveryOf(market: Marketplace, referral: typeof referrals.$inferSelect) {
  const { world, finance, programId } = market
  const { id: referralId, matchId, providerId } = referral
  const deliveryId = await deliveryOf(market, referralId)
  return inTransaction(world.context(SYSTEM), async (ctx) => {
    const [settlementId, statementId] = [ctx.newId(), ctx.newId()]
    const { organizationId } = finance
    const settler = await employ(ctx, organizationId, 'purchaser.finance')
    const { principalId: settledBy } = settler
    await ctx.tx
      .insert(duties)
      .values({ objectId: programId, principalId: settledBy, duty: 'settle', at: ctx.clock() })
    const sums = { price: 100, subsidy: 60, copayment: 40 }
    const of = { programId, period: '2026-11', organizationId, settledBy, currency: 'TWD' }
    await ctx.tx.insert(settlements).values({ id: settlementId, ...of, ...sums, createdAt: ctx.clock() })
    await ctx.tx.insert(statements).values({ id: statementId, settlementId, providerId, lines: 1, ...sums })
    const line = { id: ctx.newId(), statementId, deliveryId, matchId, kind: 'delivery', units: 1 } as const
    await ctx.tx.insert(statementLines).values({ ...line, ...sums })
    return { delivery: deliveryId, settlement: settlementId, statement: statementId }
  })
}

async function feedbackOf({ world }: Marketplace, referral: typeof referrals.$inferSelect): Promise<string> {
  const id = world.context().newId()
  const { id: referralId, residentId, providerId } = referral
  const said = { outcome: 'partly', rating: 3, text: 'Late.', createdAt: world.clock.read() } as const
  await world.db.root.insert(feedback).values({ id, referralId, residentId, providerId, ...said })
  return id
}

/** A replay of the run, and what the policy and the program would have changed in it. */
async function solvedAgain({ world, finance, programId }: Marketplace, runId: string) {
  const ctx = world.context()
  const { organizationId } = finance
  const [run] = await world.db.root.select().from(matchRuns).where(eq(matchRuns.id, runId))
  const asked = () =>
    ({ id: ctx.newId(), runId, organizationId, state: 'queued', createdAt: ctx.clock() }) as const
  const [replay, simulation] = [asked(), asked()]
  await world.db.root.insert(replays).values(replay)
  const { policyId } = run!
  await world.db.root.insert(simulations).values([
    { ...simulation, policyId },
    { ...asked(), programId },
  ])
  return { replay: replay.id, simulation: simulation.id }
}

/** Nobody has to have asked for it. */
async function commentOn(market: Marketplace, policyId: string, residentId: string): Promise<void> {
  const { world, partner } = market
  const { organizationId } = partner
  const said = { policyId, organizationId, ofResident: true, residentId, text: 'Too far for me.' }
  const id = world.context().newId()
  await world.db.root.insert(policyComments).values({ id, ...said, createdAt: world.clock.read() })
}

async function petitionOf(market: Marketplace, residentId: string): Promise<string> {
  const partner = market.as(market.partner)
  const need = await registerNeed(partner, { residentId, ...wants('opera') })
  return (await beginPetition(partner, { needId: need.id })).id
}

async function erasureOf(market: Marketplace): Promise<string> {
  const [residentId] = await register(market, [person(market.areas.north)])
  return (await eraseResident(market.as(market.partner), { residentId: residentId!, version: 1 })).id
}

/** A program whose budget has changed once. */
async function amend({ as, finance, programId: id }: Marketplace): Promise<void> {
  const { version, budget } = await getProgram(as(finance), id)
  await amendProgram(as(finance), { id, expectedVersion: version, budget, reason: 'Asked for again' })
}

async function proposalOf(market: Marketplace, offeringId: string): Promise<string> {
  const wanted = { offeringId, changes: { price: 9000 }, reason: 'Seen at the door' }
  return (await proposeChange(market.as(market.partner), wanted)).id
}

async function importOf(market: Marketplace, provider: Actor): Promise<string> {
  const { id: importId } = await startImport(market.as(provider), { feed: 'Listings', content: '[]' })
  const flaw = { ordinal: 1, file: 'services.csv', line: 2, reason: 'a service without name' } as const
  await market.world.db.root.insert(importFlaws).values({ importId, ...flaw, outcome: 'refused' })
  return importId
}

function strangersTo(market: Marketplace): Promise<Record<Role, string>> {
  return inTransaction(market.world.context(SYSTEM), async (ctx) => {
    const elsewhere = await insertArea(ctx)
    const actors = {} as Record<Role, Actor>
    const offices = new Map<OrganizationKind, string>()
    for (const role of ROLES) {
      const kind = KIND(role)
      if (!offices.has(kind)) offices.set(kind, await organize(ctx, kind))
      const organizationId = offices.get(kind)!
      const areaId = kind === 'purchaser' || kind === 'supervisor' ? elsewhere : null
      const { id } = await createPrincipal(ctx, { organizationId, role, name: role, areaId })
      actors[role] = { principalId: id, organizationId, role, areaId }
    }
    return actors
  }).then((actors) => keysOf(market, actors))
}

const ROLES = [
  'partner',
  'provider',
  'purchaser.officer',
  'purchaser.finance',
  'supervisor',
  'operator',
] as const satisfies Role[]

async function keysOf({ world }: Marketplace, actors: Record<Role, Actor>): Promise<Record<Role, string>> {
  const keys = {} as Record<Role, string>
  for (const role of ROLES) keys[role] = await keyOf(world, actors[role])
  return keys
}
