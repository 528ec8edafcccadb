import { HappeningPayload, type JobReaction } from '../../platform/events/reactions.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { openReferrals } from './open-referrals.ts'

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

export const jobs = [openReferralsJob] as const

/** An approved run opens its referrals, without review knowing of them. */
export const reactions: readonly JobReaction[] = [{ type: 'run.approved', job: openReferralsJob }]
