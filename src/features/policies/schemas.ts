import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'

export const Category = z.enum(['elderly_care', 'medical', 'cultural', 'life_care'])
export type Category = z.infer<typeof Category>

/** Levels of need: guaranteed, affordable, individual. */
export const Tier = z.enum(['basic', 'inclusive', 'personalized'])
export type Tier = z.infer<typeof Tier>

const Percent = z.number().int().min(0).max(1000)
/** The largest weights together keep the utilities of some 110,000 needs an exact sum (below 2^53). */
const Weight = z.number().int().min(0).max(1000)
const Speed = z.number().min(0.1).max(5)

/** Those whose needs a floor speaks of. */
export const FloorGroup = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('tier'), value: Tier }),
  z.strictObject({ by: z.literal('category'), value: Category }),
  z.strictObject({ by: z.literal('income_class'), value: z.enum(['low', 'lower_middle', 'general']) }),
  z.strictObject({
    by: z.literal('area'),
    value: z.uuid().openapi({ description: 'The area’s id; everybody who lives in it or in a part of it' }),
  }),
])
export type FloorGroup = z.infer<typeof FloorGroup>

/** A fairness floor: what a group gets at least, whatever others would gain by it. */
export const Floor = z
  .strictObject({
    group: FloorGroup,
    share: z
      .number()
      .int()
      .min(0)
      .max(100)
      .openapi({ description: 'Percent of the group’s needs that are met at least' }),
  })
  .openapi('Floor')
export type Floor = z.infer<typeof Floor>

/** Days for which a provider that somebody turned away from is not proposed to them again, where the policy says nothing. */
export const DEFAULT_COOL_OFF_DAYS = 30

/**
 * Everything that decides a match, as data. Utility of an option =
 * tierWeight × urgency × (base + suitability), where urgency = 100 + waiting + careLevel + priority (percent) and
 * suitability = walking + tierFit + language + affordability + caregiverGender + sector + continuity; every figure is an
 * integer, so the parts add up exactly. The last three and the priority are optional, missing = 0: documents adopted
 * before there were any stay as they are.
 */
export const PolicyDocument = z
  .strictObject({
    order: z.enum(['weighted', 'by_tier']).optional().openapi({
      description:
        'How tiers compete. `weighted` (also where missing): all together, by their weights. `by_tier`: one after the other; what a tier can get, no amount of a later tier’s needs takes from it',
    }),
    tierWeights: z.strictObject({ basic: Weight, inclusive: Weight, personalized: Weight }),
    urgency: z.strictObject({
      waitingPerWeek: Percent.openapi({ description: 'Percent added per whole week of waiting' }),
      waitingCap: Percent.openapi({ description: 'Most percent that waiting adds' }),
      perCareLevel: Percent.openapi({ description: 'Percent added per level of care, 0 … 8' }),
      priority: z.strictObject({ urgent: Percent, high: Percent, medium: Percent }).optional().openapi({
        description: 'Percent added by the need’s priority; `standard` adds nothing; missing = 0',
      }),
    }),
    suitability: z.strictObject({
      base: Weight.openapi({ description: 'What being served at all is worth' }),
      walking: Weight.openapi({
        description: 'Added next door; falls in a line to 0 at the edge of the policy’s reach',
      }),
      tierFit: Weight.openapi({ description: 'Added where the offering is of the need’s tier' }),
      language: Weight.openapi({
        description:
          'Added where the staff speak the language that the need prefers or, where it prefers none, a language of the resident',
      }),
      affordability: Weight.openapi({
        description: 'Added where it costs the resident nothing; falls in a line to 0 at the full price',
      }),
      caregiverGender: Weight.optional().openapi({
        description: 'Added where there are caregivers of the gender that the need prefers; missing = 0',
      }),
      sector: Weight.optional().openapi({
        description: 'Added where the provider is of the sector that the need prefers; missing = 0',
      }),
      continuity: Weight.optional().openapi({
        description:
          'Added where the resident prefers to keep whoever served the same kind of need last, and it is they; missing = 0',
      }),
    }),
    reach: z.strictObject({
      onsiteMinutes: z.number().min(1).max(120).openapi({ description: 'Longest walk to a service' }),
      homeMinutes: z.number().min(1).max(240).openapi({ description: 'Longest walk of staff to a home' }),
      metersPerSecond: z.strictObject({ independent: Speed, slow: Speed, homebound: Speed }),
      detourFactor: z.number().min(1).max(3).openapi({ description: 'Walked distance ÷ straight line' }),
    }),
    optionsPerNeed: z.number().int().min(1).max(1000).openapi({ description: 'Best options kept per need' }),
    bookableTiers: z.array(Tier).openapi({ description: 'Tiers that residents may book themselves' }),
    decisionDays: z.number().int().min(1).max(60).openapi({ description: 'Days to answer a referral' }),
    coolOffDays: z
      .number()
      .int()
      .min(1)
      .max(365)
      .optional()
      .openapi({
        description: `Days for which what somebody turned down is not proposed to them again; missing = ${DEFAULT_COOL_OFF_DAYS}`,
      }),
    floors: z
      .array(Floor)
      .max(50)
      .refine(isOneAGroup, { message: 'has two floors of one group' })
      .optional()
      .openapi({ description: 'Fairness floors, one a group at most; missing = none' }),
  })
  .openapi('PolicyDocument')
export type PolicyDocument = z.infer<typeof PolicyDocument>

function isOneAGroup(floors: readonly Floor[]): boolean {
  return new Set(floors.map(({ group }) => `${group.by} ${group.value}`)).size === floors.length
}

export const PolicyState = z.enum(['draft', 'consultation', 'adopted', 'superseded'])
export type PolicyState = z.infer<typeof PolicyState>

export const DraftPolicy = z
  .strictObject({
    document: PolicyDocument,
    text: Text(20_000).openapi({ description: 'The document in plain language, for residents' }),
  })
  .openapi('DraftPolicy')
export type DraftPolicy = z.input<typeof DraftPolicy>

const Instant = z.iso.datetime({ offset: true })

export const ConsultPolicy = z
  .strictObject({
    from: Instant.optional().openapi({
      description: 'When comments and votes are taken first; now by default',
    }),
    until: Instant.openapi({
      description: 'From when on none are taken any more: a day after `from` at least, a year at most',
    }),
  })
  .openapi('ConsultPolicy')
export type ConsultPolicy = z.input<typeof ConsultPolicy>

export const Policy = z
  .object({
    id: z.uuid(),
    number: z.number().int(),
    state: PolicyState,
    document: PolicyDocument,
    text: z.string(),
    consultedFrom: z.iso.datetime().nullable().openapi({ description: 'Null before a consultation' }),
    consultedUntil: z.iso.datetime().nullable(),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
    adoptedAt: z.iso.datetime().nullable(),
  })
  .openapi('Policy')
export type Policy = z.infer<typeof Policy>

const Figure = z.union([z.number(), z.string(), z.boolean()])

export const PolicyDifference = z
  .object({
    from: z.uuid(),
    to: z.uuid(),
    differences: z.array(
      z.object({
        path: z.string().openapi({
          description: 'JSON pointer into the document; tiers and floors by name',
          example: '/decisionDays',
        }),
        before: Figure,
        after: Figure,
        sentence: z.string().openapi({ example: 'The time to answer a referral falls from 5 to 3 days.' }),
      }),
    ),
    textChanged: z.boolean().openapi({ description: 'Whether the plain language differs' }),
  })
  .openapi('PolicyDifference')
export type PolicyDifference = z.infer<typeof PolicyDifference>
