/** Whose rows: every operation on one object × foreign rows, and what is read of one's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PERMISSIONS } from '../../src/features/identity/permissions.ts'
import type { Role } from '../../src/features/identity/schemas.ts'
import { ACTION_OF, OPERATIONS, type Operation, pathOf, requestOf } from './operations.ts'
import { openSeededWorld, type Row, type SeededWorld } from './seeded-world.ts'

let seeded: SeededWorld
beforeAll(async () => {
  seeded = await openSeededWorld()
})
afterAll(() => seeded.market.world.close())

/** The kind of row that `{id}` names, by the path's collection. */
const ROW_OF: Record<string, Row> = {
  organizations: 'organization',
  areas: 'area',
  stations: 'station',
  'community-groups': 'communityGroup',
  grids: 'grid',
  policies: 'policy',
  programs: 'program',
  offerings: 'offering',
  locations: 'location',
  'change-requests': 'changeRequest',
  residents: 'resident',
  consents: 'consent',
  needs: 'need',
  runs: 'run',
  replays: 'replay',
  simulations: 'simulation',
  matches: 'match',
  referrals: 'referral',
  deliveries: 'delivery',
  settlements: 'settlement',
  statements: 'statement',
  imports: 'import',
  webhooks: 'webhook',
  feedback: 'feedback',
  petitions: 'petition',
  erasures: 'erasure',
  alerts: 'offering',
  'inspection-plans': 'inspectionPlan',
  inspections: 'inspection',
  findings: 'finding',
  grievances: 'grievance',
  suspensions: 'suspension',
}

const rowOf = ({ path }: Operation): Row | undefined =>
  path.endsWith('/review') ? 'proposedRun' : ROW_OF[path.split('/')[2]!]
const pathToSeeded = (operation: Operation, owner: Role = 'partner') => {
  const row = rowOf(operation)
  const { findings, grievances } = seeded.supervised
  const ofOwner = {
    webhook: seeded.webhooks[owner],
    finding: findings[owner],
    grievance: grievances[owner],
  }
  const ids = { ...seeded.ids, ...ofOwner }
  return pathOf(operation, {
    ...(row ? { id: ids[row] } : {}),
    needId: ids.need,
    matchId: ids.match,
    referralId: ids.referral,
  })
}
const rolesFor = ({ operationId }: Operation) => PERMISSIONS[ACTION_OF[operationId]!] as readonly Role[]

/**
 * What belongs to nobody in particular: the tree of areas, the policy and what it would change, petitions, and what the
 * operator administers.
 */
const SHARED = new Set<Row | undefined>([
  'organization',
  'area',
  'station',
  'communityGroup',
  'grid',
  'policy',
  'simulation',
  'petition',
  undefined,
])

/** Anybody but another provider may read the catalog, and say what is wrong in it. */
const OPEN_CATALOG = [
  'getOffering',
  'searchOfferings',
  'listCapacities',
  'getLocation',
  'listLocations',
  'proposeChange',
]
/** What the operator looks after, whosever it is. */
const OF_OPERATOR = [
  'getProgram',
  'listPrograms',
  'listAmendments',
  'listProgramSimulations',
  'assureOffering',
  'renewAssurance',
  'getChangeRequest',
  'listChangeRequests',
  'approveChange',
  'rejectChange',
  'listImports',
  'getImport',
  'listImportFlaws',
]

/** Who reaches what is not theirs, by design: the catalog is public, the operator sees every program. */
const READS_ALL = (role: Role, { operationId }: Operation) =>
  (OPEN_CATALOG.includes(operationId) && role !== 'provider') ||
  (OF_OPERATOR.includes(operationId) && role === 'operator')

const FOREIGN = OPERATIONS.filter(
  (operation) => operation.path.includes('{id}') && !SHARED.has(rowOf(operation)),
)
/** A stream is no list: `test/features/subscriptions/stream.test.ts` says what it shows whom. Nor are files and pages. */
const READS = OPERATIONS.filter(
  ({ method, operationId, answer }) => method === 'GET' && operationId !== 'streamEvents' && answer,
)
const LISTS = READS.filter(({ path }) => !path.includes('{'))

describe.each(FOREIGN)('$operationId of a foreign row', (operation) => {
  const roles = rolesFor(operation).filter((role) => !READS_ALL(role, operation))
  it.each(roles)('does not exist for %s', async (role) => {
    const request = requestOf(operation)
    const answer = await seeded.send(
      seeded.strangers[role],
      operation.method,
      pathToSeeded(operation),
      request,
    )
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
  })
})

describe.each(LISTS.filter((operation) => !SHARED.has(rowOf(operation))))('$operationId', (operation) => {
  const roles = rolesFor(operation).filter((role) => !READS_ALL(role, operation))
  it.each(roles)('shows %s no foreign row', async (role) => {
    const answer = await seeded.send(seeded.strangers[role], 'GET', operation.path)
    expect(answer).toMatchObject({ status: 200, body: { items: [], nextCursor: null } })
  })
})

describe('a body that names foreign rows', () => {
  const send = (role: Role, operationId: string, more: object) => {
    const operation = OPERATIONS.find((one) => one.operationId === operationId)!
    const { headers, body } = requestOf(operation)
    const named = JSON.stringify({ ...JSON.parse(body!), ...more })
    return seeded.send(seeded.strangers[role], 'POST', operation.path, { headers, body: named })
  }

  it('starts no run and drafts no program beyond the officer’s area', async () => {
    const areaId = seeded.ids.area
    expect(await send('purchaser.officer', 'startRun', { areaId })).toMatchObject({ status: 404 })
    expect(await send('purchaser.officer', 'createProgram', { areaId })).toMatchObject({ status: 422 })
  })

  it('publishes nothing at a foreign location', async () => {
    const own = await seeded.send(seeded.owners.provider, 'GET', `/v1/offerings/${seeded.ids.offering}`)
    const { locationId } = own.body
    expect(await send('provider', 'publishOffering', { locationId })).toMatchObject({ status: 404 })
  })

  it('finds no needs of a foreign resident', async () => {
    const path = `/v1/needs?residentId=${seeded.ids.resident}`
    expect((await seeded.send(seeded.owners.partner, 'GET', path)).body.items).not.toEqual([])
    expect((await seeded.send(seeded.strangers.partner, 'GET', path)).body.items).toEqual([])
  })
})

describe.each(READS)('$operationId of one’s own', (operation) => {
  it.each(rolesFor(operation))('is for %s as the document says, no field more', async (role) => {
    const answer = await seeded.send(seeded.owners[role], 'GET', pathToSeeded(operation, role))
    expect(answer).toMatchObject({ status: 200, type: 'application/json' })
    expect(operation.answer!.parse(answer.body)).toEqual(answer.body)
    if ('items' in answer.body) expect(answer.body.items).not.toEqual([])
  })
})
