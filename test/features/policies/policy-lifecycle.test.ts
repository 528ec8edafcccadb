/** A policy from its draft to the next one: every state × every verb, the dates, the two persons, and who sees what. */
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { duties } from '../../../src/features/identity/tables.ts'
import { adoptPolicy } from '../../../src/features/policies/adopt-policy.ts'
import { adoptedPolicy } from '../../../src/features/policies/adopted-policy.ts'
import { comparePolicies } from '../../../src/features/policies/compare-policies.ts'
import { consultPolicy } from '../../../src/features/policies/consult-policy.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { draftPolicy } from '../../../src/features/policies/draft-policy.ts'
import { getPolicy, type PolicyRow } from '../../../src/features/policies/get-policy.ts'
import { listPolicies } from '../../../src/features/policies/list-policies.ts'
import { nextPolicyState, POLICY_EVENTS, phaseOf } from '../../../src/features/policies/policy-lifecycle.ts'
import { revisePolicy } from '../../../src/features/policies/revise-policy.ts'
import { PolicyState } from '../../../src/features/policies/schemas.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { type Actor, type Context, inTransaction } from '../../../src/platform/context.ts'
import { databaseErrorOf } from '../../../src/platform/db/database-errors.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { employ, foundTown, insertArea, organize, type Town } from '../referrals/proposed-run.ts'

const DAY = 86_400_000

describe('the states of a policy', () => {
  const LEGAL = { revise: 'draft', consult: 'draft', adopt: 'consultation', supersede: 'adopted' } as const
  const pairs = POLICY_EVENTS.flatMap((event) => PolicyState.options.map((state) => ({ event, state })))

  it.each(pairs)('$event of one that is $state', ({ event, state }) => {
    const move = () => nextPolicyState(event, state)
    if (LEGAL[event] === state) expect(PolicyState.options).toContain(move())
    else expect(move).toThrow(/does not take/)
  })

  it('knows the first instant of the window and the first after it', () => {
    const consultedFrom = new Date('2026-12-01T00:00:00Z')
    const consultedUntil = new Date('2026-12-08T00:00:00Z')
    const at = (ms: number) => phaseOf({ consultedFrom, consultedUntil }, new Date(ms))
    expect(at(consultedFrom.getTime() - 1)).toBe('before')
    expect(at(consultedFrom.getTime())).toBe('open')
    expect(at(consultedUntil.getTime() - 1)).toBe('open')
    expect(at(consultedUntil.getTime())).toBe('over')
    expect(phaseOf({ consultedFrom: null, consultedUntil: null }, consultedFrom)).toBe('none')
  })
})

describe.each(engines())('a policy on its way on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let otherOfficer: Actor
  let foreignOfficer: Actor
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    otherOfficer = await inTransaction(world.context(SYSTEM), (ctx) =>
      employ(ctx, town.officer.organizationId, 'purchaser.officer'),
    )
    foreignOfficer = await inTransaction(world.context(SYSTEM), async (ctx) =>
      employ(ctx, await organize(ctx, 'purchaser'), 'purchaser.officer'),
    )
  })
  afterAll(() => world.close())

  const as = (actor: Actor): Context => world.context(actor)
  const hence = (days: number) => new Date(world.clock.read().getTime() + days * DAY).toISOString()
  const draft = (decisionDays = 7) =>
    draftPolicy(as(town.officer), {
      document: { ...DEFAULT_POLICY.document, decisionDays },
      text: `${decisionDays} days.`,
    })
  const consult = ({ id, version }: PolicyRow, window: { from?: string; until?: string } = {}) =>
    consultPolicy(as(town.officer), { id, expectedVersion: version, until: hence(7), ...window })
  const adopt = ({ id, version }: PolicyRow, actor = town.finance) =>
    adoptPolicy(as(actor), { id, expectedVersion: version })
  const revise = ({ id, version }: PolicyRow, actor = town.officer) =>
    revisePolicy(as(actor), { id, expectedVersion: version, ...DEFAULT_POLICY })
  const refusal = (code: string) => ({ code })

  it('is drafted, revised, put to the public, adopted once it has been heard, and supersedes', async () => {
    const first = await adoptedPolicy(as(town.officer))
    const drafted = await draft()
    expect(drafted).toMatchObject({
      number: 2,
      state: 'draft',
      version: 1,
      draftedBy: town.officer.principalId,
    })
    const revised = await revisePolicy(as(otherOfficer), {
      id: drafted.id,
      expectedVersion: 1,
      document: { ...drafted.document, decisionDays: 9 },
      text: 'Nine days.',
    })
    expect(revised).toMatchObject({ state: 'draft', version: 2, text: 'Nine days.' })
    const consulted = await consult(revised)
    expect(consulted).toMatchObject({ state: 'consultation', version: 3, consultedFrom: world.clock.read() })
    await expect(adopt(consulted)).rejects.toMatchObject(refusal('state_conflict'))
    world.clock.advance(7 * DAY - 1)
    await expect(adopt(consulted)).rejects.toMatchObject(refusal('state_conflict'))
    world.clock.advance(1)
    const adopted = await adopt(consulted)
    expect(adopted).toMatchObject({ state: 'adopted', adoptedAt: world.clock.read(), version: 4 })
    expect(await adoptedPolicy(as(town.partner))).toEqual(adopted)
    expect((await getPolicy(as(town.partner), first.id)).state).toBe('superseded')
    const held = await world.db.root.select().from(duties)
    const roles = held.filter(({ objectId }) => objectId === drafted.id).map(({ duty }) => duty)
    expect(roles.toSorted()).toEqual(['approve', 'create', 'create'])
  })

  it('takes each verb in its own state alone, and none under another version', async () => {
    const drafted = await draft()
    await expect(adopt(drafted)).rejects.toMatchObject(refusal('state_conflict'))
    const stale = { ...drafted, version: 9 }
    for (const trying of [revise, consult, adopt]) {
      await expect(trying(stale)).rejects.toMatchObject(refusal('precondition_failed'))
    }
    const consulted = await consult(drafted)
    for (const trying of [revise, consult]) {
      await expect(trying(consulted)).rejects.toMatchObject(refusal('state_conflict'))
    }
    world.clock.advance(7 * DAY)
    const adopted = await adopt(consulted)
    for (const trying of [revise, consult, adopt]) {
      await expect(trying(adopted)).rejects.toMatchObject(refusal('state_conflict'))
    }
  })

  it('asks for a window of a day at least and a year at most that has not begun', async () => {
    const drafted = await draft()
    const windows = [
      { from: hence(-1), until: hence(7) },
      { until: hence(0.9) },
      { from: hence(3), until: hence(3.9) },
      { from: hence(3), until: hence(2) },
      { until: hence(367) },
    ]
    for (const window of windows) {
      await expect(consult(drafted, window)).rejects.toMatchObject(refusal('invalid_input'))
    }
    const { consultedFrom } = await consult(drafted, { from: hence(3), until: hence(4) })
    expect(consultedFrom?.toISOString()).toBe(hence(3))
  })

  it('takes another person to adopt than to write, and puts every other try on record', async () => {
    const drafted = await draft()
    const consulted = await consult(drafted)
    world.clock.advance(7 * DAY)
    // Whoever drafted it and has changed desks since is still who drafted it.
    const moved = { ...town.officer, role: 'purchaser.finance' }
    await expect(adopt(consulted, moved)).rejects.toMatchObject(refusal('duty_conflict'))
    await expect(adopt(consulted, town.officer)).rejects.toMatchObject(refusal('forbidden'))
    await expect(adopt(consulted, town.strangers[1])).rejects.toMatchObject(refusal('forbidden'))
    const tried = (await world.db.root.select().from(auditEntries))
      .filter(({ action, objectId }) => action === 'attempt.refuse' && objectId === drafted.id)
      .map(({ facts }) => facts)
    expect(tried).toEqual([
      { action: 'policy.adopt', code: 'duty_conflict' },
      { action: 'policy.adopt', code: 'forbidden' },
      { action: 'policy.adopt', code: 'forbidden' },
    ])
    const error = await world.db.root
      .execute(sql`update policies set state = 'adopted' where id = ${drafted.id}`)
      .catch((thrown) => thrown)
    expect(databaseErrorOf(error)).toMatchObject({ constraint: 'policies_duty' })
    expect((await adopt(consulted)).state).toBe('adopted')
  })

  it('leaves one in force where two are adopted, and others drafted, at the same moment', async () => {
    const shown: PolicyRow[] = []
    for (const days of [3, 4]) shown.push(await consult(await draft(days)))
    world.clock.advance(7 * DAY)
    await Promise.all([...shown.map((one) => adopt(one)), draft(5), draft(6)])
    const { items } = await listPolicies(as(town.officer), { limit: 200 })
    expect(items.filter(({ state }) => state === 'adopted')).toHaveLength(1)
    const states = shown.map(({ id }) => items.find((row) => row.id === id)!.state)
    expect(states.toSorted()).toEqual(['adopted', 'superseded'])
    expect(new Set(items.map(({ number }) => number)).size).toBe(items.length)
  })

  it('does not change once it is shown, nor skip a step, whoever asks the database', async () => {
    const { id } = await draft()
    const errorOf = async (change: ReturnType<typeof sql>) => {
      const asked = world.db.root.execute(sql`update policies set ${change} where id = ${id}`)
      return databaseErrorOf(await asked.catch((thrown) => thrown))?.constraint
    }
    expect(await errorOf(sql`state = 'superseded'`)).toBe('policies_steps')
    expect(await errorOf(sql`state = 'consultation'`)).toBe('policies_steps')
    await consult(await getPolicy(as(town.officer), id))
    for (const change of [
      sql`text = 'better'`,
      sql`document = document || '{"decisionDays": 1}'`,
      sql`consulted_until = consulted_until - interval '6 days'`,
      sql`drafted_by = null`,
    ]) {
      expect(await errorOf(change)).toBe('policies_adopted_immutable')
    }
    expect(await errorOf(sql`state = 'draft'`)).toBe('policies_steps')
  })

  it('is for its own purchasers and supervisors while it is a draft, and for everybody afterwards', async () => {
    const drafted = await draft()
    const operator: Actor = { ...SYSTEM, role: 'operator' }
    const insiders = [town.officer, town.finance, otherOfficer, town.supervisor]
    const outsiders = [town.provider, town.partner, operator, foreignOfficer, ...town.strangers]
    const seenBy = async (actor: Actor) => {
      const { items } = await listPolicies(as(actor), { limit: 200 })
      return items.some(({ id }) => id === drafted.id)
    }
    const drafts = async (actor: Actor) =>
      (await listPolicies(as(actor), { limit: 200, state: 'draft' })).items.length
    for (const actor of insiders) {
      expect((await getPolicy(as(actor), drafted.id)).id).toBe(drafted.id)
      expect(await seenBy(actor)).toBe(true)
    }
    for (const actor of outsiders) {
      await expect(getPolicy(as(actor), drafted.id)).rejects.toMatchObject(refusal('not_found'))
      await expect(comparePolicies(as(actor), { id: drafted.id })).rejects.toMatchObject(refusal('not_found'))
      expect(await seenBy(actor)).toBe(false)
      expect(await drafts(actor)).toBe(0)
    }
    await expect(revise(drafted, foreignOfficer)).rejects.toMatchObject(refusal('not_found'))
    await consult(drafted)
    for (const actor of [...insiders, ...outsiders]) expect(await seenBy(actor)).toBe(true)
    await expect(revise(drafted, foreignOfficer)).rejects.toMatchObject(refusal('forbidden'))
  })

  it('is compared in words with the one in force, or with any other', async () => {
    const areaId = await inTransaction(world.context(SYSTEM), (ctx) => insertArea(ctx))
    const inForce = await adoptedPolicy(as(town.officer))
    const { document } = inForce
    const drafted = await draftPolicy(as(town.officer), {
      document: {
        ...document,
        decisionDays: 1,
        floors: [{ group: { by: 'area', value: areaId }, share: 40 }],
      },
      text: inForce.text,
    })
    const difference = await comparePolicies(as(town.supervisor), { id: drafted.id })
    expect(difference).toMatchObject({ from: inForce.id, to: drafted.id, textChanged: false })
    expect(difference.differences).toEqual([
      {
        path: '/decisionDays',
        before: inForce.document.decisionDays,
        after: 1,
        sentence: `The time to answer a referral falls from ${inForce.document.decisionDays} to 1 day.`,
      },
      {
        path: `/floors/area/${areaId}`,
        before: 0,
        after: 40,
        sentence: 'At least 40 percent of the needs of those who live in Area are to be met.',
      },
    ])
    const back = await comparePolicies(as(town.supervisor), { id: inForce.id, from: drafted.id })
    expect(back.differences.map(({ before, after }) => [before, after])).toEqual([
      [1, inForce.document.decisionDays],
      [40, 0],
    ])
    expect((await comparePolicies(as(town.partner), { id: inForce.id })).differences).toEqual([])
  })
})
