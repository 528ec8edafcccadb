/** Every operation of the API as the tests call it: its action, and a request that passes validation. */
import type { z } from '@hono/zod-openapi'
import { routes as catalog } from '../../src/features/catalog/routes.ts'
import { routes as communities } from '../../src/features/communities/routes.ts'
import type { Action } from '../../src/features/identity/permissions.ts'
import { routes as identity } from '../../src/features/identity/routes.ts'
import { routes as matching } from '../../src/features/matching/routes.ts'
import { DEFAULT_POLICY } from '../../src/features/policies/default-policy.ts'
import { routes as policies } from '../../src/features/policies/routes.ts'
import { routes as programs } from '../../src/features/programs/routes.ts'
import { routes as referrals } from '../../src/features/referrals/routes.ts'
import { routes as residents } from '../../src/features/residents/routes.ts'
import { routes as review } from '../../src/features/review/routes.ts'

/** What the tests need to know of a route. */
export interface Operation {
  operationId: string
  method: string
  /** With `{name}` for parameters. */
  path: string
  /** The schema of a good answer; null where it has no body. */
  answer: z.ZodType | null
}

const ALL = [
  ...identity,
  ...communities,
  ...policies,
  ...programs,
  ...catalog,
  ...residents,
  ...matching,
  ...review,
  ...referrals,
]

export const OPERATIONS: Operation[] = ALL.map(({ route }) => ({
  operationId: route.operationId,
  method: route.method.toUpperCase(),
  path: route.path,
  answer: answerOf(route.responses),
}))

function answerOf(responses: object): z.ZodType | null {
  const good = Object.entries(responses).find(([status]) => status.startsWith('2'))![1]
  const { content } = good as { content?: Record<string, { schema: z.ZodType }> }
  return content?.['application/json']?.schema ?? null
}

/** The action each operation asks permission for. */
export const ACTION_OF: Record<string, Action> = {
  createOrganization: 'organization.create',
  listOrganizations: 'organization.read',
  getOrganization: 'organization.read',
  createPrincipal: 'principal.create',
  issueKey: 'key.issue',
  revokeKey: 'key.revoke',
  createArea: 'area.create',
  listAreas: 'area.read',
  getArea: 'area.read',
  adoptPolicy: 'policy.adopt',
  listPolicies: 'policy.read',
  getPolicy: 'policy.read',
  createProgram: 'program.create',
  listPrograms: 'program.read',
  getProgram: 'program.read',
  approveProgram: 'program.approve',
  openProgram: 'program.open',
  createLocation: 'location.create',
  publishOffering: 'offering.publish',
  listOfferings: 'offering.read',
  getOffering: 'offering.read',
  withdrawOffering: 'offering.withdraw',
  setCapacity: 'capacity.set',
  setStaffTime: 'staff_time.set',
  registerResident: 'resident.register',
  listResidents: 'resident.read',
  getResident: 'resident.read',
  giveConsent: 'consent.give',
  listConsents: 'consent.read',
  withdrawConsent: 'consent.withdraw',
  topUpWallet: 'wallet.top_up',
  getWallet: 'wallet.read',
  registerNeed: 'need.register',
  listNeeds: 'need.read',
  getNeed: 'need.read',
  withdrawNeed: 'need.withdraw',
  startRun: 'run.start',
  listRuns: 'run.read',
  getRun: 'run.read',
  cancelRun: 'run.cancel',
  listMatches: 'run.read',
  explainRunNeed: 'run.read',
  approveRun: 'run.approve',
  excludeMatch: 'match.exclude',
  listReferrals: 'referral.read',
  getReferral: 'referral.read',
  acceptReferral: 'referral.accept',
  rejectReferral: 'referral.reject',
  startReferral: 'referral.start',
  holdReferral: 'referral.hold',
  resumeReferral: 'referral.resume',
  completeReferral: 'referral.complete',
  failReferral: 'referral.fail',
  cancelReferral: 'referral.cancel',
  voidReferral: 'referral.void',
}

export const NOBODY = '00000000-0000-7000-8000-0000000000ff'
export const PERIOD = '2026-12'

/** Bodies that pass validation; ids in them name nothing. */
const BODIES: Record<string, object> = {
  createOrganization: { kind: 'purchaser', name: 'Office' },
  createPrincipal: { role: 'partner', name: 'App' },
  issueKey: {},
  createArea: { kind: 'district', code: 'Z', name: 'District' },
  adoptPolicy: DEFAULT_POLICY,
  createProgram: {
    areaId: NOBODY,
    period: PERIOD,
    name: 'Fund',
    categories: ['medical'],
    tiers: ['basic'],
    budget: 100,
    subsidyShare: 5000,
  },
  createLocation: { name: 'House', address: 'Road 1' },
  publishOffering: {
    locationId: NOBODY,
    name: 'Day care',
    category: 'elderly_care',
    term: 'day_care',
    tier: 'basic',
    mode: 'onsite',
    unit: 'day',
    price: 100,
  },
  setCapacity: { units: 5 },
  setStaffTime: { minutes: 600 },
  registerResident: { reference: 'person', areaId: NOBODY, point: { latitude: 25, longitude: 121 } },
  giveConsent: { purpose: 'matching', facts: ['location'] },
  topUpWallet: { period: PERIOD, amount: 100 },
  registerNeed: { period: PERIOD, category: 'elderly_care', term: 'day_care', tier: 'basic', quantity: 1 },
  startRun: { areaId: NOBODY, period: PERIOD },
  approveRun: {},
  excludeMatch: { reason: 'already_served' },
  rejectReferral: { reason: 'no_capacity' },
  holdReferral: { reason: 'resident_absent' },
  failReferral: { reason: 'no_show' },
  cancelReferral: { reason: 'other' },
  voidReferral: { reason: 'wrong_data' },
}

/** The path with its parameters filled in; what is not given names nothing. */
export function pathOf({ path }: Operation, given: Record<string, string> = {}): string {
  const values: Record<string, string> = { period: PERIOD, ...given }
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? NOBODY)
}

/** A request that passes validation. */
export function requestOf({ operationId, method }: Operation) {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'if-match': '"1"' }
  return method === 'GET' || method === 'DELETE'
    ? { headers: { 'if-match': '"1"' } }
    : { headers, body: JSON.stringify(BODIES[operationId] ?? {}) }
}
