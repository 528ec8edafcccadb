/** Who may have what simulated upon which run, and what becomes of it. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import {
  getSimulation,
  listPolicySimulations,
  listProgramSimulations,
} from '../../../src/features/matching/get-simulation.ts'
import { performSimulation } from '../../../src/features/matching/perform-simulation.ts'
import type { SimulationRow } from '../../../src/features/matching/queue-simulation.ts'
import { simulatePolicy } from '../../../src/features/matching/simulate-policy.ts'
import { simulateProgram } from '../../../src/features/matching/simulate-program.ts'
import { type RunRow, startRun } from '../../../src/features/matching/start-run.ts'
import { matchRuns, runSnapshotParts } from '../../../src/features/matching/tables.ts'
import { adoptedPolicy } from '../../../src/features/policies/adopted-policy.ts'
import { consultPolicy } from '../../../src/features/policies/consult-policy.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { draftPolicy } from '../../../src/features/policies/draft-policy.ts'
import { eraseResident } from '../../../src/features/privacy/erase-resident.ts'
import { createProgram } from '../../../src/features/programs/create-program.ts'
import { freezeProgram } from '../../../src/features/programs/freeze-program.ts'
import { getProgram } from '../../../src/features/programs/get-program.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { employ, insertArea, organize, PERIOD } from '../referrals/proposed-run.ts'
import { type Marketplace, openMarketplace, populate, propose, startRunner } from './marketplace.ts'

const PAGE = { limit: 10 }
const refused = (code: string) => ({ code })

describe('a simulation', () => {
  let market: Marketplace
  let run: RunRow
  let supervisor: Actor
  let elsewhere: Actor
  beforeAll(async () => {
    market = await openMarketplace()
    await populate(market)
    ;[supervisor, elsewhere] = await inTransaction(market.as(SYSTEM), async (ctx) => [
      await employ(ctx, await organize(ctx, 'supervisor'), 'supervisor'),
      await employ(ctx, await organize(ctx, 'purchaser'), 'purchaser.officer'),
    ])
  })
  afterAll(() => market.world.close())

  async function performAll(): Promise<void> {
    const runner = await startRunner(market)
    await runner.idle()
    await runner.close()
  }

  const draft = () => {
    const { document, text } = DEFAULT_POLICY
    return draftPolicy(market.as(market.officer), {
      document: { ...document, reach: { ...document.reach, onsiteMinutes: 1 } },
      text,
    })
  }
  const finished = async (asked: SimulationRow) =>
    getSimulation(market.as(market.officer), asked.id).then(({ state, report }) => ({ state, report }))

  it('needs a run that was solved', async () => {
    const { id: policyId } = await draft()
    await expect(simulatePolicy(market.as(market.officer), { policyId })).rejects.toMatchObject(
      refused('state_conflict'),
    )
    run = await propose(market)
    await market.world.db.root.update(matchRuns).set({ engineVersion: null }).where(eq(matchRuns.id, run.id))
    const before = simulatePolicy(market.as(market.officer), { policyId, runId: run.id })
    await expect(before).rejects.toMatchObject(refused('state_conflict'))
    const { engineVersion } = run
    await market.world.db.root.update(matchRuns).set({ engineVersion }).where(eq(matchRuns.id, run.id))
  })

  it('of a draft is its drafters’ and supervisors’ to see, from its consultation on everybody’s', async () => {
    const policy = await draft()
    const asked = await simulatePolicy(market.as(supervisor), { policyId: policy.id })
    expect(asked).toMatchObject({ state: 'queued', runId: run.id, policyId: policy.id, programId: null })
    await performAll()
    const { report } = await finished(asked)
    const { id: adoptedPolicyId } = await adoptedPolicy(market.as(SYSTEM))
    expect(report).toMatchObject({ kind: 'policy', version: 1, adoptedPolicyId, needs: 9, gained: 0 })
    if (report?.kind !== 'policy') throw new Error('It is of a policy.')
    expect(report.adopted.matched).toBe(run.result!.matched)
    expect(report.adopted.byTier).toEqual(run.result!.byTier)
    expect(report.adopted.funds).toEqual(run.result!.funds)
    // Nobody but those who are bathed at home is reached within a minute.
    expect(report.draft.matched).toBe(report.adopted.matched - report.lost)
    expect(report.lost).toBeGreaterThan(0)
    for (const actor of [market.partner, market.providers.club, elsewhere]) {
      await expect(getSimulation(market.as(actor), asked.id)).rejects.toMatchObject(refused('not_found'))
      await expect(listPolicySimulations(market.as(actor), policy.id, PAGE)).rejects.toMatchObject(
        refused('not_found'),
      )
    }
    const until = '2026-12-20T00:00:00Z'
    await consultPolicy(market.as(market.officer), { id: policy.id, expectedVersion: 1, until })
    for (const actor of [market.partner, market.providers.club, elsewhere]) {
      expect(await getSimulation(market.as(actor), asked.id)).toMatchObject({ state: 'finished' })
      const { items } = await listPolicySimulations(market.as(actor), policy.id, PAGE)
      expect(items.map(({ id }) => id)).toEqual([asked.id])
    }
  })

  it('is of what is not adopted, upon a run within reach', async () => {
    const { id: policyId } = await adoptedPolicy(market.as(SYSTEM))
    await expect(simulatePolicy(market.as(market.officer), { policyId })).rejects.toMatchObject(
      refused('state_conflict'),
    )
    const { id } = await draft()
    await expect(simulatePolicy(market.as(elsewhere), { policyId: id })).rejects.toMatchObject(
      refused('not_found'),
    )
    const own = await draftPolicy(market.as(elsewhere), DEFAULT_POLICY)
    await expect(
      simulatePolicy(market.as(elsewhere), { policyId: own.id, runId: run.id }),
    ).rejects.toMatchObject(refused('not_found'))
    await expect(simulatePolicy(market.as(market.partner), { policyId: id })).rejects.toMatchObject(
      refused('forbidden'),
    )
  })

  it('of a program says what its budget buys, before it opens and after', async () => {
    const { programId, officer } = market
    const terms = { period: PERIOD, categories: ['elderly_care' as const], tiers: ['basic' as const] }
    const more = await createProgram(market.as(officer), {
      ...terms,
      areaId: market.areas.district,
      name: 'Another fund',
      budget: 10_000,
      subsidyShare: 10_000,
    })
    const asked = await simulateProgram(market.as(officer), { programId: more.id, changePercent: [-100, 0] })
    const open = await simulateProgram(market.as(officer), { programId, runId: run.id })
    await performAll()
    const { report } = await finished(asked)
    if (report?.kind !== 'program') throw new Error('It is of a program.')
    const [without, opened] = report.budgets
    // Without money, it is the run as it was.
    expect(without).toMatchObject({ budget: 0, spent: 0, value: run.result!.value })
    expect(opened!.value).toBeGreaterThan(without!.value)
    expect(opened!.funds).toHaveLength(2)
    const ofOpen = (await finished(open)).report
    if (ofOpen?.kind !== 'program') throw new Error('It is of a program.')
    expect(ofOpen.budgets.map(({ budget }) => budget)).toEqual([18_000, 20_000, 22_000])
    expect(ofOpen.budgets[1]).toMatchObject({ value: run.result!.value, gained: 0, lost: 0 })
    expect(ofOpen.budgets[1]!.estimatedValue).toBe(run.result!.value)
    const { items } = await listProgramSimulations(market.as(supervisor), programId, PAGE)
    expect(items.map(({ id }) => id)).toEqual([open.id])
    for (const actor of [market.partner, elsewhere]) {
      await expect(getSimulation(market.as(actor), open.id)).rejects.toMatchObject(refused('not_found'))
    }
  })

  it('of a program is upon a run that it could have paid in, and only as long as it may buy more', async () => {
    const { officer, programId } = market
    const strange = await inTransaction(market.as(SYSTEM), (ctx) => insertArea(ctx))
    const { id } = await createProgram(market.as(officer), {
      period: PERIOD,
      categories: ['medical'],
      tiers: ['basic'],
      areaId: strange,
      name: 'Elsewhere',
      budget: 1,
      subsidyShare: 1,
    })
    for (const more of [{}, { runId: run.id }]) {
      await expect(simulateProgram(market.as(officer), { programId: id, ...more })).rejects.toMatchObject(
        refused('state_conflict'),
      )
    }
    const { version } = await getProgram(market.as(officer), programId)
    await freezeProgram(market.as(market.officer), { id: programId, expectedVersion: version })
    await expect(simulateProgram(market.as(officer), { programId })).rejects.toMatchObject(
      refused('state_conflict'),
    )
  })

  it('leaves out who was erased since, and is no simulation of what somebody changed', async () => {
    const { db } = market.world
    const policy = await draft()
    const [part] = await db.root.select().from(runSnapshotParts).where(eq(runSnapshotParts.number, 1))
    await eraseResident(market.as(market.partner), { residentId: part!.residentId!, version: 1 })
    const asked = await simulatePolicy(market.as(market.officer), { policyId: policy.id })
    await performAll()
    expect((await finished(asked)).report).toMatchObject({ needs: 7 })
    await db.root.delete(runSnapshotParts).where(eq(runSnapshotParts.number, 0))
    const broken = await simulatePolicy(market.as(market.officer), { policyId: policy.id })
    const { signal } = new AbortController()
    const job = { id: broken.id, attempt: 1, signal, finish: async () => true }
    const work = performSimulation.perform(market.as(market.officer), { simulationId: broken.id }, job)
    await expect(work).rejects.toMatchObject(refused('state_conflict'))
    await inTransaction(market.as(SYSTEM), (ctx) =>
      performSimulation.onGivenUp!(ctx, { simulationId: broken.id }, 'The snapshot is gone.'),
    )
    expect(await getSimulation(market.as(market.officer), broken.id)).toMatchObject({
      state: 'failed',
      failure: 'The snapshot is gone.',
    })
  })

  it('is not what an order is for: that names the policy that it expects', async () => {
    const { id: policyId } = await draft()
    const wanted = { areaId: market.areas.district, period: PERIOD }
    await expect(startRun(market.as(market.officer), { ...wanted, policyId })).rejects.toMatchObject(
      refused('state_conflict'),
    )
    const inForce = await adoptedPolicy(market.as(SYSTEM))
    expect(await startRun(market.as(market.officer), { ...wanted, policyId: inForce.id })).toMatchObject({
      policyId: inForce.id,
      state: 'queued',
    })
  })
})
