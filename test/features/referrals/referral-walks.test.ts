/** Whatever parties, purchaser, appeals and time do to a referral, in whatever order: a small reference model agrees. */
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { concedeDispute } from '../../../src/features/referrals/concede-dispute.ts'
import { confirmDelivery } from '../../../src/features/referrals/confirm-delivery.ts'
import { decideDispute } from '../../../src/features/referrals/decide-dispute.ts'
import { declineOffer } from '../../../src/features/referrals/decline-offer.ts'
import { disputeDelivery } from '../../../src/features/referrals/dispute-delivery.ts'
import { expireOffers } from '../../../src/features/referrals/expire-offers.ts'
import { lapseReferrals } from '../../../src/features/referrals/lapse-referrals.ts'
import { markSettled } from '../../../src/features/referrals/mark-settled.ts'
import type { PartyEvent } from '../../../src/features/referrals/move-referral.ts'
import { recordDelivery } from '../../../src/features/referrals/record-delivery.ts'
import type { ReferralReason } from '../../../src/features/referrals/schemas.ts'
import { stayReferral } from '../../../src/features/referrals/stay-referral.ts'
import { deliveries, referrals } from '../../../src/features/referrals/tables.ts'
import { unstayReferral } from '../../../src/features/referrals/unstay-referral.ts'
import { windUpReferrals } from '../../../src/features/referrals/wind-up-referrals.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { Refusal } from '../../../src/platform/errors.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { type Opened, Parties } from './opened-referral.ts'
import { foundTown, type Town } from './proposed-run.ts'

const DAY = 86_400_000
const START = Date.parse('2026-12-24T00:00:00Z')
/** The month and the policy's five days are over. */
const LAST_CALL = Date.parse('2027-01-06T00:00:00Z')
const QUANTITY = 4

type Step =
  | { do: 'move'; event: PartyEvent; reason: ReferralReason | null }
  | { do: 'yes' }
  | { do: 'no' }
  | { do: 'stay' }
  | { do: 'unstay' }
  | { do: 'sweep' }
  | { do: 'wait'; hours: number }
  | { do: 'deliver'; units: number; hoursAgo: number }
  | { do: 'answer'; what: Answer; which: number }

type Answer = 'confirm' | 'dispute' | 'sustain' | 'annul' | 'concede' | 'settle'

const moves = (...events: [PartyEvent, ReferralReason | null][]) =>
  fc.constantFrom(...events).map(([event, reason]): Step => ({ do: 'move', event, reason }))
const going = moves(['accept', null], ['start', null], ['hold', 'other'], ['resume', null], ['resume', null])
const ending = moves(['reject', 'too_far'], ['complete', null], ['fail', 'unsafe'], ['cancel', 'other'])
const waits = fc.constantFrom(1, 12, 60, 130, 250).map((hours): Step => ({ do: 'wait', hours }))
const delivers = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, 0, 0, 40))
  .map(([units, hoursAgo]): Step => ({ do: 'deliver', units, hoursAgo }))
const answers = fc
  .tuple(
    fc.constantFrom<Answer>('confirm', 'dispute', 'dispute', 'sustain', 'annul', 'concede', 'settle'),
    fc.nat(2),
  )
  .map(([what, which]): Step => ({ do: 'answer', what, which }))
const others = fc.constantFrom<Step>(
  { do: 'yes' },
  { do: 'yes' },
  { do: 'no' },
  { do: 'sweep' },
  { do: 'sweep' },
)
const stays = fc.constantFrom<Step>({ do: 'stay' }, { do: 'unstay' }, { do: 'unstay' })

const ACCEPT: Step = { do: 'move', event: 'accept', reason: null }
const BEGIN: Step = { do: 'move', event: 'start', reason: null }
const YES: Step = { do: 'yes' }
/** Most referrals are begun; by chance alone, few would be. */
const beginnings = fc.constantFrom<Step[]>(
  [],
  [ACCEPT],
  [YES, ACCEPT],
  [ACCEPT, YES, BEGIN],
  [YES, ACCEPT, BEGIN],
)
const walks = fc
  .tuple(
    beginnings,
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: going },
        { weight: 1, arbitrary: ending },
        { weight: 4, arbitrary: delivers },
        { weight: 6, arbitrary: answers },
        { weight: 3, arbitrary: others },
        { weight: 2, arbitrary: stays },
        { weight: 2, arbitrary: waits },
      ),
      { minLength: 15, maxLength: 25 },
    ),
  )
  .map(([before, after]) => [...before, ...after])

interface ModelDelivery {
  units: number
  state: 'recorded' | 'confirmed' | 'disputed' | 'sustained' | 'annulled'
  settled: boolean
}

/** What the referral should be, written down without the table that it is moved by. */
class Model {
  status = 'requested'
  answer: 'accepted' | 'declined' | null = null
  answerBy = START + 5 * DAY
  startedAt: number | null = null
  stayedAt: number | null = null
  stayedDays = 0
  deliveries: ModelDelivery[] = []

  get isOver() {
    return !['requested', 'accepted', 'in-progress', 'on-hold'].includes(this.status)
  }

  get delivered() {
    return this.sum(({ state }) => state !== 'annulled')
  }

  get spent() {
    return this.sum(({ state, settled }) => state !== 'annulled' || settled)
  }

  sum(counts: (one: ModelDelivery) => boolean) {
    return this.deliveries.filter(counts).reduce((sum, { units }) => sum + units, 0)
  }

  /** @returns whether it may be done; then it is done. */
  try(step: Step, now: number): boolean {
    switch (step.do) {
      case 'move':
        return this.move(step.event, now)
      case 'yes':
      case 'no':
        return this.when(
          !this.isOver && ['requested', 'accepted'].includes(this.status) && !this.answer,
          () => {
            this.answer = step.do === 'yes' ? 'accepted' : 'declined'
            if (step.do === 'no') this.status = 'cancelled'
          },
        )
      case 'deliver': {
        const at = now - step.hoursAgo * 3_600_000
        const fits = this.status === 'in-progress' && at >= this.startedAt! && at < LAST_CALL - 5 * DAY
        return this.when(fits && step.units <= QUANTITY - this.spent, () => {
          this.deliveries.push({ units: step.units, state: 'recorded', settled: false })
        })
      }
      case 'stay':
        this.stayedAt ??= now
        return true
      case 'unstay':
        if (this.stayedAt !== null) {
          this.answerBy += now - this.stayedAt
          this.stayedDays += Math.ceil((now - this.stayedAt) / DAY)
          this.stayedAt = null
        }
        return true
      case 'sweep':
        this.sweep(now)
        return true
      case 'wait':
        return true
      default:
        return this.answerDelivery(step.what, this.deliveries[step.which])
    }
  }

  when(may: boolean, effect: () => void): boolean {
    if (may) effect()
    return may
  }

  move(event: PartyEvent, now: number): boolean {
    const to = (status: string, ...from: string[]) =>
      this.when(from.includes(this.status), () => {
        this.status = status
      })
    if (event === 'accept') return to('accepted', 'requested')
    if (event === 'reject') return to('rejected', 'requested')
    if (event === 'hold') return to('on-hold', 'in-progress')
    if (event === 'resume') return to('in-progress', 'on-hold')
    if (event === 'complete') return this.delivered > 0 && to('completed', 'in-progress')
    if (event === 'fail') return to('failed', 'accepted', 'in-progress', 'on-hold')
    if (event === 'cancel') return to('cancelled', 'requested', 'accepted', 'in-progress', 'on-hold')
    const began = this.answer === 'accepted' && to('in-progress', 'accepted')
    if (began) this.startedAt = now
    return began
  }

  answerDelivery(what: Answer, one: ModelDelivery | undefined): boolean {
    if (!one) return false
    if (what === 'settle') {
      const may = !one.settled && one.state !== 'disputed' && one.state !== 'annulled'
      return this.when(may, () => {
        one.settled = true
      })
    }
    const [from, state] = {
      confirm: ['recorded', 'confirmed'],
      dispute: ['recorded', 'disputed'],
      sustain: ['disputed', 'sustained'],
      annul: ['disputed', 'annulled'],
      concede: ['disputed', 'annulled'],
    }[what] as [ModelDelivery['state'], ModelDelivery['state']]
    return this.when(one.state === from, () => {
      one.state = state
    })
  }

  sweep(now: number) {
    if (this.stayedAt !== null) return
    const { status, answer } = this
    const isUnanswered = status === 'requested' || (status === 'accepted' && !answer)
    if (isUnanswered && now >= this.answerBy) this.status = 'cancelled'
    else if (now >= LAST_CALL + this.stayedDays * DAY) {
      if (status === 'accepted' && answer) this.status = 'cancelled'
      if (status === 'in-progress' || status === 'on-hold') {
        this.status = this.delivered > 0 ? 'completed' : 'failed'
      }
    }
  }

  /** What the accounts and the need must show. */
  get books() {
    const held = this.isOver ? 0 : QUANTITY - this.spent
    const released = ['rejected', 'cancelled', 'failed'].includes(this.status)
    const isServed = this.status === 'in-progress' || this.status === 'on-hold'
    const need = released
      ? 'registered'
      : this.status === 'completed'
        ? 'met'
        : isServed
          ? 'in_service'
          : 'matched'
    const ledger = { held: 1000 * held, spent: 1000 * this.spent, places: held, used: this.spent }
    return { match: released ? 'released' : 'approved', need, ...ledger }
  }
}

describe('a referral and its model', () => {
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
  const system = () => world.context(SYSTEM)

  /** Does it, on the versions of this moment. */
  async function perform(step: Step, { referral: { id } }: Opened): Promise<unknown> {
    const row = await parties.read({ id })
    if (step.do === 'move') return parties.move(town.provider, row, step.event, step.reason)
    if (step.do === 'yes') return parties.yes(row)
    if (step.do === 'no') {
      const expectedVersion = row.version
      return declineOffer(as(town.partner), { id, expectedVersion, reason: 'wrong_time' })
    }
    if (step.do === 'deliver') {
      const at = new Date(world.clock.read().getTime() - step.hoursAgo * 3_600_000)
      const wanted = { referralId: id, units: step.units, deliveredAt: at.toISOString() }
      return recordDelivery(as(town.provider), wanted)
    }
    if (step.do === 'stay') return inTransaction(system(), (ctx) => stayReferral(ctx, id))
    if (step.do === 'unstay') return inTransaction(system(), (ctx) => unstayReferral(ctx, id))
    if (step.do === 'sweep') {
      await expireOffers(system())
      await lapseReferrals(system())
      return windUpReferrals(system())
    }
    if (step.do === 'wait') return world.clock.advance(step.hours * 3_600_000)
    const own = world.db.root
      .select()
      .from(deliveries)
      .where(eq(deliveries.referralId, id))
      .orderBy(deliveries.id)
    const delivery = (await own)[step.which]
    if (!delivery) throw new Refusal('not_found', 'There is no such delivery.')
    const seen = { id: delivery.id, expectedVersion: delivery.version }
    const at = world.clock.read()
    return {
      confirm: () => confirmDelivery(as(town.partner), seen),
      dispute: () => disputeDelivery(as(town.partner), { ...seen, reason: 'fewer_units' }),
      sustain: () => decideDispute(as(town.officer), { ...seen, decision: 'sustained' }),
      annul: () => decideDispute(as(town.officer), { ...seen, decision: 'annulled' }),
      concede: () => concedeDispute(as(town.provider), seen),
      settle: () => inTransaction(as(town.finance), (ctx) => markSettled(ctx, [delivery.id], at)),
    }[step.what]()
  }

  async function isDone(step: Step, opened: Opened): Promise<boolean> {
    try {
      await perform(step, opened)
      return true
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    }
  }

  it('agree after every step of random walks: status, deadlines, deliveries, need and books', async () => {
    const ends = new Set<string>()
    await fc.assert(
      fc.asyncProperty(walks, async (walk) => {
        world.clock.set(new Date(START).toISOString())
        const opened = await parties.opened({ quantity: QUANTITY })
        const model = new Model()
        for (const step of walk) {
          const may = model.try(step, world.clock.read().getTime())
          expect([step, await isDone(step, opened)]).toEqual([step, may])
          const [row] = await world.db.root
            .select()
            .from(referrals)
            .where(eq(referrals.id, opened.referral.id))
          expect([step, row]).toMatchObject([
            step,
            {
              status: model.status,
              residentAnswer: model.answer,
              answerBy: new Date(model.answerBy),
              startedAt: model.startedAt === null ? null : new Date(model.startedAt),
              stayedAt: model.stayedAt === null ? null : new Date(model.stayedAt),
              stayedDays: model.stayedDays,
            },
          ])
        }
        expect(await parties.afterwards(opened.run)).toEqual(model.books)
        ends.add(model.status)
        // Out of the way of the next walk's sweeps.
        if (!model.isOver)
          await parties.move(town.officer, await parties.read(opened.referral), 'void', 'other')
      }),
      { numRuns: 16, seed: 6 },
    )
    for (const end of ['rejected', 'cancelled', 'failed', 'completed']) expect(ends).toContain(end)
  })
})
