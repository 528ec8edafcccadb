import { sql } from 'drizzle-orm'
import { boolean, check, index, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { organizations } from '../identity/tables.ts'
import { policies } from '../policies/tables.ts'
import { residents } from '../residents/tables.ts'

/** What residents, through their partner's app, and bodies say of a policy draft. */
export const policyComments = pgTable(
  'policy_comments',
  {
    id: id(),
    policyId: uuid('policy_id')
      .notNull()
      .references(() => policies.id),
    /** The body itself, or the partner whose resident says it. */
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** Whether a resident says it; stays when the resident is erased and the id goes. */
    ofResident: boolean('of_resident').notNull(),
    residentId: uuid('resident_id').references(() => residents.id),
    /** In their own words; erased with the resident. */
    text: text('text'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('policy_comments_policy').on(table.policyId),
    index('policy_comments_resident').on(table.residentId),
    check('policy_comments_of_resident', sql`${table.residentId} is null or ${table.ofResident}`),
  ],
)

export const policyVote = pgEnum('policy_vote', ['for', 'against', 'abstain'])

/** One vote a resident or a body; it may be changed until the window closes. */
export const policyVotes = pgTable(
  'policy_votes',
  {
    id: id(),
    policyId: uuid('policy_id')
      .notNull()
      .references(() => policies.id),
    /** The body, or the partner whose resident votes. */
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** Whether it is a resident's; stays when the resident is erased and the id goes, so that the vote still counts. */
    ofResident: boolean('of_resident').notNull(),
    residentId: uuid('resident_id').references(() => residents.id),
    vote: policyVote('vote').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    uniqueIndex('policy_votes_one_a_resident')
      .on(table.policyId, table.residentId)
      .where(sql`${table.residentId} is not null`),
    uniqueIndex('policy_votes_one_a_body')
      .on(table.policyId, table.organizationId)
      .where(sql`not ${table.ofResident}`),
    index('policy_votes_resident').on(table.residentId),
    check('policy_votes_of_resident', sql`${table.residentId} is null or ${table.ofResident}`),
  ],
)
