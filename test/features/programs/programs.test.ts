import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { duties } from '../../../src/features/identity/tables.ts'
import { approveProgram } from '../../../src/features/programs/approve-program.ts'
import { createProgram } from '../../../src/features/programs/create-program.ts'
import { getProgram } from '../../../src/features/programs/get-program.ts'
import { listPrograms } from '../../../src/features/programs/list-programs.ts'
import { openProgram } from '../../../src/features/programs/open-program.ts'
import { nextProgramState, PROGRAM_EVENTS } from '../../../src/features/programs/program-lifecycle.ts'
import { type CreateProgram, ProgramState } from '../../../src/features/programs/schemas.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { accountsOf } from '../../../src/platform/ledger/accounts.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { foundTown, insertArea, PERIOD, type Town } from '../referrals/proposed-run.ts'

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

  it('are drafted, approved by another person, and opened with a fund account', async () => {
    const officer = world.context(town.officer)
    const draft = await createProgram(officer, fund())
    expect(draft).toMatchObject({ state: 'draft', currency: 'TWD', version: 1, unitCap: null })
    const opening = openProgram(officer, { id: draft.id, expectedVersion: 1 })
    await expect(opening).rejects.toMatchObject({ code: 'state_conflict' })
    const finance = world.context(town.finance)
    await approveProgram(finance, { id: draft.id, expectedVersion: 1 })
    const open = await openProgram(officer, { id: draft.id, expectedVersion: 2 })
    const [account] = await accountsOf(officer, [draft.id], PERIOD)
    expect(open).toMatchObject({ state: 'open', fundAccountId: account!.id, version: 3 })
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
        if (next === 'approved') expect(event).toBe('approve')
      }
    }
  })
})
