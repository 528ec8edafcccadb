import { pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { principals } from '../identity/tables.ts'
import { matches, matchRuns } from '../matching/tables.ts'

export const reviewDecision = pgEnum('review_decision', [
  'approve',
  'exclude',
  'pin',
  'unpin',
  'return',
  'resolve',
])

/** Decisions of reviewers on a run or on one of its matches; append-only. */
export const reviewDecisions = pgTable('review_decisions', {
  id: id(),
  runId: uuid('run_id')
    .notNull()
    .references(() => matchRuns.id),
  matchId: uuid('match_id').references(() => matches.id),
  principalId: uuid('principal_id')
    .notNull()
    .references(() => principals.id),
  decision: reviewDecision('decision').notNull(),
  reason: text('reason'),
  comment: text('comment'),
  at: instant('at').notNull(),
})
