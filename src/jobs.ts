/** Every job of every feature, and what sets them off. */
import { jobs as matching } from './features/matching/jobs.ts'
import { reactions as afterApproval, jobs as referrals } from './features/referrals/jobs.ts'
import { reactionsOf } from './platform/events/reactions.ts'

export const JOBS = [...matching, ...referrals]

export const REACTIONS = reactionsOf(afterApproval)
