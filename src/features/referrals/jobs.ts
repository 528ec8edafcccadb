/** What referrals do by themselves: open after an approval and for places that become free, and end when nobody answers, begins or ends them in time. */
import { z } from 'zod'
import { HappeningPayload, type JobReaction } from '../../platform/events/reactions.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { recurringJob } from '../../platform/jobs/recurring.ts'
import { SYSTEM } from '../identity/permissions.ts'
import { expireOffers } from './expire-offers.ts'
import { lapseReferrals } from './lapse-referrals.ts'
import { openBackfilled } from './open-backfilled.ts'
import { openReferrals } from './open-referrals.ts'
import { takeBackOffers } from './take-back-offers.ts'
import { windUpReferrals } from './wind-up-referrals.ts'

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

/** What the events say by which a match gives its place up; of a match that was no offer yet, the object is the match. */
const GivenUp = z.object({ matchId: z.uuid().optional(), reason: z.string().nullish() })

const backfillJob = defineJob({
  name: 'referrals.backfill',
  payload: HappeningPayload,
  attempts: 20,
  // Every need that gets of the place is written for itself; a second delivery of the job finds nothing left to give.
  perform: async (ctx, { objectId, data }) => {
    const { matchId = objectId, reason = null } = GivenUp.parse(data)
    await openBackfilled({ ...ctx, actor: SYSTEM }, matchId, reason)
  },
})

export const jobs = [openReferralsJob, takeBackOffersJob, backfillJob] as const

export const recurring = [
  recurringJob('referrals.expire', SWEEP_MS, (ctx) => expireOffers(ctx)),
  recurringJob('referrals.lapse', SWEEP_MS, (ctx) => lapseReferrals(ctx)),
  recurringJob('referrals.wind_up', SWEEP_MS, (ctx) => windUpReferrals(ctx)),
] as const

/** Whatever releases a match before its month is over. */
const GIVING_UP = [
  'offer.declined',
  'referral.rejected',
  'referral.expired',
  'referral.cancelled',
  'referral.failed',
  'referral.voided',
  'match.released',
]

/**
 * An approved run opens its referrals, a withdrawn consent takes offers back, a place that becomes free goes to whoever
 * waits for it, without review or residents knowing.
 */
export const reactions: readonly JobReaction[] = [
  { type: 'run.approved', job: openReferralsJob },
  { type: 'consent.withdrawn', job: takeBackOffersJob },
  ...GIVING_UP.map((type) => ({ type, job: backfillJob })),
]
