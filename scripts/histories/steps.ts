/** All that may happen in a history, each with how often chance picks it. */

import * as money from './money-steps.ts'
import * as place from './place-steps.ts'
import type { Planner } from './plan.ts'
import * as referral from './referral-steps.ts'
import * as run from './run-steps.ts'

export const STEPS: Record<string, Planner> = {
  start: run.startStep,
  perform: run.performStep,
  exclude: run.excludeStep,
  pin: run.pinStep,
  resolve: run.resolveStep,
  return: run.returnStep,
  cancelRun: run.cancelStep,
  approve: run.approveStep,
  open: run.openStep,
  accept: referral.moveStep('accept'),
  reject: referral.moveStep('reject'),
  begin: referral.moveStep('start'),
  hold: referral.moveStep('hold'),
  resume: referral.moveStep('resume'),
  complete: referral.moveStep('complete'),
  fail: referral.moveStep('fail'),
  cancel: referral.moveStep('cancel'),
  void: referral.moveStep('void'),
  yes: referral.answerStep('yes'),
  no: referral.answerStep('no'),
  book: place.bookStep,
  backfill: place.backfillStep,
  stay: referral.stayStep,
  tick: referral.tickStep,
  expire: referral.expireStep,
  lapse: referral.lapseStep,
  windUp: referral.windUpStep,
  expireNeeds: referral.expireNeedsStep,
  deliver: money.deliverStep,
  confirm: money.sayStep('confirmed'),
  dispute: money.sayStep('disputed'),
  decide: money.decideStep,
  concede: money.concedeStep,
  settle: money.settleStep,
  topUp: money.topUpStep,
  amend: money.amendStep,
  freeze: money.programStep('freeze'),
  thaw: money.programStep('thaw'),
  close: money.programStep('close'),
}

/** Tried in this order where what was drawn has nothing to do: a history goes on from run to delivery. */
export const ONWARD = ['open', 'perform', 'begin', 'accept', 'yes', 'deliver', 'approve', 'start']

/** Where it is not 1: what a history needs often, or bears seldom. */
export const WEIGHTS: Record<string, number> = {
  start: 4,
  perform: 8,
  approve: 5,
  open: 7,
  accept: 8,
  yes: 8,
  begin: 9,
  deliver: 14,
  complete: 3,
  confirm: 3,
  dispute: 4,
  decide: 2,
  settle: 5,
  book: 2,
  backfill: 2,
  tick: 5,
  exclude: 2,
}
