import { z } from '@hono/zod-openapi'
import { Period } from '../../../platform/period.ts'
import { Weekday } from '../../catalog/hours-schemas.ts'
import { Mode, ServiceUnit } from '../../catalog/schemas.ts'
import { Sector } from '../../identity/schemas.ts'
import { Category, Tier } from '../../policies/schemas.ts'
import { UnmetReason, UtilityParts } from '../schemas.ts'

export const OptionsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).optional().openapi({
    description: 'Options told at most; without it, as many as the policy keeps for a need',
  }),
  explain: z.enum(['excluded']).optional().openapi({
    description: '`excluded`: also what of the kind is no option, and everything that is in the way',
  }),
})
export type OptionsQuery = z.infer<typeof OptionsQuery>

const Minor = z.number().int().openapi({ description: 'Minor units' })

const Trace = z.array(
  z.object({ fact: z.string(), sentence: z.string(), verdict: z.enum(['pass', 'fail', 'unknown']) }),
)
const RuleVerdict = z
  .object({ verdict: z.enum(['pass', 'fail', 'unknown']), trace: Trace })
  .openapi('RuleVerdict', {
    description: 'Every comparison of the rule, in order; none where it has no rule',
  })

const WalkingMinutes = z.number().nullable().openapi({
  description: 'To a tenth. Null where nobody walks, or where the place is confidential (`placeWithheld`)',
})

const Score = z.object({ utility: z.number().int(), parts: UtilityParts }).openapi('OptionScore', {
  description: 'The parts add up to the utility exactly',
})

export const NotBookable = z.enum(['tier_not_bookable', 'need_not_waiting', 'month_over'])
export type NotBookable = z.infer<typeof NotBookable>

export const NeedOption = z
  .object({
    rank: z.number().int().openapi({ description: 'From 1; of equally useful ones the cheaper comes first' }),
    offeringId: z.uuid(),
    organizationId: z.uuid(),
    name: z.string(),
    sector: Sector.nullable(),
    category: Category,
    term: z.string(),
    tier: Tier,
    mode: Mode,
    unit: ServiceUnit,
    programId: z
      .uuid()
      .nullable()
      .openapi({ description: 'Who pays a part; null = the resident pays alone' }),
    programName: z.string().nullable(),
    walkingMinutes: WalkingMinutes,
    placeWithheld: z.boolean().openapi({
      description:
        'The place is confidential: neither minutes nor the score, which would tell them, are told',
    }),
    hours: z.object({
      known: z.boolean(),
      fitting: z.array(z.object({ day: Weekday, opens: z.string(), closes: z.string() })),
      dates: z
        .array(z.object({ date: z.iso.date(), opens: z.string(), closes: z.string() }))
        .nullable()
        .openapi({ description: 'Of a need wanted by a day: when it can be served until then' }),
    }),
    cost: z.object({
      currency: z.string(),
      price: Minor.openapi({ description: 'For the whole quantity = subsidies + copayment' }),
      subsidies: z.array(z.object({ programId: z.uuid(), name: z.string(), amount: Minor })),
      copayment: Minor,
      wallet: z
        .object({ before: Minor, after: Minor })
        .nullable()
        .openapi({ description: 'Null where nothing was put in for the month' }),
    }),
    availability: z.object({
      unitsLeft: z.number().int(),
      unitsOf: z.number().int(),
      staffMinutesLeft: z.number().int().nullable().openapi({ description: 'Null = not counted' }),
      at: z.iso.datetime(),
    }),
    eligibility: z.object({ offering: RuleVerdict, program: z.union([RuleVerdict, z.null()]) }),
    score: z.union([Score, z.null()]),
    bookable: z.object({ allowed: z.boolean(), reason: NotBookable.nullable() }).openapi({
      description: 'Whether the resident may book it; a booking may still be outbid, or come too late',
    }),
  })
  .openapi('NeedOption')
export type NeedOption = z.infer<typeof NeedOption>

export const ExcludedOffering = z
  .object({
    offeringId: z.uuid(),
    organizationId: z.uuid(),
    name: z.string(),
    reason: UnmetReason.openapi({ description: 'The first in the order in which options are checked' }),
    barriers: z
      .array(
        z.object({
          reason: UnmetReason,
          kind: z.string().openapi({ description: 'What would have to change' }),
          programId: z.uuid().nullable(),
          by: z.number().nullable().openapi({ description: 'The smallest increase that suffices' }),
          fact: z.string().nullable(),
        }),
      )
      .openapi({ description: 'Everything that is in the way; at least one' }),
    walkingMinutes: WalkingMinutes,
    placeWithheld: z.boolean(),
    eligibility: RuleVerdict,
  })
  .openapi('ExcludedOffering')
export type ExcludedOffering = z.infer<typeof ExcludedOffering>

export const NeedOptions = z
  .object({
    needId: z.uuid(),
    period: Period,
    policyId: z.uuid(),
    at: z.iso.datetime().openapi({ description: 'Everything committed before is in the answer' }),
    options: z.array(NeedOption),
    excluded: z
      .object({
        offerings: z.array(ExcludedOffering).openapi({
          description: 'Those with the fewest barriers first; at most 200 of them',
        }),
        ruledOut: z.partialRecord(UnmetReason, z.number().int()).openapi({
          description: 'All of the kind that are no option, also those far away, by first reason',
        }),
        outranked: z
          .number()
          .int()
          .openapi({ description: 'Offerings that could serve the need, but less well than those told' }),
      })
      .optional(),
  })
  .openapi('NeedOptions')
export type NeedOptions = z.infer<typeof NeedOptions>
