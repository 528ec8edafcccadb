/** Duties as the API keeps them: every pair × every role on one program and one run, each refusal with its reason and on record. */
import { and, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assumeDuty } from '../../../src/features/identity/assume-duty.ts'
import { changeOrganization } from '../../../src/features/identity/change-organization.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { Duty, Role } from '../../../src/features/identity/schemas.ts'
import { duties } from '../../../src/features/identity/tables.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { type Answer, type ApiWorld, keyOf, openApi } from '../../app/api-world.ts'
import { engines } from '../../support/test-world.ts'
import { employ, foundTown, PERIOD, proposeRun, type Town } from '../referrals/proposed-run.ts'

/** Whose the duty is. */
const ROLE_OF: Record<Duty, Role> = {
  create: 'purchaser.officer',
  approve: 'purchaser.finance',
  settle: 'purchaser.finance',
  supervise: 'supervisor',
}

const PAIRS = Duty.options.flatMap((first) =>
  Duty.options.filter((second) => second !== first).map((second) => ({ first, second })),
)
const CASES = Role.options.flatMap((role) => PAIRS.map((pair) => ({ role, ...pair })))
/** Somebody without a duty, of the role that a duty belongs to, may take it: no case of these. */
const FORBIDDEN = CASES.filter(
  ({ role, first, second }) => role === ROLE_OF[first] || role !== ROLE_OF[second],
)

const TABLES = [
  'programs',
  'program_amendments',
  'accounts',
  'match_runs',
  'matches',
  'duties',
  'settlements',
  'statements',
  'findings',
  'finding_steps',
]

/** No version of anything: whose business it is not is told so, not to look again (RFC 9110 section 13.2.1). */
const STALE = 9_999

interface Asked {
  method: string
  path: string
  body: object
  action: string
}

describe.each(engines())('duties asked for on %s', (rung) => {
  let api: ApiWorld
  let town: Town
  let programId: string
  let runId: string
  /** Who has the duty on the program and the run. */
  const holders = {} as Record<Duty, { actor: Actor; key: string }>
  const bystanders = {} as Record<Role, { actor: Actor; key: string }>

  const keyed = async (actor: Actor) => ({ actor, key: await keyOf(api.world, actor) })
  const hire = async (role: Role, organizationId: string) =>
    keyed(await inTransaction(api.world.context(SYSTEM), (ctx) => employ(ctx, organizationId, role)))
  const ask = (key: string, { method, path, body }: Omit<Asked, 'action'>, version: number | null = null) =>
    api.send(key, method, path, {
      headers: {
        'content-type': 'application/json',
        ...(version === null ? {} : { 'if-match': `"${version}"` }),
      },
      body: JSON.stringify(body),
    })
  const program = (more: object = {}) => ({
    areaId: town.areaId,
    period: PERIOD,
    name: 'Fund',
    categories: ['elderly_care'],
    tiers: ['basic'],
    budget: 100_000,
    subsidyShare: 5000,
    ...more,
  })
  const finding = (subjectKind: 'program' | 'run', subjectId: string) => ({
    subjectKind,
    subjectId,
    respondentId: town.officer.organizationId,
    code: 'price_unfounded',
    severity: 'minor',
    text: 'Nobody asked for a second offer.',
  })

  beforeAll(async () => {
    api = await openApi(rung)
    town = await foundTown(api.world)
    const office = town.officer.organizationId
    holders.create = await keyed(town.officer)
    holders.approve = await keyed(town.finance)
    holders.settle = await hire('purchaser.finance', office)
    holders.supervise = await keyed(town.supervisor)
    for (const role of Role.options) {
      const { organizationId } = role.startsWith('purchaser') ? town.officer : api.actors[role]
      bystanders[role] = await hire(role, organizationId)
    }
    programId = await drafted(PERIOD)
    const path = `/v1/programs/${programId}`
    for (const [duty, step] of [
      ['create', 'submission'],
      ['approve', 'approval'],
      ['create', 'opening'],
    ] as const) {
      const { body } = await api.send(holders[duty].key, 'GET', path)
      const moved = { method: 'POST', path: `${path}/${step}`, body: {} }
      expect(await ask(holders[duty].key, moved, body.version)).toMatchObject({ status: 200 })
    }
    const found = { method: 'POST', path: '/v1/findings', body: finding('program', programId) }
    expect(await ask(holders.supervise.key, found)).toMatchObject({ status: 201 })
    api.world.clock.advance(40 * 86_400_000)
    const settling = { method: 'POST', path: '/v1/settlements', body: { programId, period: PERIOD } }
    expect(await ask(holders.settle.key, settling)).toMatchObject({ status: 201 })
    runId = (await proposeRun(api.world, town, 1)).runId
    for (const duty of ['create', 'approve', 'supervise'] as const) {
      const ctx = api.world.context(holders[duty].actor)
      await inTransaction(ctx, (ctx) => assumeDuty(ctx, runId, duty))
    }
  })
  afterAll(() => api.close())

  async function drafted(period: string): Promise<string> {
    const answer = await ask(holders.create.key, {
      method: 'POST',
      path: '/v1/programs',
      body: program({ period }),
    })
    expect(answer).toMatchObject({ status: 201 })
    return answer.body.id
  }

  /** What has the duty on the program done to it. */
  const ofProgram: Record<Duty, () => Asked> = {
    create: () => ({
      method: 'PUT',
      path: `/v1/programs/${programId}`,
      body: program({ budget: 1 }),
      action: 'program.revise',
    }),
    approve: () => ({
      method: 'POST',
      path: `/v1/programs/${programId}/amendments`,
      body: { budget: 900_000, reason: 'More' },
      action: 'program.amend',
    }),
    settle: () => ({
      method: 'POST',
      path: '/v1/settlements',
      body: { programId, period: '2027-01' },
      action: 'period.settle',
    }),
    supervise: () => ({
      method: 'POST',
      path: '/v1/findings',
      body: finding('program', programId),
      action: 'finding.open',
    }),
  }
  const ofRun: Partial<Record<Duty, () => Asked>> = {
    approve: () => ({ method: 'POST', path: `/v1/runs/${runId}/approval`, body: {}, action: 'run.approve' }),
    supervise: () => ({
      method: 'POST',
      path: '/v1/findings',
      body: finding('run', runId),
      action: 'finding.open',
    }),
  }

  /** Everything that could have come of it, what is on record of the attempts aside. */
  async function everything() {
    const ofTable = (table: string) =>
      sql`select ${table} as name, md5(string_agg(t::text, '' order by t::text)) as rows from ${sql.identifier(table)} t`
    const entries = sql`select 'audit_entries', count(*)::text from audit_entries where action <> 'attempt.refuse'`
    const { rows } = (await api.world.db.root.execute(
      sql.join([...TABLES.map(ofTable), entries], sql` union all `),
    )) as unknown as { rows: unknown[] }
    return rows
  }

  /** That it is refused, whatever the version, told why, changes nothing, and is on record with who tried. */
  async function expectRefused(who: { actor: Actor; key: string }, asked: Asked, objectId: string) {
    const before = await everything()
    const answer = await ask(who.key, asked, STALE)
    expect([asked, answer.status, answer.body.code]).toEqual([
      asked,
      403,
      expect.stringMatching(/^(forbidden|duty_conflict)$/),
    ])
    expect(answer.body.detail).toMatch(/[a-z]{3,}.*\.$/)
    expect(await everything()).toEqual(before)
    await expectOnRecord(who.actor, asked.action, objectId, answer)
    return answer.body.code as string
  }

  async function expectOnRecord({ principalId }: Actor, action: string, objectId: string, { body }: Answer) {
    const tried = await api.world.db.root
      .select()
      .from(auditEntries)
      .where(
        and(
          eq(auditEntries.action, 'attempt.refuse'),
          eq(auditEntries.principalId, principalId),
          eq(auditEntries.objectId, objectId),
        ),
      )
    expect(tried.map(({ facts }) => facts)).toContainEqual({ action, code: body.code })
  }

  const whoAsks = (role: Role, first: Duty) => (role === ROLE_OF[first] ? holders[first] : bystanders[role])

  it('were taken by everybody whose they are', async () => {
    const held = await api.send(holders.create.key, 'GET', `/v1/duties?objectId=${programId}`)
    const told = held.body.items.map(({ duty, principalId }: { duty: Duty; principalId: string }) => [
      duty,
      principalId,
    ])
    const taken = Duty.options.map((duty) => [duty, holders[duty].actor.principalId])
    expect(told.sort()).toEqual(taken.sort())
    expect(FORBIDDEN).toHaveLength(62)
  })

  it.each(FORBIDDEN)('$role: $first, then $second on one program', async ({ role, first, second }) => {
    const code = await expectRefused(whoAsks(role, first), ofProgram[second](), programId)
    const ofDuty = role === ROLE_OF[first] && role === ROLE_OF[second]
    expect(code).toBe(ofDuty ? 'duty_conflict' : 'forbidden')
  })

  const onRun = FORBIDDEN.filter(({ first, second }) => first !== 'settle' && ofRun[second])
  it.each(onRun)('$role: $first, then $second on one run', async ({ role, first, second }) => {
    await expectRefused(whoAsks(role, first), ofRun[second]!(), runId)
  })

  it('are not for a supervisor of the purchasing body', async () => {
    const office = town.officer.organizationId
    const watcher = bystanders.supervisor
    const operator = api.world.context({ role: 'operator' })
    const { organizationId: id } = watcher.actor
    const wanted = { id, name: 'Watch', secondBodyId: null }
    await changeOrganization(operator, { ...wanted, bodyId: office })
    expect(await expectRefused(watcher, ofProgram.supervise(), programId)).toBe('duty_conflict')
    expect(await expectRefused(watcher, ofRun.supervise!(), runId)).toBe('duty_conflict')
    await changeOrganization(operator, { ...wanted, bodyId: null })
    expect(await ask(watcher.key, ofProgram.supervise())).toMatchObject({ status: 201 })
    // Now it has supervised what the office purchases, and joins it no more.
    const joining = {
      method: 'PUT',
      path: `/v1/organizations/${id}`,
      body: { name: 'Watch', bodyId: office, secondBodyId: null },
    }
    const who = { actor: api.actors.operator, key: api.keys.operator }
    expect(await expectRefused(who, { ...joining, action: 'organization.change' }, id)).toBe('duty_conflict')
  })

  it('of a body that also provides are a second body’s', async () => {
    const second = town.strangers[1]!
    const office = town.officer.organizationId
    const draftId = await drafted('2027-02')
    const path = `/v1/programs/${draftId}`
    await ask(holders.create.key, { method: 'POST', path: `${path}/submission`, body: {} }, 1)
    const put = (id: string, body: object) =>
      ask(api.keys.operator, { method: 'PUT', path: `/v1/organizations/${id}`, body })
    const home = town.provider.organizationId
    expect(await put(home, { name: 'Home', bodyId: office, secondBodyId: null })).toMatchObject({
      body: { bodyId: office, dualBody: true },
    })
    const approval = { method: 'POST', path: `${path}/approval`, body: {}, action: 'program.approve' }
    expect(await expectRefused(holders.approve, approval, draftId)).toBe('duty_conflict')
    const { key } = await keyed(second)
    expect(await ask(key, approval, 2)).toMatchObject({ status: 404 })
    for (const secondBodyId of [office, home, api.actors.partner.organizationId]) {
      const refused = await put(office, { name: 'Office', bodyId: null, secondBodyId })
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/secondBodyId' }] } })
    }
    await put(office, { name: 'Office', bodyId: null, secondBodyId: second.organizationId })
    expect(await api.send(key, 'GET', path)).toMatchObject({ body: { dualBody: true, state: 'submitted' } })
    expect(await ask(key, approval, 2)).toMatchObject({ status: 200, body: { state: 'approved' } })
    const held = await api.world.db.root.select().from(duties).where(eq(duties.objectId, draftId))
    expect(held.map(({ duty, principalId }) => [duty, principalId])).toContainEqual([
      'approve',
      second.principalId,
    ])
  })
})
