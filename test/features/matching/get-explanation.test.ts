import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locations } from '../../../src/features/catalog/tables.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { getExplanation } from '../../../src/features/matching/get-explanation.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { installPolicy } from '../../../src/features/policies/install-policy.ts'
import { Tier } from '../../../src/features/policies/schemas.ts'
import { createBooking } from '../../../src/features/referrals/create-booking.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { employ, organize } from '../referrals/proposed-run.ts'
import {
  type Marketplace,
  openMarketplace,
  person,
  populate,
  propose,
  register,
  wants,
} from './marketplace.ts'

describe.each(engines())('the explanation of a need on %s', (rung) => {
  let market: Marketplace
  beforeAll(async () => {
    market = await openMarketplace(rung)
  })
  afterAll(() => market.world.close())

  const needsOf = async (residentId: string) =>
    (await market.world.db.root.select().from(needs).where(eq(needs.residentId, residentId))).map(
      ({ id }) => id,
    )
  const explain = (needId: string) => getExplanation(market.as(market.partner), needId)

  it('says what there is for one that waits', async () => {
    const [resident] = await register(market, [person(market.areas.north)])
    const [needId] = await needsOf(resident!)
    const { basis, explanation, sentences, match } = await explain(needId!)
    expect({ basis, match }).toEqual({ basis: 'now', match: null })
    expect(explanation).toMatchObject({
      outcome: 'waiting',
      reason: null,
      option: { offeringId: expect.any(String) },
    })
    expect(sentences.en).toMatch(/^Waiting for the next run, with \d+ options? now\. The best: Service/)
    expect(sentences['zh-Hans']).toMatch(/^正在等待下一次匹配，目前有\d+个选项。/)
    expect(sentences['zh-Hant']).toMatch(/^正在等待下一次媒合，目前有\d+個選項。/)
  })

  it('names the one change that would make an option where there is none', async () => {
    const poor = person(market.areas.north, { wallets: [], needs: [wants('bathing')] })
    const [resident] = await register(market, [poor])
    const [needId] = await needsOf(resident!)
    const { explanation, sentences } = await explain(needId!)
    expect(explanation).toMatchObject({
      outcome: 'waiting',
      reason: 'over_wallet',
      change: { kind: 'wallet', by: 5000 },
    })
    expect(sentences.en).toBe(
      'There is no option now: what the resident would have to pay is more than the wallet holds. With 50.00 TWD more in the wallet, Service with Care fund would be an option.',
    )
    expect(sentences['zh-Hans']).toContain('若钱包增加50.00 TWD，Service（由Care fund补贴）即可成为选项。')
  })

  it('is another partner’s business never', async () => {
    const stranger = await inTransaction(market.as(SYSTEM), async (ctx) =>
      employ(ctx, await organize(ctx, 'partner'), 'partner'),
    )
    const [any] = await market.world.db.root.select().from(needs).limit(1)
    await expect(getExplanation(market.as(stranger), any!.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(getExplanation(market.as(market.officer), any!.id)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  it('is that of the booking where the resident booked', async () => {
    const document = { ...DEFAULT_POLICY.document, bookableTiers: [...Tier.options] }
    await installPolicy(market.as(SYSTEM), { ...DEFAULT_POLICY, document })
    const [resident] = await register(market, [person(market.areas.north, { needs: [wants('bathing')] })])
    const [needId] = await needsOf(resident!)
    const { explanation } = await explain(needId!)
    const { offeringId, programId } = explanation.option!
    await createBooking(market.as(market.partner), { needId: needId!, offeringId, programId })
    const booked = await explain(needId!)
    expect(booked).toMatchObject({ basis: 'booking', state: 'matched', explanation: { outcome: 'booked' } })
    const { utility, parts } = booked.match!
    expect(Object.values(parts!).reduce((sum, part) => sum + part, 0)).toBe(utility)
    expect(booked.sentences.en).toMatch(/^Booked by the resident: Service with Care fund, utility/)
  })

  it('tells nothing of how far a confidential place is', async () => {
    const { root } = market.world.db
    const hide = (visibility: 'confidential' | 'public') => root.update(locations).set({ visibility })
    const wish = { ...wants('day_care'), tier: 'personalized' } as const
    const far = person(market.areas.north, { needs: [{ ...wish, maxWalkingMinutes: 1 }] })
    const ids = await register(market, [person(market.areas.north, { needs: [wish] }), far])
    const [needId] = await needsOf(ids[0]!)
    const { explanation } = await explain(needId!)
    const { offeringId, programId } = explanation.option!
    await createBooking(market.as(market.partner), { needId: needId!, offeringId, programId })
    await hide('confidential')
    const [booked, now] = [await explain(needId!), await explain((await needsOf(ids[1]!))[0]!)]
    expect(booked.match).toMatchObject({ utility: null, parts: null, price: expect.any(Number) })
    expect(booked.explanation.option).toEqual({ offeringId, programId, utility: null })
    expect(booked.sentences.en).toMatch(/^Booked by the resident: Service[^,]*\.$/)
    const { option, change } = now.explanation
    expect({ option: option?.utility, by: change?.by }).toEqual({ option: null, by: null })
    expect(now.sentences.en).toContain('With a longer walk, Service')
    const asOperator = await getExplanation(market.as(SYSTEM), needId!)
    expect(asOperator.match!.utility).toBeGreaterThan(0)
    await hide('public')
  })

  it('is that of the run after one, with the change that would have met it', async () => {
    await populate(market)
    await propose(market)
    const all = await market.world.db.root.select().from(needs)
    const unmet = all.filter(({ state }) => state === 'unmet')
    expect(unmet.length).toBeGreaterThan(2)
    for (const { id } of unmet) {
      const { basis, explanation, sentences, match } = await explain(id)
      expect({ basis, match }).toEqual({ basis: 'run', match: null })
      expect(explanation).toMatchObject({ outcome: 'unmet', verified: true })
      expect(sentences.en).toMatch(/^Not met: /)
      expect(sentences['zh-Hant']).toMatch(/^未滿足：/)
    }
    const [met] = all.filter(({ state }) => state === 'matched')
    const matched = await explain(met!.id)
    expect(['run', 'booking']).toContain(matched.basis)
    expect(matched.match).not.toBeNull()
  })
})
