/** Every job of every feature, what sets them off, and which come again and again. */
import { reactions as afterChanges, jobs as catalog } from './features/catalog/jobs.ts'
import { jobs as feeds } from './features/feeds/jobs.ts'
import { jobs as matching } from './features/matching/jobs.ts'
import { reactions as afterRuns, jobs as privacy } from './features/privacy/jobs.ts'
import {
  reactions as afterApproval,
  recurring as ofReferrals,
  jobs as referrals,
} from './features/referrals/jobs.ts'
import { recurring as ofResidents } from './features/residents/jobs.ts'
import { recurring as ofSubscriptions } from './features/subscriptions/jobs.ts'
import { reactions as afterAttempts, jobs as supervision } from './features/supervision/jobs.ts'
import { sealAuditJob } from './platform/audit/seal-job.ts'
import { reactionsOf } from './platform/events/reactions.ts'
import { purgeAnswersJob } from './platform/http/purge-answers-job.ts'

export const RECURRING = [sealAuditJob, purgeAnswersJob, ...ofResidents, ...ofReferrals, ...ofSubscriptions]

export const JOBS = [
  ...RECURRING,
  ...catalog,
  ...feeds,
  ...matching,
  ...referrals,
  ...privacy,
  ...supervision,
]

export const REACTIONS = reactionsOf([...afterChanges, ...afterApproval, ...afterRuns, ...afterAttempts])
