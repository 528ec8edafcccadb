import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeOrganization } from '../../../src/features/identity/change-organization.ts'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { duties } from '../../../src/features/identity/tables.ts'
import { amendProgram } from '../../../src/features/programs/amend-program.ts'
import { approveProgram } from '../../../src/features/programs/approve-program.ts'
import { closeProgram } from '../../../src/features/programs/close-program.ts'
import { createProgram } from '../../../src/features/programs/create-program.ts'
import { freezeProgram } from '../../../src/features/programs/freeze-program.ts'
import { getProgram } from '../../../src/features/programs/get-program.ts'
import { listAmendments } from '../../../src/features/programs/list-amendments.ts'
import { listPrograms } from '../../../src/features/programs/list-programs.ts'
import { openProgram } from '../../../src/features/programs/open-program.ts'
import { nextProgramState, PROGRAM_EVENTS } from '../../../src/features/programs/program-lifecycle.ts'
import { reviseProgram } from '../../../src/features/programs/revise-program.ts'
import { type CreateProgram, ProgramState } from '../../../src/features/programs/schemas.ts'
import { submitProgram } from '../../../src/features/programs/submit-program.ts'
import { thawProgram } from '../../../src/features/programs/thaw-program.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { accountsOf } from '../../../src/platform/ledger/accounts.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { employ, foundTown, insertArea, PERIOD, type Town } from '../referrals/proposed-run.ts'

describe.each(engines())('programs on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let partId: string
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    partId = await inTransaction(world.context(SYSTEM), (ctx) => insertArea(ctx, town.areaId))
  })
  afterAll(() => world.close())

  const fund = (more: Partial<CreateProgram> = {}): CreateProgram => ({
    areaId: town.areaId,
    period: PERIOD,
    name: 'Day care fund',
    categories: ['elderly_care'],
    tiers: ['basic'],
    budget: 1_000_000,
    subsidyShare: 8400,
    eligibility: { fact: 'age', op: 'gte', value: 65 },
    ...more,
  })

  /** Through all hands. */
  const opened = async (more: Partial<CreateProgram> = {}) => {
    const { id } = await createProgram(world.context(town.officer), fund(more))
    await submitProgram(world.context(town.officer), { id, expectedVersion: 1 })
    await approveProgram(world.context(town.finance), { id, expectedVersion: 2 })
    return openProgram(world.context(town.officer), { id, expectedVersion: 3 })
  }

  it('are drafted, submitted, approved by another person, and opened with a fund account', async () => {
    const officer = world.context(town.officer)
    const draft = await createProgram(officer, fund({ subsidyFixed: 5000, priceCeiling: 90_000 }))
    expect(draft).toMatchObject({
      state: 'draft',
      currency: 'TWD',
      version: 1,
      unitCap: null,
      subsidyFixed: 5000,
      subsidyOrder: 'share_first',
      priceCeiling: 90_000,
      dualBody: false,
    })
    const opening = openProgram(officer, { id: draft.id, expectedVersion: 1 })
    await expect(opening).rejects.toMatchObject({ code: 'state_conflict' })
    const finance = world.context(town.finance)
    const early = approveProgram(finance, { id: draft.id, expectedVersion: 1 })
    await expect(early).rejects.toMatchObject({ code: 'state_conflict' })
    await submitProgram(officer, { id: draft.id, expectedVersion: 1 })
    await approveProgram(finance, { id: draft.id, expectedVersion: 2 })
    const open = await openProgram(officer, { id: draft.id, expectedVersion: 3 })
    const [account] = await accountsOf(officer, [draft.id], PERIOD)
    expect(open).toMatchObject({ state: 'open', fundAccountId: account!.id, version: 4 })
    expect(account).toMatchObject({ kind: 'fund', unit: 'TWD', limit: 1_000_000, held: 0, spent: 0 })
    const held = await world.db.root.select().from(duties).where(eq(duties.objectId, draft.id))
    expect(held.map(({ duty }) => duty).sort()).toEqual(['approve', 'create'])
  })

  it('are never approved by the person who drafted them, whatever role that person has now', async () => {
    const draft = await createProgram(world.context(town.officer), fund())
    const promoted = world.context({ ...town.officer, role: 'purchaser.finance' })
    const approving = approveProgram(promoted, { id: draft.id, expectedVersion: 1 })
    await expect(approving).rejects.toMatchObject({ code: 'duty_conflict' })
  })

  it('are revised as long as they are drafts, and by nobody who approves them afterwards', async () => {
    const { id } = await createProgram(world.context(town.officer), fund({ unitCap: 100 }))
    const colleague = await inTransaction(world.context(SYSTEM), (ctx) =>
      employ(ctx, town.officer.organizationId, 'purchaser.officer'),
    )
    const anew = { id, expectedVersion: 1, ...fund({ name: 'Day care', subsidyShare: 5000 }) }
    const revised = await reviseProgram(world.context(colleague), anew)
    // All of it anew: what is not said is as it is where nothing is said.
    expect(revised).toMatchObject({ name: 'Day care', subsidyShare: 5000, unitCap: null, version: 2 })
    await submitProgram(world.context(town.officer), { id, expectedVersion: 2 })
    const late = reviseProgram(world.context(colleague), { ...anew, expectedVersion: 3 })
    await expect(late).rejects.toMatchObject({ code: 'state_conflict' })
    const promoted = world.context({ ...colleague, role: 'purchaser.finance' })
    const approving = approveProgram(promoted, { id, expectedVersion: 3 })
    await expect(approving).rejects.toMatchObject({ code: 'duty_conflict', facts: { held: 'create' } })
  })

  it('are frozen, thawed, and closed once nothing is held', async () => {
    const officer = world.context(town.officer)
    const { id, fundAccountId } = await opened()
    const step = (version: number) => ({ id, expectedVersion: version })
    expect(await freezeProgram(officer, step(4))).toMatchObject({ state: 'frozen', version: 5 })
    expect(await thawProgram(officer, step(5))).toMatchObject({ state: 'open', version: 6 })
    const fundOf = eq(accounts.id, fundAccountId!)
    await world.db.root.update(accounts).set({ held: 700, spent: 300 }).where(fundOf)
    const busy = closeProgram(officer, step(6))
    await expect(busy).rejects.toMatchObject({ code: 'state_conflict', facts: { held: 700, spent: 300 } })
    await world.db.root.update(accounts).set({ held: 0, spent: 1000 }).where(fundOf)
    expect(await closeProgram(officer, step(6))).toMatchObject({ state: 'closed', version: 7 })
    for (const again of [freezeProgram, thawProgram, openProgram, closeProgram]) {
      await expect(again(officer, step(7))).rejects.toMatchObject({ code: 'state_conflict' })
    }
  })

  it('have their budgets amended up and down by those who approve, never below what is held and spent', async () => {
    const finance = world.context(town.finance)
    const { id, fundAccountId } = await opened()
    const amend = (expectedVersion: number, budget: number, by = finance) =>
      amendProgram(by, { id, expectedVersion, budget, reason: 'The waiting list' })
    await world.db.root.update(accounts).set({ held: 700, spent: 300 }).where(eq(accounts.id, fundAccountId!))
    expect(await amend(4, 2_000_000)).toMatchObject({ before: 1_000_000, after: 2_000_000 })
    expect(await amend(5, 1000)).toMatchObject({ before: 2_000_000, after: 1000 })
    await expect(amend(6, 999)).rejects.toMatchObject({
      code: 'insufficient',
      facts: { held: 700, spent: 300 },
    })
    await expect(amend(6, 5000, world.context(town.officer))).rejects.toMatchObject({ code: 'forbidden' })
    const creator = world.context({ ...town.officer, role: 'purchaser.finance' })
    await expect(amend(6, 5000, creator)).rejects.toMatchObject({ code: 'duty_conflict' })
    expect(await getProgram(finance, id)).toMatchObject({ budget: 1000, version: 6 })
    const [fundAccount] = await accountsOf(finance, [id], PERIOD)
    expect(fundAccount).toMatchObject({ limit: 1000, held: 700, spent: 300 })
    const { items } = await listAmendments(finance, id, { limit: 50 })
    expect(items.map(({ before, after }) => [before, after])).toEqual([
      [1_000_000, 2_000_000],
      [2_000_000, 1000],
    ])
    const refused = await world.db.root
      .select({ facts: auditEntries.facts })
      .from(auditEntries)
      .where(and(eq(auditEntries.objectId, id), eq(auditEntries.action, 'attempt.refuse')))
    const codes = ['duty_conflict', 'forbidden', 'insufficient']
    const told = refused.map(({ facts }) => facts as { action: string; code: string })
    told.sort((one, other) => (one.code < other.code ? -1 : 1))
    expect(told).toEqual(codes.map((code) => ({ action: 'program.amend', code })))
    const draft = await createProgram(world.context(town.officer), fund())
    const none = amendProgram(finance, { id: draft.id, expectedVersion: 1, budget: 1, reason: 'None yet' })
    await expect(none).rejects.toMatchObject({ code: 'state_conflict' })
  })

  it('of a body that also provides are flagged, and approved and amended by its second body alone', async () => {
    const { organizationId: office } = town.officer
    const operator = world.context({ role: 'operator' })
    const second = town.strangers[1]!
    const plain = await opened()
    const home = await createOrganization(operator, { kind: 'provider', name: 'Home', sector: 'government' })
    const bodies = (bodyId: string | null, secondBodyId: string | null) =>
      Promise.all([
        changeOrganization(operator, { id: home.id, name: 'Home', bodyId, secondBodyId: null }),
        changeOrganization(operator, { id: office, name: 'Office', bodyId: null, secondBodyId }),
      ])
    await bodies(office, second.organizationId)
    const draft = await createProgram(world.context(town.officer), fund())
    expect(draft.dualBody).toBe(true)
    const page = await listPrograms(world.context(town.finance), { limit: 50 })
    expect(page.items.every(({ dualBody }) => dualBody)).toBe(true)
    await submitProgram(world.context(town.officer), { id: draft.id, expectedVersion: 1 })
    const wanted = { id: draft.id, expectedVersion: 2 }
    const own = approveProgram(world.context(town.finance), wanted)
    await expect(own).rejects.toMatchObject({ code: 'duty_conflict' })
    const approved = await approveProgram(world.context(second), wanted)
    expect(approved).toMatchObject({ state: 'approved', dualBody: true })
    await openProgram(world.context(town.officer), { id: draft.id, expectedVersion: 3 })
    // Who approved before the body began to provide does not decide on its own any more.
    const more = { id: plain.id, expectedVersion: 4, budget: 2_000_000, reason: 'More' }
    await expect(amendProgram(world.context(town.finance), more)).rejects.toMatchObject({
      code: 'duty_conflict',
    })
    expect(await amendProgram(world.context(second), more)).toMatchObject({ after: 2_000_000 })
    await bodies(null, null)
    const gone = getProgram(world.context(second), draft.id)
    await expect(gone).rejects.toMatchObject({ code: 'not_found' })
    expect(await getProgram(world.context(town.finance), draft.id)).toMatchObject({ dualBody: false })
  })

  it('are refused for areas beyond the actor’s reach, and for months that are over', async () => {
    const local = world.context({ ...town.officer, areaId: partId })
    expect(await createProgram(local, fund({ areaId: partId }))).toMatchObject({ areaId: partId })
    for (const [more, pointer] of [
      [{ areaId: town.areaId }, '/areaId'],
      [{ areaId: partId, period: '2026-11' }, '/period'],
    ] as const) {
      const refusal = { code: 'invalid_input', errors: [{ pointer }] }
      await expect(createProgram(local, fund(more))).rejects.toMatchObject(refusal)
    }
  })

  it('are refused at a version that nobody sees any more', async () => {
    const draft = await createProgram(world.context(town.officer), fund())
    const approving = approveProgram(world.context(town.finance), { id: draft.id, expectedVersion: 2 })
    await expect(approving).rejects.toMatchObject({ code: 'precondition_failed' })
  })

  it('are seen by their purchaser and by supervisors of their area, nobody else', async () => {
    const draft = await createProgram(world.context(town.officer), fund({ areaId: partId }))
    const sees = (actor: object) =>
      getProgram(world.context(actor), draft.id).then((row) => row.id === draft.id)
    expect(await sees(town.finance)).toBe(true)
    expect(await sees(town.supervisor)).toBe(true)
    expect(await sees({ ...town.supervisor, areaId: town.areaId })).toBe(true)
    const elsewhere = await inTransaction(world.context(SYSTEM), (ctx) => insertArea(ctx))
    for (const actor of [{ ...town.supervisor, areaId: elsewhere }, town.strangers[1]!]) {
      await expect(sees(actor)).rejects.toMatchObject({ code: 'not_found' })
      const page = await listPrograms(world.context(actor), { limit: 50 })
      expect(page.items).toEqual([])
    }
    await expect(sees(town.provider)).rejects.toMatchObject({ code: 'forbidden' })
    const page = await listPrograms(world.context(town.finance), {
      limit: 50,
      areaId: partId,
      state: 'draft',
    })
    expect(page.items.map(({ id }) => id)).toContain(draft.id)
  })
})

describe('nextProgramState', () => {
  const leads = (event: (typeof PROGRAM_EVENTS)[number], state: ProgramState) => {
    try {
      return nextProgramState(event, state)
    } catch {
      return null
    }
  }

  it('opens only what was approved, and never leaves `closed`', () => {
    for (const event of PROGRAM_EVENTS) {
      expect(leads(event, 'closed')).toBeNull()
      for (const state of ProgramState.options) {
        const next = leads(event, state)
        if (next === 'open') expect(['approved', 'frozen']).toContain(state)
        if (next === 'approved') expect([event, state]).toEqual(['approve', 'submitted'])
        if (next === 'draft') expect(state).toBe('draft')
      }
    }
  })
})
