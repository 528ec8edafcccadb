import { HappeningPayload, type JobReaction } from '../../platform/events/reactions.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { SYSTEM } from '../identity/permissions.ts'
import { noteAttempt } from './note-attempt.ts'

const noteAttemptJob = defineJob({
  name: 'supervision.note_attempt',
  payload: HappeningPayload,
  attempts: 20,
  perform: async (_ctx, happening, job) => {
    // Whoever tried it has not asked for the finding.
    await job.finish((ctx) => noteAttempt({ ...ctx, actor: SYSTEM }, happening))
  },
})

export const jobs = [noteAttemptJob] as const

/** What somebody tried and may not do is found out without the feature that refused it knowing. */
export const reactions: readonly JobReaction[] = [{ type: 'attempt.refused', job: noteAttemptJob }]
