import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Period } from '../../platform/period.ts'
import { Category, FloorGroup, Tier } from '../policies/schemas.ts'
import { IncomeClass } from '../residents/schemas.ts'

export const RunState = z.enum([
  'queued',
  'running',
  'proposed',
  'returned',
  'approved',
  'failed',
  'cancelled',
])
export type RunState = z.infer<typeof RunState>

export const MatchState = z.enum(['proposed', 'approved', 'excluded', 'released'])
export type MatchState = z.infer<typeof MatchState>

/** Why a need is unmet. */
export const UnmetReason = z.enum([
  'consent_missing',
  'data_incomplete',
  'no_offering',
  'out_of_reach',
  'unit_mismatch',
  'no_eligible_offering',
  'preference_conflict',
  'cooling_off',
  'schedule_conflict',
  'over_wallet',
  'fund_exhausted',
  'no_capacity',
  'outranked',
  'displaced',
  'excluded_by_review',
])
export type UnmetReason = z.infer<typeof UnmetReason>

/** Summands of an option's utility: they add up to it exactly. */
export const UtilityParts = z.object({
  base: z.number().int(),
  walking: z.number().int(),
  tierFit: z.number().int(),
  language: z.number().int(),
  affordability: z.number().int(),
  caregiverGender: z.number().int(),
  sector: z.number().int(),
  continuity: z.number().int(),
})
export type UtilityParts = z.infer<typeof UtilityParts>

export const RunProgress = z.object({
  phase: z.enum(['queued', 'reading', 'building', 'solving', 'writing', 'finished']),
  round: z.number().int().nullable(),
  value: z.number().nullable(),
  bound: z.number().nullable(),
})
export type RunProgress = z.infer<typeof RunProgress>

const Met = z.object({ needs: z.number().int(), met: z.number().int() })
const AccountUse = z.object({ limit: z.number().int(), used: z.number().int() })

/** What a tier got where tiers are served one after the other. */
export const TierStage = z.object({
  tier: Tier,
  value: z.number().int().openapi({ description: 'Total utility of the tier’s needs' }),
  bound: z.number().int().openapi({
    description:
      'Proved: no assignment gives this tier more without taking from an earlier one what it has got',
  }),
  gap: z.number().openapi({ description: '(bound − value) ÷ bound' }),
})
export type TierStage = z.infer<typeof TierStage>

/** What became of a fairness floor. */
const HeldFloor = z.object({
  group: FloorGroup,
  needs: z.number().int().openapi({ description: 'Of the group' }),
  attainable: z.number().int().openapi({ description: 'Of them, those with an option: no run meets more' }),
  floor: z.number().int().openapi({ description: 'Of them, those that the policy wants met' }),
  met: z.number().int(),
  missed: z.boolean().openapi({
    description:
      'Fewer are met than the policy wants: too few have an option, or the run found no way to meet more. Then bound and gap are about whatever meets the group as far as this run does',
  }),
  price: z.number().openapi({
    description: 'About what the last need that the floor asks for costs the others, in utility',
  }),
})

/** `gap` = (bound − value) ÷ bound; the best possible value lies between value and bound. */
export const RunResult = z
  .object({
    residents: z.number().int(),
    needs: z.number().int(),
    offerings: z.number().int(),
    options: z.number().int(),
    matched: z.number().int(),
    pinned: z.number().int().optional().openapi({
      description:
        'Of the matches, those that reviewers kept when it was solved again; they count in all figures. Absent where there are none',
    }),
    displaced: z
      .number()
      .int()
      .openapi({ description: 'Matches of the solution that no longer fitted when they were written' }),
    value: z.number().int().openapi({ description: 'Total utility of all that was chosen' }),
    bound: z.number().int().openapi({
      description:
        'Proved: nothing that could have been chosen is worth more. Where the policy serves tiers one after the other: nothing that leaves every tier what it has got is worth more; the sum of the stages’ bounds',
    }),
    gap: z.number().openapi({ description: '(bound − value) ÷ bound' }),
    rounds: z.number().int().openapi({ description: 'Rounds of the engine, of all stages together' }),
    stages: z.array(TierStage).optional().openapi({
      description:
        'Tiers in the order in which they were served; absent where the policy weighs them together',
    }),
    byTier: z.record(Tier, Met),
    byCategory: z.record(Category, Met),
    byIncomeClass: z.record(IncomeClass.or(z.literal('unknown')), Met),
    unmetReasons: z.partialRecord(UnmetReason, z.number().int()),
    floors: z
      .array(HeldFloor)
      .optional()
      .openapi({ description: 'Fairness floors of the policy, in its order; absent where it has none' }),
    priceOfFairness: z.number().int().optional().openapi({
      description:
        'Value without the floors − value, solved once more with the same seed and rounds. Never below 0 where tiers are weighed together; in the order of tiers, floors may also raise the value. Absent where there are none',
    }),
    funds: z.array(AccountUse.extend({ programId: z.uuid(), name: z.string() })),
    capacity: z.partialRecord(Category, AccountUse),
    firstCome: z.object({
      matched: z.number().int(),
      value: z.number().int(),
      byTier: z.record(Tier, Met),
      byIncomeClass: z.record(IncomeClass.or(z.literal('unknown')), Met),
    }),
  })
  .openapi('RunResult')
export type RunResult = z.infer<typeof RunResult>

/** An option as an explanation names it. */
export const ExplainedOption = z.object({
  offeringId: z.uuid(),
  programId: z.uuid().nullable(),
  utility: z.number().int().nullable().openapi({
    description: 'Null where it would tell how far a confidential place is',
  }),
})

/** What would have to be different, and by how much. */
const SingleChange = z.object({
  kind: z
    .enum([
      'fund',
      'capacity',
      'staff_time',
      'wallet',
      'subsidy_cap',
      'reach',
      'hours',
      'refusal',
      'cool_off',
      'unit',
      'consent',
      'fact',
      'rule',
      'place',
    ])
    .openapi({
      description:
        'An account that is too small; how far one walks; what the need accepts (hours, refusal, unit); the end of the time in which something is not offered again after a no (cool_off); what may be known (consent) or is not (fact, place); or an eligibility rule',
    }),
  accountId: z.uuid().nullable().openapi({ description: 'Of an account that is opened already' }),
  programId: z.uuid().nullable().openapi({ description: 'Of a subsidy cap' }),
  by: z.number().int().nullable().openapi({
    description:
      'In the unit of the account, or minutes of walking; null where no number helps. 0 if the need could have been met as things were and the run did not find that',
  }),
  fact: z.string().nullable().openapi({ description: 'The fact, consent or list of refusals concerned' }),
})

export const Explanation = z
  .object({
    outcome: z.enum(['matched', 'booked', 'backfilled', 'unmet', 'waiting']).openapi({
      description:
        'By a run: matched or unmet. booked: by the resident. backfilled: it got a place that had become free. waiting: no run has looked at it yet',
    }),
    reason: UnmetReason.nullable(),
    considered: z.number().int().openapi({ description: 'Options that were open to the need' }),
    ruledOut: z
      .partialRecord(UnmetReason, z.number().int())
      .openapi({ description: 'Offerings of the wanted kind that were ruled out, by reason' }),
    option: ExplainedOption.nullable().openapi({ description: 'The one chosen, or the best one missed' }),
    runnerUp: ExplainedOption.nullable(),
    change: SingleChange.nullable().openapi({
      description: 'Smallest single change that would have met the need; null where none would',
    }),
    verified: z.boolean().optional().openapi({
      description:
        'Of an unmet need. True: the need and its neighbors were solved again; with the change it is met, with one unit less it is not, or no single change meets it. Otherwise the change is what makes an option fit as long as everybody else keeps what they have',
    }),
  })
  .openapi('Explanation')
export type Explanation = z.infer<typeof Explanation>

export const StartRun = z
  .strictObject({
    areaId: z.uuid(),
    period: Period,
    seed: z.number().int().min(0).max(2_147_483_647).default(1),
    rounds: z.number().int().min(1).max(1000).default(40),
    policyId: z.uuid().optional().openapi({
      description: 'The policy that is expected to be in force: refused where another one is',
    }),
  })
  .openapi('StartRun')
export type StartRun = z.input<typeof StartRun>

export const Run = z
  .object({
    id: z.uuid(),
    areaId: z.uuid(),
    period: Period,
    policyId: z.uuid(),
    seed: z.number().int(),
    rounds: z.number().int(),
    state: RunState,
    progress: RunProgress,
    // A union, because `.nullable()` of a named schema is lost in the document.
    result: z.union([RunResult, z.null()]),
    revision: z.number().int().openapi({
      description: 'How often it was solved: once more for every time that it was solved around its review',
    }),
    resolvedAt: z.iso.datetime().nullable().openapi({ description: 'When that was asked for last' }),
    snapshotHash: z.string().nullable(),
    assignmentHash: z.string().nullable(),
    resultHash: z.string().nullable().openapi({
      description: 'SHA-256 of everything that came out: what a replay is checked against',
    }),
    engineVersion: z.string().nullable().openapi({ description: 'What solved it' }),
    failure: z.string().nullable(),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('Run')
export type Run = z.infer<typeof Run>

export const Match = z
  .object({
    id: z.uuid(),
    origin: z.enum(['run', 'booking', 'backfill']).openapi({
      description:
        'Proposed by a run, booked by the resident, or given a place that had become free after the approval',
    }),
    runId: z.uuid().nullable().openapi({ description: 'Null where the resident booked it' }),
    needId: z.uuid(),
    residentId: z.uuid(),
    offeringId: z.uuid(),
    programId: z.uuid().nullable(),
    quantity: z.number().int(),
    price: z
      .number()
      .int()
      .openapi({ description: 'Minor units for the whole quantity = subsidy + copayment' }),
    subsidy: z.number().int(),
    copayment: z.number().int(),
    walkingMinutes: z.number().nullable(),
    utility: z.number().int(),
    parts: UtilityParts,
    state: MatchState,
    exclusionReason: z.string().nullable(),
    pinReason: z.string().nullable().openapi({
      description: 'Why reviewers keep it when the run is solved again; null = not pinned',
    }),
    version: z
      .number()
      .int()
      .openapi({ description: 'Named in If-Match, in quotes, to exclude or pin the match' }),
  })
  .openapi('Match')
export type Match = z.infer<typeof Match>

export const MatchesQuery = PageQuery.extend({ state: MatchState.optional() })
export type MatchesQuery = z.infer<typeof MatchesQuery>

export const RunNeed = z
  .object({
    needId: z.uuid(),
    reason: UnmetReason.nullable(),
    explanation: Explanation,
    sentence: z.string().openapi({ description: 'The explanation in plain English' }),
  })
  .openapi('RunNeed')
export type RunNeed = z.infer<typeof RunNeed>
