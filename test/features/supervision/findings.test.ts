import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { duties, organizations } from '../../../src/features/identity/tables.ts'
import { getFinding, listFindings } from '../../../src/features/supervision/list-findings.ts'
import {
  closeFinding,
  correctFinding,
  reopenFinding,
  respondToFinding,
  verifyFinding,
} from '../../../src/features/supervision/move-finding.ts'
import { findingSteps } from '../../../src/features/supervision/tables.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import type { Opened } from '../referrals/opened-referral.ts'
import { employ, organize } from '../referrals/proposed-run.ts'
import { findingAbout, lastTold, openWatchedTown, type WatchedTown } from './watched-town.ts'

const DAY = 86_400_000

describe.each(engines())('findings on %s', (rung) => {
  let watched: WatchedTown
  let opened: Opened
  beforeAll(async () => {
    watched = await openWatchedTown(rung)
    opened = await watched.parties.opened()
  })
  afterAll(() => watched.world.close())

  const as = (actor: Actor) => watched.world.context(actor)
  const open = (more = {}) => findingAbout(watched, opened.referral.id, more)
  const inDays = (days: number) => new Date(watched.world.clock.read().getTime() + days * DAY).toISOString()

  it('go from open to closed, each step by whose it is, and back where it is not so', async () => {
    const { supervisor, second, town } = watched
    const { id } = await open({ dueBy: inDays(7) })
    const at = (expectedVersion: number, text = 'Words') => ({ id, expectedVersion, text })
    expect(await respondToFinding(as(town.provider), at(1))).toMatchObject({ state: 'responded' })
    expect(await correctFinding(as(town.provider), at(2))).toMatchObject({ state: 'corrected', dueBy: null })
    const dueBy = inDays(3)
    expect(await reopenFinding(as(supervisor), { ...at(3), dueBy })).toMatchObject({
      state: 'open',
      dueBy: new Date(dueBy),
    })
    await respondToFinding(as(town.provider), at(4))
    await correctFinding(as(town.provider), at(5))
    expect(await verifyFinding(as(second), at(6))).toMatchObject({ state: 'verified' })
    expect(await closeFinding(as(supervisor), { id, expectedVersion: 7 })).toMatchObject({ version: 8 })
    const { steps, state } = await getFinding(as(town.provider), id)
    expect([state, ...steps.map(({ step }) => step)]).toEqual([
      'closed',
      'open',
      'respond',
      'correct',
      'reopen',
      'respond',
      'correct',
      'verify',
      'close',
    ])
    const { type, audience } = await lastTold(watched, id)
    expect([type, audience.toSorted()]).toEqual([
      'finding.closed',
      [town.provider.organizationId, supervisor.organizationId].toSorted(),
    ])
  })

  it('take the duty to supervise the referral and the run behind it', async () => {
    await open()
    const { supervisor, world } = watched
    const taken = await world.db.root
      .select()
      .from(duties)
      .where(eq(duties.principalId, supervisor.principalId))
    expect(taken.map(({ objectId }) => objectId)).toEqual(
      expect.arrayContaining([opened.referral.id, opened.run.runId]),
    )
    expect(new Set(taken.map(({ duty }) => duty))).toEqual(new Set(['supervise']))
  })

  it('are refused to the body that purchased or is what it would supervise', async () => {
    const { world, town } = watched
    for (const { organizationId: bodyId } of [town.provider, town.finance]) {
      const supervisor = await inTransaction(world.context(SYSTEM), async (ctx) => {
        const id = await organize(ctx, 'supervisor')
        await ctx.tx.update(organizations).set({ bodyId }).where(eq(organizations.id, id))
        return employ(ctx, id, 'supervisor')
      })
      const { referral } = await watched.parties.opened()
      const tried = findingAbout({ ...watched, supervisor }, referral.id)
      await expect(tried).rejects.toMatchObject({ code: 'duty_conflict' })
      const told = await lastTold(watched, referral.id)
      expect([told.type, told.data]).toMatchObject([
        'attempt.refused',
        { action: 'finding.open', code: 'duty_conflict' },
      ])
    }
  })

  it('exist for nobody else, and are not for the wrong party to move', async () => {
    const { town, elsewhere, supervisor } = watched
    const { id } = await open()
    const step = { id, expectedVersion: 1, text: 'Words' }
    const [stranger] = town.strangers
    for (const actor of [stranger!, elsewhere, town.finance]) {
      await expect(getFinding(as(actor), id)).rejects.toMatchObject({ code: 'not_found' })
      expect((await listFindings(as(actor), { limit: 50, subjectId: opened.referral.id })).items).toEqual([])
    }
    await expect(respondToFinding(as(stranger!), step)).rejects.toMatchObject({ code: 'not_found' })
    await expect(respondToFinding(as(supervisor), step)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(verifyFinding(as(town.provider), step)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(verifyFinding(as(elsewhere), step)).rejects.toMatchObject({ code: 'not_found' })
    await expect(verifyFinding(as(supervisor), step)).rejects.toMatchObject({ code: 'state_conflict' })
    await expect(respondToFinding(as(town.provider), { ...step, expectedVersion: 2 })).rejects.toMatchObject({
      code: 'precondition_failed',
    })
    expect(await getFinding(as(town.provider), id)).toMatchObject({ state: 'open', version: 1 })
  })

  it('ask somebody whom the subject concerns, in time, about what is there', async () => {
    const { town } = watched
    const flaws = [
      { respondentId: town.strangers[0]!.organizationId },
      { dueBy: inDays(-1) },
      { source: 'inspection', sourceId: opened.referral.id },
      { source: 'complaint', sourceId: opened.referral.id },
      { source: 'complaint' },
    ]
    for (const flaw of flaws) await expect(open(flaw)).rejects.toMatchObject({ code: 'invalid_input' })
    const nothing = open({ subjectId: town.areaId })
    await expect(nothing).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are overdue from the instant after the deadline until they are corrected', async () => {
    const { town, world, supervisor } = watched
    const { id } = await open({ dueBy: inDays(1) })
    const late = async () => {
      const { items } = await listFindings(as(supervisor), { limit: 200, overdue: true })
      expect((await listFindings(as(supervisor), { limit: 200, overdue: false })).items).not.toEqual([])
      return items.some((row) => row.id === id && row.overdue)
    }
    world.clock.advance(DAY)
    expect(await late()).toBe(false)
    world.clock.advance(1)
    expect(await late()).toBe(true)
    await respondToFinding(as(town.provider), { id, expectedVersion: 1, text: 'Soon' })
    expect(await late()).toBe(true)
    await correctFinding(as(town.provider), { id, expectedVersion: 2, text: 'Done' })
    expect(await late()).toBe(false)
  })

  it('keep their steps as they were, save words that are erased', async () => {
    const { world } = watched
    const { id } = await open()
    const own = eq(findingSteps.findingId, id)
    const changed = world.db.root.update(findingSteps).set({ text: 'Other words' }).where(own)
    await expect(changed).rejects.toThrow()
    await expect(world.db.root.update(findingSteps).set({ step: 'close' }).where(own)).rejects.toThrow()
    await expect(world.db.root.delete(findingSteps).where(own)).rejects.toThrow()
    await world.db.root.update(findingSteps).set({ text: null }).where(own)
  })
})
