import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { databasesInMemory } from '../../scripts/histories/databases.ts'
import { emptyTally, playHistory } from '../../scripts/histories/history.ts'
import { openGround, playHistories } from '../../scripts/histories/play-histories.ts'
import { foundWorld } from '../../scripts/histories/small-world.ts'
import { STEPS } from '../../scripts/histories/steps.ts'
import { accounts } from '../../src/platform/ledger/tables.ts'

describe('random histories of the whole lifecycle', () => {
  it('leave the database as the reference model says, broken off before any statement', async () => {
    const played = await playHistories({ histories: 4, steps: 100, seed: 6, first: 0 })
    expect(played.failures).toEqual([])
    expect(played.histories).toBe(4)
    const { crashed, done, refused, by } = played.tally
    expect(done + refused).toBe(400)
    expect(crashed).toBeGreaterThan(8)
    // All of them are drawn, and most of them come to something.
    const doneAtLeastOnce = Object.keys(STEPS).filter((name) => by[`${name} done`])
    expect(doneAtLeastOnce.length).toBeGreaterThan(Object.keys(STEPS).length * 0.7)
  })

  it('are as before, whichever of the statements of any step they are broken off before', async () => {
    const played = await playHistories({ histories: 1, steps: 60, seed: 6, first: 7, everywhere: true })
    expect(played.failures).toEqual([])
    expect(played.tally.crashed).toBeGreaterThan(200)
  })

  it('would notice a cent that nobody put there', async () => {
    const ground = await openGround(await databasesInMemory())
    const world = await foundWorld(ground.contextOf, 0)
    await playHistory(ground, world, [], emptyTally())
    const wallet = and(eq(accounts.kind, 'wallet'), eq(accounts.ownerId, world.residentIds[0]!))
    await ground.database.db.root.update(accounts).set({ limit: 5004 }).where(wallet)
    await expect(playHistory(ground, world, [], emptyTally())).rejects.toThrow('"limit":5004')
    await ground.drop()
  })
})
