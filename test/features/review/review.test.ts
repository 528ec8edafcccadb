import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matches } from '../../../src/features/matching/tables.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { excludeMatch } from '../../../src/features/review/exclude-match.ts'
import { reviewDecisions } from '../../../src/features/review/tables.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { foundTown, type ProposedRun, proposeRun, type Town } from '../referrals/proposed-run.ts'

describe.each(engines())('review on %s', (rung) => {
  let world: TestWorld
  let town: Town
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
  })
  afterAll(() => world.close())

  const approve = (actor: object, { runId }: ProposedRun, expectedVersion = 1) =>
    approveRun(world.context(actor), { runId, expectedVersion, comment: 'Looks right.' })

  const exclude = (actor: object, { runId, matchIds }: ProposedRun, expectedVersion = 1) =>
    excludeMatch(world.context(actor), {
      runId,
      matchId: matchIds[0]!,
      expectedVersion,
      reason: 'data_doubtful',
    })

  it('excludes a match, whose holds are free and whose need is open again; approves the rest', async () => {
    const run = await proposeRun(world, town, 3)
    expect(await exclude(town.finance, run)).toMatchObject({
      state: 'excluded',
      exclusionReason: 'data_doubtful',
    })
    const [fund] = await world.db.root.select().from(accounts).where(eq(accounts.id, run.fundId))
    expect(fund).toMatchObject({ held: 2000, limit: 3000 })
    const [need] = await world.db.root.select().from(needs).where(eq(needs.id, run.needIds[0]!))
    expect(need).toMatchObject({ state: 'registered' })
    expect(await approve(town.finance, run)).toMatchObject({ state: 'approved', version: 2 })
    const rows = await world.db.root.select().from(matches).where(eq(matches.runId, run.runId))
    expect(rows.map(({ state }) => state).sort()).toEqual(['approved', 'approved', 'excluded'])
    const decided = await world.db.root
      .select()
      .from(reviewDecisions)
      .where(eq(reviewDecisions.runId, run.runId))
    expect(decided.map(({ decision }) => decision).sort()).toEqual(['approve', 'exclude'])
  })

  it('leaves nothing to exclude or approve after the approval', async () => {
    const run = await proposeRun(world, town, 1)
    await approve(town.finance, run)
    await expect(exclude(town.finance, run)).rejects.toMatchObject({ code: 'state_conflict' })
    await expect(approve(town.finance, run, 2)).rejects.toMatchObject({ code: 'state_conflict' })
  })

  it('approves once when two persons approve at once', async () => {
    const run = await proposeRun(world, town, 2)
    const outcomes = await Promise.allSettled([approve(town.finance, run), approve(town.finance, run)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('refuses versions that have changed', async () => {
    const run = await proposeRun(world, town, 1)
    await expect(approve(town.finance, run, 7)).rejects.toMatchObject({ code: 'precondition_failed' })
    await expect(exclude(town.finance, run, 7)).rejects.toMatchObject({ code: 'precondition_failed' })
  })

  it('is nobody else’s: other roles, other purchasers', async () => {
    const run = await proposeRun(world, town, 1)
    for (const actor of [town.officer, town.provider, town.partner, town.supervisor]) {
      await expect(approve(actor, run)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(exclude(actor, run)).rejects.toMatchObject({ code: 'forbidden' })
    }
    await expect(approve(town.strangers[1]!, run)).rejects.toMatchObject({ code: 'not_found' })
    await expect(exclude(town.strangers[1]!, run)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('wants a comment with the reason `other`', async () => {
    const { runId, matchIds } = await proposeRun(world, town, 1)
    const excluding = excludeMatch(world.context(town.finance), {
      runId,
      matchId: matchIds[0]!,
      expectedVersion: 1,
      reason: 'other',
    })
    await expect(excluding).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ pointer: '/comment' }],
    })
  })
})
