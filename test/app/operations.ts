/** Every operation of the API as the tests call it: its action, and a request that passes validation. */
import type { z } from '@hono/zod-openapi'
import { routes as catalog } from '../../src/features/catalog/routes.ts'
import { routes as communities } from '../../src/features/communities/routes.ts'
import { routes as consultations } from '../../src/features/consultations/routes.ts'
import { routes as feedback } from '../../src/features/feedback/routes.ts'
import { routes as feeds } from '../../src/features/feeds/routes.ts'
import type { Action } from '../../src/features/identity/permissions.ts'
import { routes as identity } from '../../src/features/identity/routes.ts'
import { routes as matching } from '../../src/features/matching/routes.ts'
import { DEFAULT_POLICY } from '../../src/features/policies/default-policy.ts'
import { routes as policies } from '../../src/features/policies/routes.ts'
import { routes as privacy } from '../../src/features/privacy/routes.ts'
import { routes as programs } from '../../src/features/programs/routes.ts'
import { routes as referrals } from '../../src/features/referrals/routes.ts'
import { routes as residents } from '../../src/features/residents/routes.ts'
import { routes as review } from '../../src/features/review/routes.ts'
import { routes as sandbox } from '../../src/features/sandbox/routes.ts'
import { routes as search } from '../../src/features/search/routes.ts'
import { routes as settlement } from '../../src/features/settlement/routes.ts'
import { routes as subscriptions } from '../../src/features/subscriptions/routes.ts'
import { routes as supervision } from '../../src/features/supervision/routes.ts'

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
  ...search,
  ...feeds,
  ...residents,
  ...matching,
  ...consultations,
  ...review,
  ...referrals,
  ...settlement,
  ...feedback,
  ...supervision,
  ...subscriptions,
  ...sandbox,
  ...privacy,
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
  changeOrganization: 'organization.change',
  listDuties: 'duty.read',
  createPrincipal: 'principal.create',
  issueKey: 'key.issue',
  revokeKey: 'key.revoke',
  createArea: 'area.create',
  listAreas: 'area.read',
  getArea: 'area.read',
  importAreas: 'area.create',
  createStation: 'station.create',
  listStations: 'station.read',
  getStation: 'station.read',
  changeStation: 'station.change',
  createCommunityGroup: 'community_group.create',
  listCommunityGroups: 'community_group.read',
  getCommunityGroup: 'community_group.read',
  changeCommunityGroup: 'community_group.change',
  listGridTeams: 'grid_team.read',
  getGridTeam: 'grid_team.read',
  setGridPost: 'grid_post.set',
  getCoverage: 'coverage.read',
  draftPolicy: 'policy.draft',
  revisePolicy: 'policy.revise',
  consultPolicy: 'policy.consult',
  adoptPolicy: 'policy.adopt',
  comparePolicies: 'policy.read',
  givePolicyComment: 'policy_comment.give',
  listPolicyComments: 'policy_comment.read',
  castPolicyVote: 'policy_vote.cast',
  countPolicyVotes: 'policy_vote.read',
  listPolicies: 'policy.read',
  getPolicy: 'policy.read',
  createProgram: 'program.create',
  listPrograms: 'program.read',
  getProgram: 'program.read',
  reviseProgram: 'program.revise',
  submitProgram: 'program.submit',
  approveProgram: 'program.approve',
  openProgram: 'program.open',
  freezeProgram: 'program.freeze',
  thawProgram: 'program.thaw',
  closeProgram: 'program.close',
  amendProgram: 'program.amend',
  listAmendments: 'program.read',
  createLocation: 'location.create',
  listLocations: 'location.read',
  getLocation: 'location.read',
  reviseLocation: 'location.revise',
  publishOffering: 'offering.publish',
  searchOfferings: 'offering.read',
  searchOfferingsPrivately: 'offering.read',
  getOffering: 'offering.read',
  reviseOffering: 'offering.revise',
  withdrawOffering: 'offering.withdraw',
  assureOffering: 'offering.assure',
  renewAssurance: 'offering.assure',
  listCapacities: 'offering.read',
  proposeChange: 'change_request.propose',
  listChangeRequests: 'change_request.read',
  getChangeRequest: 'change_request.read',
  approveChange: 'change_request.decide',
  rejectChange: 'change_request.decide',
  setCapacity: 'capacity.set',
  setStaffTime: 'staff_time.set',
  startImport: 'import.start',
  listImports: 'import.read',
  getImport: 'import.read',
  listImportFlaws: 'import.read',
  registerResident: 'resident.register',
  registerResidentsInBulk: 'resident.register',
  correctResident: 'resident.correct',
  listResidents: 'resident.read',
  getResident: 'resident.read',
  giveConsent: 'consent.give',
  listConsents: 'consent.read',
  withdrawConsent: 'consent.withdraw',
  topUpWallet: 'wallet.top_up',
  listWallets: 'wallet.read',
  getWallet: 'wallet.read',
  getWalletStatement: 'wallet.read',
  registerNeed: 'need.register',
  listNeeds: 'need.read',
  getNeed: 'need.read',
  listOptions: 'option.read',
  reviseNeed: 'need.revise',
  withdrawNeed: 'need.withdraw',
  startRun: 'run.start',
  listRuns: 'run.read',
  getRun: 'run.read',
  cancelRun: 'run.cancel',
  listMatches: 'run.read',
  explainRunNeed: 'run.read',
  replayRun: 'run.replay',
  getReplay: 'run.replay',
  compareRuns: 'run.read',
  simulatePolicy: 'policy.simulate',
  listPolicySimulations: 'simulation.read',
  simulateProgram: 'program.simulate',
  listProgramSimulations: 'program.read',
  getSimulation: 'simulation.read',
  getExplanation: 'explanation.read',
  listWaitlist: 'waitlist.read',
  approveRun: 'run.approve',
  excludeMatch: 'match.exclude',
  pinMatch: 'match.pin',
  unpinMatch: 'match.unpin',
  returnRun: 'run.return',
  resolveRun: 'run.resolve',
  listReviewQueue: 'run.read',
  createBooking: 'booking.create',
  listReferrals: 'referral.read',
  getReferral: 'referral.read',
  getReferralResident: 'referral.read_resident',
  acceptReferral: 'referral.accept',
  rejectReferral: 'referral.reject',
  startReferral: 'referral.start',
  holdReferral: 'referral.hold',
  resumeReferral: 'referral.resume',
  completeReferral: 'referral.complete',
  failReferral: 'referral.fail',
  cancelReferral: 'referral.cancel',
  voidReferral: 'referral.void',
  settlePeriod: 'period.settle',
  listSettlements: 'settlement.read',
  getSettlement: 'settlement.read',
  listStatements: 'settlement.read',
  getStatement: 'settlement.read',
  listStatementLines: 'settlement.read',
  exportStatementLines: 'settlement.read',
  printStatement: 'settlement.read',
  giveFeedback: 'feedback.give',
  listFeedback: 'feedback.read',
  summarizeFeedback: 'feedback.read',
  beginPetition: 'petition.begin',
  listPetitions: 'petition.read',
  getPetition: 'petition.read',
  signPetition: 'petition.sign',
  withdrawSignature: 'petition.sign',
  answerPetition: 'petition.answer',
  listAlerts: 'alert.read',
  planInspections: 'inspection.plan',
  listInspectionPlans: 'inspection.read',
  getInspectionPlan: 'inspection.read',
  beginInspection: 'inspection.begin',
  listInspections: 'inspection.read',
  getInspection: 'inspection.read',
  concludeInspection: 'inspection.conclude',
  openFinding: 'finding.open',
  listFindings: 'finding.read',
  getFinding: 'finding.read',
  respondToFinding: 'finding.respond',
  correctFinding: 'finding.correct',
  verifyFinding: 'finding.verify',
  closeFinding: 'finding.close',
  reopenFinding: 'finding.reopen',
  fileComplaint: 'complaint.file',
  fileAppeal: 'appeal.file',
  listGrievances: 'grievance.read',
  getGrievance: 'grievance.read',
  decideGrievance: 'grievance.decide',
  withdrawGrievance: 'grievance.withdraw',
  imposeSuspension: 'suspension.impose',
  listSuspensions: 'suspension.read',
  getSuspension: 'suspension.read',
  liftSuspension: 'suspension.lift',
  decideSuspendedReferral: 'suspended_referral.decide',
  exportResident: 'resident.export',
  eraseResident: 'resident.erase',
  getErasure: 'resident.erase',
  acceptOffer: 'offer.accept',
  declineOffer: 'offer.decline',
  recordDelivery: 'delivery.record',
  listDeliveries: 'delivery.read',
  confirmDelivery: 'delivery.confirm',
  disputeDelivery: 'delivery.dispute',
  decideDispute: 'dispute.decide',
  concedeDispute: 'dispute.concede',
  getWorkList: 'worklist.read',
  createActionLink: 'action_link.create',
  createWebhook: 'webhook.create',
  listWebhooks: 'webhook.read',
  getWebhook: 'webhook.read',
  changeWebhook: 'webhook.change',
  deleteWebhook: 'webhook.delete',
  rotateSecret: 'webhook.rotate',
  testWebhook: 'webhook.replay',
  listWebhookDeliveries: 'webhook.read',
  replayDeliveries: 'webhook.replay',
  streamEvents: 'event.read',
  getClock: 'clock.read',
  turnClock: 'clock.turn',
}

export const NOBODY = '00000000-0000-7000-8000-0000000000ff'
export const PERIOD = '2026-12'

const SHARES = [
  { areaId: NOBODY, share: 2500 },
  { areaId: '00000000-0000-7000-8000-0000000000fe', share: 7500 },
]
const STATION = { level: 'regional', name: 'Center', areaId: NOBODY, agents: 3 }
const GROUP = { name: 'North and South', stationId: NOBODY, members: SHARES }

const PROGRAM = {
  areaId: NOBODY,
  period: PERIOD,
  name: 'Fund',
  categories: ['medical'],
  tiers: ['basic'],
  budget: 100,
  subsidyShare: 5000,
}

/** Bodies that pass validation; ids in them name nothing. */
const BODIES: Record<string, object> = {
  createOrganization: { kind: 'purchaser', name: 'Office' },
  changeOrganization: { name: 'Office', bodyId: null, secondBodyId: null },
  createPrincipal: { role: 'partner', name: 'App' },
  issueKey: {},
  createArea: { kind: 'district', code: 'Z', name: 'District' },
  importAreas: {
    layers: [
      {
        map: { code: 'code', name: 'name' },
        collection: { type: 'FeatureCollection', features: [] },
      },
    ],
  },
  createStation: { ...STATION, locationId: NOBODY },
  changeStation: STATION,
  createCommunityGroup: GROUP,
  changeCommunityGroup: GROUP,
  setGridPost: { state: 'filled' },
  draftPolicy: DEFAULT_POLICY,
  revisePolicy: DEFAULT_POLICY,
  consultPolicy: { until: '2026-12-15T00:00:00Z' },
  givePolicyComment: { text: 'Ten days are too few.' },
  castPolicyVote: { vote: 'for' },
  createProgram: PROGRAM,
  reviseProgram: PROGRAM,
  amendProgram: { budget: 200, reason: 'More need it' },
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
  reviseLocation: { name: 'House' },
  reviseOffering: { price: 100 },
  assureOffering: { what: 'License', lapsesAt: '2027-12-01T00:00:00Z' },
  renewAssurance: { lapsesAt: '2027-12-01T00:00:00Z' },
  proposeChange: { changes: { price: 100 }, reason: 'Seen at the door' },
  rejectChange: { reason: 'It is not so' },
  setCapacity: { units: 5 },
  setStaffTime: { minutes: 600 },
  startImport: { feed: 'Listings', content: '[]' },
  registerResident: { reference: 'person', areaId: NOBODY, point: { latitude: 25, longitude: 121 } },
  correctResident: { birthYear: 1949 },
  giveConsent: { purpose: 'matching', facts: ['location'] },
  topUpWallet: { period: PERIOD, amount: 100 },
  registerNeed: { period: PERIOD, category: 'elderly_care', term: 'day_care', tier: 'basic', quantity: 1 },
  reviseNeed: { quantity: 2 },
  createWebhook: { url: 'https://partner.example.org/hooks' },
  changeWebhook: { types: ['referral.*'] },
  rotateSecret: {},
  replayDeliveries: { since: '2026-12-01T00:00:00Z' },
  turnClock: { advanceSeconds: 60 },
  startRun: { areaId: NOBODY, period: PERIOD },
  approveRun: {},
  excludeMatch: { reason: 'already_served' },
  pinMatch: { reason: 'continuity' },
  returnRun: { comment: 'Look again.' },
  createBooking: { offeringId: NOBODY },
  rejectReferral: { reason: 'no_capacity' },
  holdReferral: { reason: 'resident_absent' },
  failReferral: { reason: 'no_show' },
  cancelReferral: { reason: 'other' },
  voidReferral: { reason: 'wrong_data' },
  settlePeriod: { programId: NOBODY, period: '2026-11' },
  giveFeedback: { outcome: 'got_help' },
  beginPetition: { needId: NOBODY },
  signPetition: { residentId: NOBODY },
  answerPetition: { text: 'From March on.' },
  planInspections: { areaId: NOBODY, period: PERIOD, byRisk: 1, byLot: 1, seed: 7 },
  beginInspection: { offeringId: NOBODY },
  concludeInspection: { state: 'passed', note: 'All as described' },
  openFinding: {
    subjectKind: 'offering',
    subjectId: NOBODY,
    respondentId: NOBODY,
    code: 'records_wrong',
    severity: 'minor',
    text: 'Two names are missing.',
  },
  respondToFinding: { text: 'They were forgotten.' },
  correctFinding: { text: 'They are there now.' },
  verifyFinding: {},
  closeFinding: {},
  reopenFinding: { text: 'One is missing still.' },
  fileComplaint: { subjectKind: 'referral', subjectId: NOBODY, reason: 'conduct', text: 'Nobody came.' },
  fileAppeal: { subjectKind: 'referral', subjectId: NOBODY, reason: 'wrong_facts', text: 'She was there.' },
  decideGrievance: { state: 'upheld', decision: 'It was so.' },
  imposeSuspension: { providerId: NOBODY, reason: 'unsafe', text: 'The stairs' },
  decideSuspendedReferral: { decision: 'continue' },
  declineOffer: { reason: 'too_far' },
  recordDelivery: { units: 1, deliveredAt: '2026-12-01T08:00:00Z' },
  disputeDelivery: { reason: 'not_delivered' },
  decideDispute: { decision: 'sustained' },
  createActionLink: { actions: ['accept', 'decline'] },
}

/** Queries without which there is no answer. */
const QUERIES: Record<string, string> = { compareRuns: '?with={id}' }

/** The path with its parameters filled in; what is not given names nothing. */
export function pathOf({ operationId, path }: Operation, given: Record<string, string> = {}): string {
  const values: Record<string, string> = { period: PERIOD, post: 'grid_leader', ...given }
  return `${path}${QUERIES[operationId] ?? ''}`.replace(
    /\{(\w+)\}/g,
    (_, name: string) => values[name] ?? NOBODY,
  )
}

/** Files that pass validation, where one is sent instead of JSON. */
const FILES: Record<string, { type: string; body: string }> = {
  registerResidentsInBulk: { type: 'text/csv', body: 'reference,latitude,longitude\n' },
}

/** A request that passes validation. */
export function requestOf({ operationId, method }: Operation) {
  const file = FILES[operationId]
  if (file) return { headers: { 'content-type': file.type }, body: file.body }
  const headers: Record<string, string> = { 'content-type': 'application/json', 'if-match': '"1"' }
  return method === 'GET' || method === 'DELETE'
    ? { headers: { 'if-match': '"1"' } }
    : { headers, body: JSON.stringify(BODIES[operationId] ?? {}) }
}
