import { HappeningPayload, type JobReaction } from '../../platform/events/reactions.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { lapseAssuranceJob } from './lapse-assurance.ts'
import { retellOrganization } from './retell-organization.ts'

const retellOrganizationJob = defineJob({
  name: 'catalog.retell_organization',
  payload: HappeningPayload,
  attempts: 5,
  perform: async (_ctx, { objectId }, job) => {
    await job.finish((ctx) => retellOrganization(ctx, objectId))
  },
})

export const jobs = [lapseAssuranceJob, retellOrganizationJob] as const

export const reactions: readonly JobReaction[] = [
  { type: 'organization.changed', job: retellOrganizationJob },
]
