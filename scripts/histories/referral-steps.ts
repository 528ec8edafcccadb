/** Offers and referrals, and the time that runs out on them. */
import { acceptOffer } from '../../src/features/referrals/accept-offer.ts'
import { declineOffer } from '../../src/features/referrals/decline-offer.ts'
import { expireOffers } from '../../src/features/referrals/expire-offers.ts'
import { lapseReferrals } from '../../src/features/referrals/lapse-referrals.ts'
import { moveReferral, type PartyEvent } from '../../src/features/referrals/move-referral.ts'
import type { ReferralReason } from '../../src/features/referrals/schemas.ts'
import { stayReferral } from '../../src/features/referrals/stay-referral.ts'
import { unstayReferral } from '../../src/features/referrals/unstay-referral.ts'
import { windUpReferrals } from '../../src/features/referrals/wind-up-referrals.ts'
import { expireNeeds } from '../../src/features/residents/expire-needs.ts'
import { inTransaction } from '../../src/platform/context.ts'
import { type ModelReferral, NEED_OPEN } from './model.ts'
import { choose, choosePerson, type History, type Planner, ROLE, reasons, type Step } from './plan.ts'
import { isOver } from './run-steps.ts'
import { OFFERINGS, type Person } from './small-world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The default policy's. */
const DECISION_DAYS = 5
/** When December is over, and the days to decide after it. */
const LAST_CALL = Date.parse('2027-01-01T00:00:00Z') + DECISION_DAYS * DAY

/** Gravity's table once more, by hand: from → to, and which role gives which reason. */
const MOVES: Record<
  PartyEvent,
  { from: string[]; to: string; by: Record<string, ReferralReason | null>; frees?: boolean }
> = {
  accept: { from: ['requested'], to: 'accepted', by: { provider: null } },
  reject: { from: ['requested'], to: 'rejected', by: { provider: 'staff_missing' }, frees: true },
  start: { from: ['accepted'], to: 'in-progress', by: { provider: null } },
  hold: { from: ['in-progress'], to: 'on-hold', by: { provider: 'staff_missing' } },
  resume: { from: ['on-hold'], to: 'in-progress', by: { provider: null } },
  complete: { from: ['in-progress'], to: 'completed', by: { provider: null } },
  fail: {
    from: ['accepted', 'in-progress', 'on-hold'],
    to: 'failed',
    by: { provider: 'no_show' },
    frees: true,
  },
  cancel: {
    from: ['requested', 'accepted', 'in-progress', 'on-hold'],
    to: 'cancelled',
    by: { provider: 'staff_missing', partner: 'resident_moved', officer: 'fund_withdrawn' },
    frees: true,
  },
  void: {
    from: ['draft', 'requested', 'accepted', 'in-progress', 'on-hold'],
    to: 'entered-in-error',
    by: { officer: 'duplicate' },
    frees: true,
  },
}

export const providerOf = ({ model }: History, { matchId }: ModelReferral): Person =>
  OFFERINGS[model.matches.get(matchId)!.offering]!.provider

/** By a run, or paid by a program: otherwise no purchaser has to do with it. */
export const isPurchased = ({ model }: History, { matchId }: ModelReferral) => {
  const match = model.matches.get(matchId)!
  return match.runId !== null || match.paid
}

const needOf = ({ model }: History, { matchId }: ModelReferral) =>
  model.needs.get(model.matches.get(matchId)!.needId)!

/** Ends it: what is left is free, the need waits again. */
function free(history: History, referral: ModelReferral): void {
  history.model.giveUp(history.model.matches.get(referral.matchId)!)
}

/** Served: what is left is free, the need is met. */
function close(history: History, referral: ModelReferral): void {
  history.model.release(history.model.matches.get(referral.matchId)!)
  needOf(history, referral).state = 'met'
}

/** Prefers referrals that something can still happen to. */
export function anyReferral(
  history: History,
  { at, by }: Step,
  from?: readonly string[],
): ModelReferral | null {
  const all = [...history.model.referrals.values()]
  const fitting = from && by < 70 ? all.filter(({ status }) => from.includes(status)) : all
  return choose(fitting, at)
}

export function moveStep(event: PartyEvent): Planner {
  const { from, to, by, frees } = MOVES[event]
  return (history, step) => {
    const referral = anyReferral(history, step, from)
    if (!referral) return null
    const { model } = history
    const provider = providerOf(history, referral)
    const able = Object.keys(by).flatMap((role): Person[] =>
      role === 'provider' ? [provider] : role === 'officer' ? ['officer', 'otherOfficer'] : ['partner'],
    )
    const person = choosePerson(step, able)
    const role = ROLE[person]
    return {
      person,
      against: reasons({
        forbidden: !(role in by),
        not_found:
          (role === 'provider' && person !== provider) ||
          (role === 'officer' && !isPurchased(history, referral)),
        state_conflict:
          !from.includes(referral.status) ||
          (event === 'start' && referral.answer !== 'accepted') ||
          (event === 'complete' && model.delivered(referral.id) === 0),
      }),
      run: (ctx) =>
        moveReferral(ctx, {
          id: referral.id,
          event,
          reason: by[role] ?? null,
          expectedVersion: history.found.versions.get(referral.id)!,
        }),
      apply() {
        referral.status = to
        if (event === 'start') {
          referral.startedAt = model.now
          needOf(history, referral).state = 'in_service'
        }
        if (event === 'complete') close(history, referral)
        if (frees) free(history, referral)
      },
    }
  }
}

export function answerStep(says: 'yes' | 'no'): Planner {
  return (history, step) => {
    const referral = anyReferral(history, step, ['requested', 'accepted'])
    if (!referral) return null
    const person = choosePerson(step, ['partner'])
    const wanted = { id: referral.id, expectedVersion: history.found.versions.get(referral.id)! }
    return {
      person,
      against: reasons({
        forbidden: person !== 'partner',
        state_conflict: !['requested', 'accepted'].includes(referral.status) || referral.answer !== null,
      }),
      run: (ctx) =>
        says === 'yes'
          ? acceptOffer(ctx, wanted)
          : declineOffer(ctx, { ...wanted, reason: 'health_changed' }),
      apply() {
        referral.answer = says === 'yes' ? 'accepted' : 'declined'
        if (says === 'yes') return
        referral.status = 'cancelled'
        free(history, referral)
      },
    }
  }
}

/** Mostly hours, now and then days; in its second half a history sees months end. */
export const tickStep: Planner = (history, { at, of }) => {
  const now = new Date(history.model.now)
  const nextMonth = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) + (of % 7) * DAY
  const isLate = history.age > 0.55 && of % 2 === 0
  const milliseconds = isLate
    ? nextMonth - history.model.now
    : at % 4 === 0
      ? (1 + (of % 6)) * DAY
      : (1 + (of % 12)) * HOUR
  return {
    person: 'system',
    against: [],
    run: async () => {},
    apply() {
      history.advance(milliseconds)
      history.model.now += milliseconds
    },
  }
}

/** Later by the days that it was stayed. */
const lastCall = ({ stayedDays }: ModelReferral) => LAST_CALL + stayedDays * DAY

const idle = ({ stayedAt }: ModelReferral) => stayedAt === null

export const expireStep: Planner = (history) => ({
  person: 'system',
  against: [],
  run: (ctx) => expireOffers(ctx),
  apply() {
    for (const referral of history.model.referrals.values()) {
      const isOpen =
        referral.status === 'requested' || (referral.status === 'accepted' && referral.answer === null)
      if (!isOpen || !idle(referral) || referral.answerBy > history.model.now) continue
      referral.status = 'cancelled'
      free(history, referral)
    }
  },
})

/** Accepted by both, and never begun. */
export const lapseStep: Planner = (history) => ({
  person: 'system',
  against: [],
  run: (ctx) => lapseReferrals(ctx),
  apply() {
    for (const referral of history.model.referrals.values()) {
      if (referral.status !== 'accepted' || referral.answer !== 'accepted' || !idle(referral)) continue
      if (history.model.now < lastCall(referral)) continue
      referral.status = 'cancelled'
      free(history, referral)
    }
  },
})

/** Begun, and never ended. */
export const windUpStep: Planner = (history) => ({
  person: 'system',
  against: [],
  run: (ctx) => windUpReferrals(ctx),
  apply() {
    for (const referral of history.model.referrals.values()) {
      if (!['in-progress', 'on-hold'].includes(referral.status) || !idle(referral)) continue
      if (history.model.now < lastCall(referral)) continue
      const served = history.model.delivered(referral.id) > 0
      referral.status = served ? 'completed' : 'failed'
      if (served) close(history, referral)
      else free(history, referral)
    }
  },
})

export const expireNeedsStep: Planner = (history) => ({
  person: 'system',
  against: [],
  run: (ctx) => expireNeeds(ctx),
  apply() {
    if (!isOver(history.model.now)) return
    for (const need of history.model.needs.values())
      if (NEED_OPEN.includes(need.state)) need.state = 'expired'
  },
})

/** An appeal stays every deadline. */
export const stayStep: Planner = (history, step) => {
  const referral = anyReferral(history, step, ['requested', 'accepted', 'in-progress'])
  if (!referral) return null
  const { stayedAt } = referral
  const change = stayedAt === null ? stayReferral : unstayReferral
  return {
    person: 'system',
    against: [],
    run: (ctx) => inTransaction(ctx, (ctx) => change(ctx, referral.id)),
    apply() {
      const { now } = history.model
      if (stayedAt === null) {
        referral.stayedAt = now
        return
      }
      referral.answerBy += now - stayedAt
      referral.stayedDays += Math.ceil((now - stayedAt) / DAY)
      referral.stayedAt = null
    },
  }
}
