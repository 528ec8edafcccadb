/** What referrals do by themselves: open after an approval, and expire when nobody answers in time. */
import { HappeningPayload, type JobReaction } from '../../platform/events/reactions.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { recurringJob } from '../../platform/jobs/recurring.ts'
import { SYSTEM } from '../identity/permissions.ts'
import { expireOffers } from './expire-offers.ts'
import { openReferrals } from './open-referrals.ts'
import { takeBackOffers } from './take-back-offers.ts'

const SWEEP_MS = 60_000

const openReferralsJob = defineJob({
  name: 'referrals.open',
  payload: HappeningPayload,
  attempts: 5,
  perform: async (_ctx, { objectId }, job) => {
    await job.finish(async (ctx) => {
      await openReferrals(ctx, objectId)
    })
  },
})

const takeBackOffersJob = defineJob({
  name: 'referrals.take_back',
  payload: HappeningPayload,
  attempts: 1000,
  perform: async (_ctx, { objectId }, job) => {
    // The partner has asked for the withdrawal, not for what follows from it.
    await job.finish(async (ctx) => {
      await takeBackOffers({ ...ctx, actor: SYSTEM }, objectId)
    })
  },
})

export const jobs = [openReferralsJob, takeBackOffersJob] as const

export const recurring = [recurringJob('referrals.expire', SWEEP_MS, expireOffers)] as const

/** An approved run opens its referrals, a withdrawn consent takes offers back, without review or residents knowing. */
export const reactions: readonly JobReaction[] = [
  { type: 'run.approved', job: openReferralsJob },
  { type: 'consent.withdrawn', job: takeBackOffersJob },
]
