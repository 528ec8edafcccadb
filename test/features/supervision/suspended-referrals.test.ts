import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { decideSuspendedReferral } from '../../../src/features/supervision/decide-suspended-referral.ts'
import { imposeSuspension } from '../../../src/features/supervision/impose-suspension.ts'
import { liftSuspension } from '../../../src/features/supervision/lift-suspension.ts'
import { getSuspension } from '../../../src/features/supervision/list-suspensions.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import type { Opened } from '../referrals/opened-referral.ts'
import { proposeRun } from '../referrals/proposed-run.ts'
import { lastTold, openWatchedTown, type WatchedTown } from './watched-town.ts'

describe.each(engines())('referrals of a suspended provider on %s', (rung) => {
  let watched: WatchedTown
  beforeAll(async () => {
    watched = await openWatchedTown(rung)
  })
  afterAll(() => watched.world.close())

  const as = (actor: Actor) => watched.world.context(actor)
  const impose = (offeringId: string | null = null) =>
    imposeSuspension(as(watched.supervisor), {
      providerId: watched.town.provider.organizationId,
      offeringId,
      reason: 'license_lost',
      text: 'It ran out.',
    })
  const decide = (actor: Actor, suspensionId: string, referralId: string, decision: 'continue' | 'end') =>
    decideSuspendedReferral(as(actor), { suspensionId, referralId, decision })

  it('each get one decision of whoever pays; an end gives back what is left', async () => {
    const { town, parties, supervisor } = watched
    const begun = await parties.opened({ quantity: 2, steps: ['accept', 'yes', 'start'] })
    await parties.deliver(begun.referral, 1)
    const asked = await parties.opened()
    const over = await parties.opened()
    await parties.move(town.provider, over.referral, 'reject', 'no_capacity')
    const { id, referrals: running } = await impose()
    expect(running.map(({ referralId }) => referralId)).toEqual(
      [begun.referral.id, asked.referral.id].toSorted(),
    )
    const { type, audience } = await lastTold(watched, asked.referral.id)
    expect([type, audience]).toEqual([
      'suspended_referral.asked',
      [town.officer.organizationId, town.provider.organizationId],
    ])
    for (const actor of [town.partner, town.provider, supervisor, town.strangers[1]!]) {
      const tried = decide(actor, id, asked.referral.id, 'end')
      await expect(tried).rejects.toMatchObject({ code: expect.stringMatching(/not_found|forbidden/) })
    }
    await decide(town.officer, id, begun.referral.id, 'end')
    expect(await parties.read(begun.referral)).toMatchObject({
      status: 'cancelled',
      statusReason: 'provider_suspended',
    })
    expect(await parties.afterwards(begun.run)).toMatchObject({ held: 0, spent: 1000, used: 1 })
    await decide(town.officer, id, asked.referral.id, 'continue')
    expect(await parties.read(asked.referral)).toMatchObject({ status: 'requested' })
    const again = decide(town.officer, id, asked.referral.id, 'end')
    await expect(again).rejects.toMatchObject({ code: 'state_conflict' })
    const unlisted = decide(town.officer, id, over.referral.id, 'end')
    await expect(unlisted).rejects.toMatchObject({ code: 'not_found' })
    const shown = await getSuspension(as(town.officer), id)
    expect(shown.referrals.map(({ decision }) => decision).toSorted()).toEqual(['continue', 'end'])
    await liftSuspension(as(supervisor), { id, expectedVersion: 1 })
  })

  it('do not begin before somebody has let them go on, for each suspension there is', async () => {
    const { town, parties, supervisor } = watched
    const decided = await parties.opened({ steps: ['accept', 'yes'] })
    const lifted = await parties.opened({ steps: ['accept', 'yes'] })
    const running = await parties.opened({ steps: ['accept', 'yes', 'start'] })
    const whole = await impose()
    const one = await impose(decided.referral.offeringId)
    const start = async ({ referral }: Opened) =>
      parties.move(town.provider, await parties.read(referral), 'start')
    const refused = { code: 'state_conflict', message: expect.stringContaining('suspended') }
    for (const waiting of [decided, lifted]) await expect(start(waiting)).rejects.toMatchObject(refused)
    await parties.deliver(running.referral, 1)

    await decide(town.officer, whole.id, decided.referral.id, 'continue')
    await expect(start(decided)).rejects.toMatchObject(refused)
    await decide(town.officer, one.id, decided.referral.id, 'continue')
    expect(await start(decided)).toMatchObject({ status: 'in-progress', suspendedAt: null })

    await liftSuspension(as(supervisor), { id: one.id, expectedVersion: 1 })
    await expect(start(lifted)).rejects.toMatchObject(refused)
    await liftSuspension(as(supervisor), { id: whole.id, expectedVersion: 1 })
    expect(await start(lifted)).toMatchObject({ status: 'in-progress', suspendedAt: null })
  })

  it('are not opened any more: what was approved before is released, its need open again', async () => {
    const { world, town, parties, supervisor } = watched
    const before = await parties.opened()
    const run = await proposeRun(world, town, 2)
    const finance = as(town.finance)
    await approveRun(finance, { runId: run.runId, expectedVersion: 1 })
    const { id } = await impose()
    for (const { runId } of [run, before.run]) expect(await openReferrals(finance, runId)).toBe(0)
    expect(await parties.read(before.referral)).toMatchObject({ status: 'requested' })
    expect(await parties.afterwards(before.run)).toMatchObject({ match: 'approved' })
    const given = { match: 'released', need: 'registered', held: 0, spent: 0, places: 0, used: 0 }
    expect(await parties.afterwards(run)).toEqual(given)
    expect(await lastTold(watched, run.matchIds[0]!)).toMatchObject({
      type: 'match.excluded',
      data: { runId: run.runId, reason: 'no_longer_valid' },
    })
    await liftSuspension(as(supervisor), { id, expectedVersion: 1 })
    expect(await openReferrals(finance, run.runId)).toBe(0)
  })

  it('are the partner’s to decide on where nobody pays, and nobody’s once it is lifted', async () => {
    const { town, parties, supervisor, world } = watched
    const own = await parties.opened({ steps: ['accept', 'yes', 'start'] })
    const late = await parties.opened()
    for (const { referral } of [own, late]) {
      await world.db.root.update(referrals).set({ purchaserId: null }).where(eq(referrals.id, referral.id))
    }
    const { id } = await impose()
    const notTheirs = decide(town.officer, id, own.referral.id, 'end')
    await expect(notTheirs).rejects.toMatchObject({ code: 'not_found' })
    await decide(town.partner, id, own.referral.id, 'end')
    expect(await parties.read(own.referral)).toMatchObject({ status: 'cancelled', statusReason: 'other' })
    await liftSuspension(as(supervisor), { id, expectedVersion: 1 })
    const tooLate = decide(town.partner, id, late.referral.id, 'end')
    await expect(tooLate).rejects.toMatchObject({ code: 'state_conflict' })
    expect(await parties.read(late.referral)).toMatchObject({ status: 'requested' })
  })
})
