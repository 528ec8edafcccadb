/** Every job of every feature, and what sets them off. */
import { jobs as catalog } from './features/catalog/jobs.ts'
import { jobs as feeds } from './features/feeds/jobs.ts'
import { jobs as matching } from './features/matching/jobs.ts'
import { reactions as afterApproval, jobs as referrals } from './features/referrals/jobs.ts'
import { sealAuditJob } from './platform/audit/seal-job.ts'
import { reactionsOf } from './platform/events/reactions.ts'

export const JOBS = [sealAuditJob, ...catalog, ...feeds, ...matching, ...referrals]

export const REACTIONS = reactionsOf(afterApproval)
