/** What supervisors have done once about a referral and its provider, and what its parties have brought before them. */
import { eq } from 'drizzle-orm'
import { offeringAssurances } from '../../src/features/catalog/tables.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import type { Role } from '../../src/features/identity/schemas.ts'
import { principals } from '../../src/features/identity/tables.ts'
import { fileComplaint } from '../../src/features/supervision/file-grievance.ts'
import { imposeSuspension } from '../../src/features/supervision/impose-suspension.ts'
import { liftSuspension } from '../../src/features/supervision/lift-suspension.ts'
import { openFinding } from '../../src/features/supervision/open-finding.ts'
import { beginInspection, planInspections } from '../../src/features/supervision/plan-inspections.ts'
import { findings } from '../../src/features/supervision/tables.ts'
import { type Actor, inTransaction } from '../../src/platform/context.ts'
import type { Marketplace } from '../features/matching/marketplace.ts'
import { employ, organize, PERIOD } from '../features/referrals/proposed-run.ts'

export interface SupervisedRows {
  inspectionPlan: string
  inspection: string
  suspension: string
  /** Every role's own: what it has to answer, or what it filed. */
  findings: Record<Role, string>
  grievances: Record<Role, string>
}

interface Watched {
  provider: Actor
  offeringId: string
  referralId: string
}

export async function supervisedRows(market: Marketplace, watched: Watched): Promise<SupervisedRows> {
  const { world, areas } = market
  const supervisor = await inTransaction(world.context(SYSTEM), async (ctx) =>
    employ(ctx, await organize(ctx, 'supervisor'), 'supervisor'),
  )
  const { offeringId, provider } = watched
  await lapse(market, supervisor, offeringId)
  const as = market.as(supervisor)
  const draw = { areaId: areas.district, period: PERIOD, byRisk: 1, byLot: 1, seed: 7 }
  const said = { reason: 'unsafe', text: 'The stairs' } as const
  const suspension = await imposeSuspension(as, { providerId: provider.organizationId, ...said })
  await liftSuspension(as, { id: suspension.id, expectedVersion: 1 })
  return {
    inspectionPlan: (await planInspections(as, draw)).id,
    inspection: (await beginInspection(as, { offeringId })).id,
    suspension: suspension.id,
    findings: await findingsOf(market, supervisor, watched),
    grievances: await grievancesOf(market, watched),
  }
}

/** So that there is something to be alerted to. */
async function lapse({ world }: Marketplace, supervisor: Actor, offeringId: string): Promise<void> {
  const { organizationId: assuredBy, principalId } = supervisor
  const before = new Date(world.clock.read().getTime() - 1000)
  const held = { assuredVersion: 1, assuredAt: before, lapsesAt: before }
  await world.db.root
    .insert(offeringAssurances)
    .values({ offeringId, what: 'License', assuredBy, principalId, ...held })
}

async function findingsOf(
  market: Marketplace,
  supervisor: Actor,
  { provider, referralId: subjectId }: Watched,
): Promise<Record<Role, string>> {
  const open = async ({ organizationId: respondentId }: Actor) => {
    const about = { subjectKind: 'referral', subjectId, respondentId } as const
    const said = { code: 'records_wrong', severity: 'minor', text: 'A date is missing.' } as const
    return (await openFinding(market.as(supervisor), { ...about, ...said })).id
  }
  const officer = await open(market.officer)
  const ofProvider = await open(provider)
  return {
    partner: await open(market.partner),
    provider: ofProvider,
    'purchaser.officer': officer,
    'purchaser.finance': officer,
    supervisor: ofProvider,
    operator: await attemptOf(market, subjectId),
  }
}

/** What an operator has tried is the only thing it has to answer for. */
async function attemptOf({ world, areas }: Marketplace, subjectId: string): Promise<string> {
  const [operator] = await world.db.root.select().from(principals).where(eq(principals.role, 'operator'))
  const id = world.context().newId()
  await world.db.root.insert(findings).values({
    id,
    respondentId: operator!.organizationId,
    areaId: areas.north,
    source: 'attempt',
    sourceId: id,
    subjectKind: 'referral',
    subjectId,
    code: 'forbidden',
    severity: 'minor',
    text: 'Tried',
    state: 'open',
    createdAt: world.clock.read(),
  })
  return id
}

async function grievancesOf(
  market: Marketplace,
  { provider, referralId: subjectId }: Watched,
): Promise<Record<Role, string>> {
  const file = async (actor: Actor) => {
    const said = { reason: 'conduct', text: 'Nobody came.' } as const
    return (await fileComplaint(market.as(actor), { subjectKind: 'referral', subjectId, ...said })).id
  }
  const ofPartner = await file(market.partner)
  const officer = await file(market.officer)
  return {
    partner: ofPartner,
    provider: await file(provider),
    'purchaser.officer': officer,
    'purchaser.finance': officer,
    supervisor: ofPartner,
    operator: ofPartner,
  }
}
