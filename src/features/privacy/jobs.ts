import { HappeningPayload, type JobReaction } from '../../platform/events/reactions.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { eraseEvidenceOfRun } from '../matching/erase-evidence.ts'

/** A run that was under way while somebody was erased has written why that need was met or not. */
const eraseLateEvidence = defineJob({
  name: 'privacy.erase_late_evidence',
  payload: HappeningPayload,
  attempts: 20,
  perform: async (_ctx, { objectId }, job) => {
    await job.finish(async (ctx) => {
      await eraseEvidenceOfRun(ctx, objectId)
    })
  },
})

export const jobs = [eraseLateEvidence] as const

export const reactions: readonly JobReaction[] = [{ type: 'run.proposed', job: eraseLateEvidence }]
