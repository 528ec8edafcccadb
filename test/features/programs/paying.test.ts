/** A program that is frozen pays for nothing new: nobody is offered it, and who found it before comes too late. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOptions } from '../../../src/features/matching/instant/find-options.ts'
import { takeOption } from '../../../src/features/matching/take-option.ts'
import { freezeProgram } from '../../../src/features/programs/freeze-program.ts'
import { getProgram } from '../../../src/features/programs/get-program.ts'
import { thawProgram } from '../../../src/features/programs/thaw-program.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { accountsOf } from '../../../src/platform/ledger/accounts.ts'
import {
  type Marketplace,
  matchesOf,
  openMarketplace,
  person,
  populate,
  propose,
  register,
} from '../matching/marketplace.ts'
import { PERIOD } from '../referrals/proposed-run.ts'

let market: Marketplace
let needId: string
beforeAll(async () => {
  market = await openMarketplace()
  const [residentId] = await register(market, [person(market.areas.north)])
  const [need] = await market.world.db.root.select().from(needs).where(eq(needs.residentId, residentId!))
  needId = need!.id
})
afterAll(() => market.world.close())

const turn = async (move: typeof freezeProgram) => {
  const officer = market.as(market.officer)
  const { id, version } = await getProgram(officer, market.programId)
  await move(officer, { id, expectedVersion: version })
}
const paidOptions = async () => {
  const found = await findOptions(market.as(market.partner), needId)
  return { found, paid: found.options.filter(({ program }) => program !== null) }
}
const heldOfFund = async () => {
  const [fund] = await accountsOf(market.as(market.officer), [market.programId], PERIOD)
  return fund!.held
}

describe('a frozen program', () => {
  it('stands behind no option, and behind none again that was found before', async () => {
    const { found, paid } = await paidOptions()
    expect(paid.length).toBeGreaterThan(0)
    await turn(freezeProgram)
    expect((await paidOptions()).paid).toEqual([])
    const late = inTransaction(market.as(market.partner), (ctx) => takeOption(ctx, found.asking, paid[0]!))
    await expect(late).rejects.toMatchObject({ code: 'state_conflict' })
    expect(await heldOfFund()).toBe(0)
    await turn(thawProgram)
    expect((await paidOptions()).paid.length).toBe(paid.length)
  })

  it('pays for nothing in a run that began before', async () => {
    await populate(market)
    const late = await propose(market, () => turn(freezeProgram))
    expect(late.result?.displaced).toBeGreaterThan(0)
    expect((await matchesOf(market, late.id)).filter(({ programId }) => programId !== null)).toEqual([])
    expect(await heldOfFund()).toBe(0)
    await turn(thawProgram)
  })
})
