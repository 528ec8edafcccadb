/** What is delivered, disputed, decided and settled, and the money put in. */
import { amendProgram } from '../../src/features/programs/amend-program.ts'
import { closeProgram } from '../../src/features/programs/close-program.ts'
import { freezeProgram } from '../../src/features/programs/freeze-program.ts'
import { thawProgram } from '../../src/features/programs/thaw-program.ts'
import { concedeDispute } from '../../src/features/referrals/concede-dispute.ts'
import { confirmDelivery } from '../../src/features/referrals/confirm-delivery.ts'
import { decideDispute } from '../../src/features/referrals/decide-dispute.ts'
import { disputeDelivery } from '../../src/features/referrals/dispute-delivery.ts'
import { recordDelivery } from '../../src/features/referrals/record-delivery.ts'
import { topUpWallet } from '../../src/features/residents/top-up-wallet.ts'
import { settlePeriod } from '../../src/features/settlement/settle-period.ts'
import type { Context } from '../../src/platform/context.ts'
import { type ModelDelivery, OVER } from './model.ts'
import { choose, choosePerson, type History, type Planner, ROLE, reasons, type Step } from './plan.ts'
import { anyReferral, isPurchased, providerOf } from './referral-steps.ts'
import { isOver } from './run-steps.ts'
import { PERIOD } from './small-world.ts'

const HOUR = 3_600_000
/** Of the month that all is for. */
const END = Date.parse('2027-01-01T00:00:00Z')

export const deliverStep: Planner = (history, step) => {
  const { model } = history
  const referral = anyReferral(history, step, ['in-progress'])
  if (!referral) return null
  const provider = providerOf(history, referral)
  const person = choosePerson(step, [provider])
  const match = model.matches.get(referral.matchId)!
  const units = step.of % 6 === 5 ? 3 : 1
  const at = timeOf(model.now, step.of % 10)
  const left = match.quantity - model.spent(referral.id)
  return {
    person,
    against: reasons({
      forbidden: ROLE[person] !== 'provider',
      not_found: ROLE[person] === 'provider' && person !== provider,
      state_conflict: referral.status !== 'in-progress',
      invalid_input: at > model.now || at >= END || referral.startedAt === null || at < referral.startedAt,
      insufficient: units > left,
    }),
    run: (ctx) =>
      recordDelivery(ctx, { referralId: referral.id, units, deliveredAt: new Date(at).toISOString() }),
    apply(_found, result) {
      const { id } = result as { id: string }
      const amounts = model.costOf(match, units, left)
      model.spend(match, amounts)
      model.deliveries.set(id, {
        id,
        referralId: referral.id,
        units,
        at,
        state: 'recorded',
        settled: false,
        amounts,
      })
    },
  }
}

/** Mostly now, or late, for the month that is over; sometimes tomorrow, before the service began, or after its month. */
function timeOf(now: number, chance: number): number {
  if (chance === 0) return now + 24 * HOUR
  if (chance === 1) return now - 24 * HOUR
  return chance === 2 ? now : Math.min(now, END - HOUR)
}

const fundedBy = ({ model }: History, { referralId }: ModelDelivery) =>
  model.matches.get(model.referrals.get(referralId)!.matchId)!.paid

export function sayStep(says: 'confirmed' | 'disputed'): Planner {
  return (history, step) => {
    const delivery = anyDelivery(history, step, ['recorded'])
    if (!delivery) return null
    const person = choosePerson(step, ['partner'])
    const wanted = { id: delivery.id, expectedVersion: history.found.versions.get(delivery.id)! }
    return {
      person,
      against: reasons({ forbidden: person !== 'partner', state_conflict: delivery.state !== 'recorded' }),
      run: (ctx): Promise<unknown> =>
        says === 'confirmed'
          ? confirmDelivery(ctx, wanted)
          : disputeDelivery(ctx, { ...wanted, reason: 'not_delivered' }),
      apply() {
        delivery.state = says
      },
    }
  }
}

function anyDelivery({ model }: History, { at, by }: Step, states: readonly string[]): ModelDelivery | null {
  const all = [...model.deliveries.values()]
  return choose(by < 70 ? all.filter(({ state }) => states.includes(state)) : all, at)
}

/** For the resident: paid for already, it counts until a settlement corrects it; otherwise what it cost is back at once. */
function annul({ model }: History, delivery: ModelDelivery): void {
  delivery.state = 'annulled'
  if (!delivery.settled) giveBack(model, delivery)
}

function giveBack(model: History['model'], delivery: ModelDelivery): void {
  const referral = model.referrals.get(delivery.referralId)!
  const match = model.matches.get(referral.matchId)!
  model.takeBack(match, delivery.amounts)
  if (OVER.includes(referral.status)) model.release(match)
}

export const decideStep: Planner = (history, step) => {
  const delivery = anyDelivery(history, step, ['disputed'])
  if (!delivery) return null
  const person = choosePerson(step, ['officer', 'otherOfficer'])
  const decision = step.of % 2 === 0 ? 'sustained' : 'annulled'
  const wanted = {
    id: delivery.id,
    expectedVersion: history.found.versions.get(delivery.id)!,
    decision,
  } as const
  return {
    person,
    against: reasons({
      forbidden: ROLE[person] !== 'officer',
      not_found:
        ROLE[person] === 'officer' &&
        !isPurchased(history, history.model.referrals.get(delivery.referralId)!),
      state_conflict: delivery.state !== 'disputed',
    }),
    run: (ctx) => decideDispute(ctx, wanted),
    apply() {
      if (decision === 'annulled') annul(history, delivery)
      else delivery.state = 'sustained'
    },
  }
}

export const concedeStep: Planner = (history, step) => {
  const delivery = anyDelivery(history, step, ['disputed'])
  if (!delivery) return null
  const provider = providerOf(history, history.model.referrals.get(delivery.referralId)!)
  const person = choosePerson(step, [provider])
  const wanted = { id: delivery.id, expectedVersion: history.found.versions.get(delivery.id)! }
  return {
    person,
    against: reasons({
      forbidden: ROLE[person] !== 'provider',
      not_found: ROLE[person] === 'provider' && person !== provider,
      state_conflict: delivery.state !== 'disputed',
    }),
    run: (ctx) => concedeDispute(ctx, wanted),
    apply: () => annul(history, delivery),
  }
}

const MONTHS = ['2026-12', '2027-01', '2027-02']
const monthOf = (at: number) => new Date(at).toISOString().slice(0, 7)
const endOf = (period: string) =>
  Date.parse(`${new Date(Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5)), 1)).toISOString()}`)

export const settleStep: Planner = (history, step) => {
  const { model, world } = history
  const period = MONTHS[step.of % 4 === 0 ? step.of % 3 : model.settlements.size % 3]!
  const person = choosePerson(step, ['otherFinance'])
  const due = [...model.deliveries.values()].filter((one) => fundedBy(history, one) && one.at < endOf(period))
  // What comes in for a month at or before a settled one goes into the next settlement.
  const isClosed = (month: string) => MONTHS.some((one) => one >= month && model.settlements.has(one))
  const earlier = MONTHS.filter((one) => one < period && !isClosed(one))
  const isMissing = earlier.some((one) =>
    due.some(({ at, settled, state }) => monthOf(at) === one && !settled && state !== 'annulled'),
  )
  const laterIsSettled = MONTHS.some((one) => one > period && model.settlements.has(one))
  return {
    person,
    against: reasons({
      forbidden: ROLE[person] !== 'finance',
      duty_conflict: !model.mayTake(world.programId, person, 'settle'),
      duplicate: model.settlements.has(period),
      invalid_input: model.now < endOf(period),
      state_conflict:
        model.now < endOf(period) ||
        laterIsSettled ||
        isMissing ||
        // A dispute over what was paid for already ends in a correction, which any later month can make.
        due.some(({ state, settled }) => state === 'disputed' && !settled),
    }),
    run: (ctx) => settlePeriod(ctx, { programId: world.programId, period }),
    apply() {
      model.takeDuty(world.programId, person, 'settle')
      const sums = { subsidy: 0, copayment: 0 }
      for (const delivery of due) payOrCorrect(model, delivery, sums)
      model.settlements.set(period, sums)
    },
  }
}

function payOrCorrect(
  model: History['model'],
  delivery: ModelDelivery,
  sums: { subsidy: number; copayment: number },
): void {
  const isWrong = delivery.state === 'annulled'
  if (isWrong !== delivery.settled) return
  const match = model.matches.get(model.referrals.get(delivery.referralId)!.matchId)!
  const sign = isWrong ? -1 : 1
  model.settle(match, delivery.amounts, sign)
  sums.subsidy += sign * delivery.amounts.fund
  sums.copayment += sign * delivery.amounts.wallet
  delivery.settled = !isWrong
  if (isWrong) giveBack(model, delivery)
}

export const topUpStep: Planner = (history, step) => {
  const { model, world } = history
  const residentId = choose(world.residentIds, step.at)!
  const person = choosePerson(step, ['partner'])
  const amount = 1 + step.of
  return {
    person,
    against: reasons({ forbidden: person !== 'partner', invalid_input: isOver(model.now) }),
    run: (ctx) => topUpWallet(ctx, { residentId, period: PERIOD, amount }),
    apply() {
      model.account(`wallet ${residentId}`).limit += amount
    },
  }
}

export const amendStep: Planner = (history, step) => {
  const { model, world } = history
  const person = choosePerson(step, ['finance'])
  const { held, spent } = model.account('fund')
  const budget = Math.max(0, held + spent + (step.of % 2000) - 300)
  return {
    person,
    against: reasons({
      forbidden: ROLE[person] !== 'finance',
      duty_conflict: !model.mayTake(world.programId, person, 'approve'),
      state_conflict: model.program === 'closed',
      insufficient: budget < held + spent,
    }),
    run: (ctx) =>
      amendProgram(ctx, {
        id: world.programId,
        budget,
        reason: 'More is needed.',
        expectedVersion: history.found.versions.get(world.programId)!,
      }),
    apply() {
      model.takeDuty(world.programId, person, 'approve')
      model.account('fund').limit = budget
      model.budget = budget
    },
  }
}

type ProgramVerb = (ctx: Context, input: { id: string; expectedVersion: number }) => Promise<unknown>

const PROGRAM_MOVES = {
  freeze: { verb: freezeProgram as ProgramVerb, from: ['open'], to: 'frozen', roles: ['officer', 'finance'] },
  thaw: { verb: thawProgram as ProgramVerb, from: ['frozen'], to: 'open', roles: ['officer', 'finance'] },
  close: { verb: closeProgram as ProgramVerb, from: ['open', 'frozen'], to: 'closed', roles: ['officer'] },
}

export function programStep(event: keyof typeof PROGRAM_MOVES): Planner {
  const { verb, from, to, roles } = PROGRAM_MOVES[event]
  return (history, step) => {
    const { model, world } = history
    // A program that is closed early makes the rest of a history dull.
    if (event === 'close' && step.of % 8 !== 0) return null
    const person = choosePerson(step, ['officer', 'otherOfficer'])
    return {
      person,
      against: reasons({
        forbidden: !roles.includes(ROLE[person]),
        state_conflict:
          !from.includes(model.program) || (event === 'close' && model.account('fund').held > 0),
      }),
      run: (ctx) =>
        verb(ctx, { id: world.programId, expectedVersion: history.found.versions.get(world.programId)! }),
      apply() {
        model.program = to
      },
    }
  }
}
