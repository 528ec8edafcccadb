/** Places taken outside of runs: booked by residents, and given on when somebody gives one up. */
import { createBooking } from '../../src/features/referrals/create-booking.ts'
import { openBackfilled } from '../../src/features/referrals/open-backfilled.ts'
import { adoptMatch } from './adopt-match.ts'
import { NEED_OPEN } from './model.ts'
import { choose, choosePerson, type History, type Planner, reasons } from './plan.ts'
import { isOver } from './run-steps.ts'
import { OFFERINGS } from './small-world.ts'

const capsOf = ({ model, world }: History) =>
  new Map(world.residentIds.map((id) => [id, model.left(`cap ${id}`)]))

export const bookStep: Planner = (history, step) => {
  const { model, world } = history
  const need = choose(world.needs, step.at)!
  const offering = step.of % OFFERINGS.length
  const { term, price } = OFFERINGS[offering]!
  const person = choosePerson(step, ['partner'])
  const programId = step.of % 2 === 0 ? world.programId : null
  const quantity = need.quantity
  return {
    person,
    against: reasons({
      forbidden: person !== 'partner',
      state_conflict: !NEED_OPEN.includes(model.needs.get(need.id)!.state) || isOver(model.now),
      not_bookable: need.term !== 'meals',
      not_an_option: term !== need.term || (programId !== null && model.program !== 'open'),
      insufficient:
        model.left(`capacity ${offering}`) < quantity ||
        isTooDear(history, need.residentId, price * quantity, programId),
    }),
    // Prices of the last run, and which of two shortages is told, are not the model's.
    perhaps: ['outbid', 'not_an_option', 'insufficient'],
    run: (ctx) =>
      createBooking(ctx, { needId: need.id, offeringId: world.offeringIds[offering]!, programId }),
    apply(found, result) {
      const { matchId, referralId, answerBy } = result as {
        matchId: string
        referralId: string
        answerBy: Date
      }
      const row = found.matches.find(({ id }) => id === matchId)!
      adoptMatch(history, row, { state: 'approved', capsBefore: capsOf(history) })
      model.open(referralId, matchId, answerBy.getTime()).answer = 'accepted'
    },
  }
}

/** Without help it is the wallet; with help the model leaves it to the rules of `adoptMatch`. */
function isTooDear({ model }: History, residentId: string, price: number, programId: string | null): boolean {
  return programId === null && model.left(`wallet ${residentId}`) < price
}

/** What was given up goes to somebody who waits; who gets it is up to the prices, that it fits is up to the rules. */
export const backfillStep: Planner = (history, step) => {
  const { model } = history
  const referred = new Set([...model.referrals.values()].map(({ matchId }) => matchId))
  const freed = [...model.matches.values()].filter(
    ({ id, state }) => state === 'released' && referred.has(id),
  )
  const match = choose(freed, step.at)
  if (!match) return null
  return {
    person: 'system',
    against: [],
    brokenOff: [],
    run: (ctx) => openBackfilled(ctx, match.id, null),
    apply(found) {
      const fresh = found.matches.filter(({ id }) => !model.matches.has(id))
      for (const row of fresh) {
        adoptMatch(history, row, { state: 'approved', capsBefore: capsOf(history) })
        const referral = found.referrals.find(({ matchId }) => matchId === row.id)
        if (!referral) throw new Error('A place was given without a referral.')
        model.open(referral.id, row.id, Date.parse(referral.answerBy))
      }
    },
  }
}
