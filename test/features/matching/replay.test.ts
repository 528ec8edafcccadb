/** A run solved once more from what it read: the same comes out, and whatever was changed is noticed. */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { getReplay } from '../../../src/features/matching/get-replay.ts'
import { performReplay } from '../../../src/features/matching/perform-replay.ts'
import { replayRun } from '../../../src/features/matching/replay-run.ts'
import { solveAgain } from '../../../src/features/matching/solve-again.ts'
import type { RunRow } from '../../../src/features/matching/start-run.ts'
import { matchRuns, replays, runSnapshotParts } from '../../../src/features/matching/tables.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { installPolicy } from '../../../src/features/policies/install-policy.ts'
import { policies } from '../../../src/features/policies/tables.ts'
import { eraseResident } from '../../../src/features/privacy/erase-resident.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import type { Handle } from '../../../src/platform/db/client.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { engines } from '../../support/test-world.ts'
import {
  type Marketplace,
  openMarketplace,
  order,
  person,
  populate,
  propose,
  register,
  startRunner,
} from './marketplace.ts'

const SAME = {
  snapshotEqual: true,
  engineEqual: true,
  assignmentEqual: true,
  resultEqual: true,
  erasedResidents: 0,
}

describe.each(engines())('a replay on %s', (rung) => {
  let market: Marketplace
  let weighted: RunRow
  let byTier: RunRow
  beforeAll(async () => {
    market = await openMarketplace(rung)
    await populate(market)
    weighted = await propose(market)
    const document = { ...DEFAULT_POLICY.document, order: 'by_tier' as const }
    await installPolicy(market.as(SYSTEM), { document, text: 'Tier by tier.' })
    // Some of these have drawn upon the program before.
    await register(market, [person(market.areas.north), person(market.areas.south)])
    byTier = await propose(market)
  })
  afterAll(() => market.world.close())

  const db = () => market.world.db.root
  const again = (run: RunRow) => solveAgain(market.as(market.officer), run.id)
  const partsOf = (run: RunRow) => eq(runSnapshotParts.runId, run.id)

  it('comes out the same, byte for byte, whichever way tiers compete', async () => {
    expect(await again(weighted)).toEqual(SAME)
    expect(byTier.result!.stages).toHaveLength(3)
    expect(byTier.snapshotHash).not.toBe(weighted.snapshotHash)
    expect(await again(byTier)).toEqual(SAME)
  })

  it('comes out the same whatever has become of the town since', async () => {
    await db()
      .update(accounts)
      .set({ limit: sql`${accounts.limit} + 100` })
    await db().update(needs).set({ quantity: 2 })
    expect(await again(byTier)).toEqual(SAME)
  })

  it('has one part a resident and one for the rest, of which nothing can be read', async () => {
    const parts = await db().select().from(runSnapshotParts).where(partsOf(weighted))
    expect(parts).toHaveLength(weighted.result!.residents + 1)
    expect(new Set(parts.map(({ residentId }) => residentId)).size).toBe(parts.length)
    for (const { content } of parts) expect(content).toMatch(/^v1\.[\da-f]{8}(\.[\w-]+){3}$/)
  })

  it('is asked for and read by purchasers and supervisors within reach', async () => {
    const asked = await replayRun(market.as(market.finance), weighted.id)
    expect(asked).toMatchObject({ state: 'queued', report: null })
    const runner = await startRunner(market)
    await runner.idle()
    await runner.close()
    expect(await getReplay(market.as(market.officer), asked.id)).toMatchObject({
      runId: weighted.id,
      state: 'finished',
      report: SAME,
    })
    const elsewhere = { ...market.officer, organizationId: market.partner.organizationId }
    await expect(getReplay(market.as(elsewhere), asked.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(replayRun(market.as(elsewhere), weighted.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(replayRun(market.as(market.partner), weighted.id)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  it('says why it was given up', async () => {
    const asked = await replayRun(market.as(market.finance), weighted.id)
    await inTransaction(market.as(SYSTEM), (ctx) =>
      performReplay.onGivenUp!(ctx, { replayId: asked.id }, 'The key is another one.'),
    )
    const [row] = await db().select().from(replays).where(eq(replays.id, asked.id))
    expect(row).toMatchObject({ state: 'failed', failure: 'The key is another one.', report: null })
  })

  it('is for runs that are solved', async () => {
    const queued = await order(market)
    await expect(replayRun(market.as(market.officer), queued.id)).rejects.toMatchObject({
      code: 'state_conflict',
    })
  })

  it('says how many residents were erased since, and knows nothing of them any more', async () => {
    const [part] = await db()
      .select()
      .from(runSnapshotParts)
      .where(and(partsOf(weighted), eq(runSnapshotParts.number, 1)))
    const residentId = part!.residentId!
    const receipt = await eraseResident(market.as(market.partner), { residentId, version: 1 })
    expect(receipt.erased.snapshotParts).toBeGreaterThanOrEqual(1)
    const left = await db().select().from(runSnapshotParts).where(eq(runSnapshotParts.residentId, residentId))
    expect(left).toEqual([])
    expect(await again(weighted)).toMatchObject({ snapshotEqual: false, erasedResidents: 1 })
  })
})

describe('a replay of what somebody changed by hand', () => {
  let market: Marketplace
  let run: RunRow
  beforeAll(async () => {
    market = await openMarketplace()
    await populate(market)
    await installPolicy(market.as(SYSTEM), { ...DEFAULT_POLICY, text: 'The same again.' })
    run = await propose(market)
  })
  afterAll(() => market.world.close())

  /** Past every rule; taken back after the replay. */
  async function replayAfter(change: (runId: string) => SQL) {
    const { db } = market.world
    const { id, seed, rounds, policyId, result } = run
    const ofRun = eq(runSnapshotParts.runId, id)
    const parts = await db.root.select().from(runSnapshotParts).where(ofRun)
    const [policy] = await db.root.select().from(policies).where(eq(policies.id, policyId))
    const unruly = (work: (tx: Handle) => Promise<unknown>) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`set local session_replication_role = replica`)
        await work(tx)
      })
    await unruly((tx) => tx.execute(change(id)))
    const report = await solveAgain(market.as(market.officer), id)
    await unruly(async (tx) => {
      await tx.update(policies).set({ document: policy!.document }).where(eq(policies.id, policyId))
      await tx.update(matchRuns).set({ seed, rounds, policyId, result }).where(eq(matchRuns.id, id))
      await tx.delete(runSnapshotParts).where(ofRun)
      await tx.insert(runSnapshotParts).values(parts)
    })
    return report
  }

  const ofPart = (id: string, number: number) => sql`where run_id = ${id} and number = ${number}`
  it.each<[string, (id: string) => SQL]>([
    ['the seed', (id) => sql`update match_runs set seed = seed + 1 where id = ${id}`],
    ['the rounds', (id) => sql`update match_runs set rounds = rounds + 1 where id = ${id}`],
    [
      'a weight of the policy',
      () => sql`update policies set document = jsonb_set(document, '{suitability,base}', '51')`,
    ],
    ['a part that is gone', (id) => sql`delete from run_snapshot_parts ${ofPart(id, 2)}`],
    ['what is of nobody, gone', (id) => sql`delete from run_snapshot_parts ${ofPart(id, 0)}`],
    [
      'a part in the place of another',
      (id) => sql`update run_snapshot_parts set content =
        (select content from run_snapshot_parts ${ofPart(id, 1)}) ${ofPart(id, 2)}`,
    ],
    [
      'a letter within a part',
      (id) => sql`update run_snapshot_parts set content = overlay(content placing
        case substr(content, 80, 1) when 'A' then 'B' else 'A' end from 80) ${ofPart(id, 1)}`,
    ],
  ])('notices %s', async (_what, change) => {
    expect(await replayAfter(change)).toMatchObject({ snapshotEqual: false, erasedResidents: 0 })
  })

  it('notices figures that were made up, and nothing once all is as it was', async () => {
    const report = await replayAfter(
      (id) => sql`update match_runs set result =
        jsonb_set(result, '{value}', to_jsonb((result ->> 'value')::bigint + 1)) where id = ${id}`,
    )
    expect(report).toEqual({ ...SAME, resultEqual: false })
    expect(await replayAfter(() => sql`select 1`)).toEqual(SAME)
  })
})
