import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acceptOffer } from '../../../src/features/referrals/accept-offer.ts'
import { declineOffer } from '../../../src/features/referrals/decline-offer.ts'
import type { ReferralRow } from '../../../src/features/referrals/get-referral.ts'
import { RefusalReason } from '../../../src/features/referrals/schemas.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { Parties } from './opened-referral.ts'
import { foundTown, type Town } from './proposed-run.ts'

describe('an offer', () => {
  let world: TestWorld
  let town: Town
  let parties: Parties
  beforeAll(async () => {
    world = await openTestDb()
    town = await foundTown(world)
    parties = new Parties(world, town)
  })
  afterAll(() => world.close())

  const as = (actor: Actor) => world.context(actor)
  const no = ({ id, version }: ReferralRow, reason: RefusalReason, actor = town.partner) =>
    declineOffer(as(actor), { id, expectedVersion: version, reason })

  it('is accepted by the resident before the provider, or after', async () => {
    const first = (await parties.opened()).referral
    const yes = await parties.yes(first)
    expect(yes).toMatchObject({ status: 'requested', residentAnswer: 'accepted', version: 2 })
    expect(yes.residentAnsweredAt).toEqual(world.clock.read())
    const taken = await parties.move(town.provider, yes, 'accept')
    expect(taken).toMatchObject({ status: 'accepted', residentAnswer: 'accepted' })
    const second = (await parties.opened({ steps: ['accept', 'yes'] })).referral
    expect(second).toMatchObject({ status: 'accepted', residentAnswer: 'accepted' })
    expect((await parties.told(first.id)).map(({ type }) => type)).toEqual([
      'referral.opened',
      'offer.accepted',
      'referral.accepted',
    ])
  })

  it('is declined for each of the coded reasons: the need is open again, nothing is held', async () => {
    for (const reason of RefusalReason.options) {
      const { run, referral } = await parties.opened({ steps: reason === 'other' ? ['accept'] : [] })
      const declined = await no(referral, reason)
      expect(declined).toMatchObject({
        status: 'cancelled',
        statusReason: reason,
        residentAnswer: 'declined',
      })
      const free = { match: 'released', need: 'registered', held: 0, spent: 0, places: 0, used: 0 }
      expect(await parties.afterwards(run)).toEqual(free)
      const [told] = (await parties.told(referral.id)).slice(-1)
      expect(told).toMatchObject({ type: 'offer.declined', data: { status: 'cancelled', reason } })
      expect(told!.audience.toSorted()).toEqual(parties.everybody().toSorted())
    }
  })

  it('is answered once: a second answer is refused, the same one too', async () => {
    const { referral } = await parties.opened({ steps: ['yes'] })
    const again = { code: 'state_conflict', message: expect.stringContaining('answered the offer already') }
    await expect(parties.yes(referral)).rejects.toMatchObject(again)
    await expect(no(referral, 'too_far')).rejects.toMatchObject(again)
    const other = await no((await parties.opened()).referral, 'too_far')
    await expect(no(other, 'too_far')).rejects.toMatchObject({ code: 'state_conflict' })
    await expect(parties.yes(other)).rejects.toMatchObject({ code: 'state_conflict' })
  })

  it('is started only when the resident has said yes', async () => {
    const { referral } = await parties.opened({ steps: ['accept'] })
    const refusal = { code: 'state_conflict', message: 'The resident has not accepted the offer yet.' }
    await expect(parties.move(town.provider, referral, 'start')).rejects.toMatchObject(refusal)
    const started = await parties.move(town.provider, await parties.yes(referral), 'start')
    expect(started).toMatchObject({ status: 'in-progress' })
  })

  it('is answered by the resident’s own partner alone, on the version that was seen', async () => {
    const { referral } = await parties.opened()
    const { id } = referral
    const accept = (actor: Actor, expectedVersion = 1) => acceptOffer(as(actor), { id, expectedVersion })
    const [, , otherPartner] = town.strangers
    await expect(accept(otherPartner!)).rejects.toMatchObject({ code: 'not_found' })
    await expect(no(referral, 'other', otherPartner)).rejects.toMatchObject({ code: 'not_found' })
    await expect(accept(town.provider)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(accept(town.partner, 7)).rejects.toMatchObject({ code: 'precondition_failed' })
    const unknown = no(referral, 'resident_moved' as RefusalReason)
    await expect(unknown).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/reason' }] })
    expect(await parties.read(referral)).toEqual(referral)
  })

  it('is answered one way when yes and no come at once', async () => {
    const { run, referral } = await parties.opened()
    const outcomes = await Promise.allSettled([parties.yes(referral), no(referral, 'wrong_time')])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await parties.afterwards(run)
  })
})
