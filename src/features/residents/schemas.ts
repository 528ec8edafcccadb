import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Period } from '../../platform/period.ts'
import { Text } from '../../platform/text.ts'
import { Weekday } from '../catalog/hours-schemas.ts'
import { Gender, Language, Languages, ServiceUnit, Term } from '../catalog/schemas.ts'
import { Mobility, Point } from '../communities/schemas.ts'
import { Sector } from '../identity/schemas.ts'
import { Category, Tier } from '../policies/schemas.ts'
import { TopUpWallet } from './wallet-schemas.ts'

export const IncomeClass = z.enum(['low', 'lower_middle', 'general'])
export type IncomeClass = z.infer<typeof IncomeClass>

/**
 * Facts a consent can cover. Without `location`, only services for which no way is measured can be matched: remote
 * ones, and those that name the areas they serve.
 */
export const ConsentFact = z.enum([
  'location',
  'languages',
  'birth_year',
  'mobility',
  'care_level',
  'income_class',
  'lives_alone',
])
export type ConsentFact = z.infer<typeof ConsentFact>

export const ConsentPurpose = z.enum(['matching', 'referral', 'statistics'])
export type ConsentPurpose = z.infer<typeof ConsentPurpose>

/**
 * What an assessment of care found. Schemes count differently; a rule's fact `careLevel` is the highest level of those
 * that are valid.
 */
export const Assessment = z
  .strictObject({
    scheme: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'small letters, digits, - and _')
      .openapi({ description: 'Which instrument, such as Taiwan’s cms', example: 'cms' }),
    level: z.number().int().min(0).max(8),
    validUntil: z.iso.date().nullable().default(null).openapi({ description: 'Last day; null = no end' }),
  })
  .openapi('Assessment')
export type Assessment = z.output<typeof Assessment>

export const Assessments = z
  .array(Assessment)
  .max(10)
  .refine((all) => new Set(all.map(({ scheme }) => scheme)).size === all.length, 'a scheme stands here twice')

export const NeedState = z.enum([
  'registered',
  'in_run',
  'matched',
  'in_service',
  'met',
  'unmet',
  'withdrawn',
  'expired',
])
export type NeedState = z.infer<typeof NeedState>

export const GiveConsent = z
  .strictObject({
    purpose: ConsentPurpose,
    facts: z
      .array(ConsentFact)
      .min(1)
      .max(ConsentFact.options.length)
      .openapi({ example: ['location', 'languages', 'birth_year', 'mobility'] }),
    recipientId: z
      .uuid()
      .nullable()
      .default(null)
      .openapi({ description: 'The one organization that may use them; null = whoever serves the purpose' }),
    expiresAt: z.iso.datetime().nullable().default(null).openapi({ description: 'Null = until withdrawn' }),
  })
  .openapi('GiveConsent')
export type GiveConsent = z.input<typeof GiveConsent> & { residentId: string }

export const Consent = z
  .object({
    id: z.uuid(),
    residentId: z.uuid(),
    purpose: ConsentPurpose,
    recipientId: z.uuid().nullable(),
    facts: z.array(ConsentFact),
    givenAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    withdrawnAt: z.iso.datetime().nullable(),
  })
  .openapi('Consent')
export type Consent = z.infer<typeof Consent>

export const Reference = Text(200).openapi({
  description: 'The partner’s own name for the resident; kept encrypted, given back to the partner only',
  example: 'person-4711',
})
export const HomePoint = Point.openapi({
  description: 'Rounded to three decimals (about 100 m) before it is stored',
})
export const BirthYear = z.number().int().min(1900, 'is before 1900').max(2200).openapi({ example: 1948 })

const ResidentFields = z.strictObject({
  reference: Reference,
  areaId: z
    .uuid()
    .nullable()
    .default(null)
    .openapi({ description: 'Null = the smallest area whose outline holds the exact point' }),
  point: HomePoint,
  birthYear: BirthYear.nullable().default(null),
  mobility: Mobility.nullable().default(null),
  assessments: Assessments.default([]),
  incomeClass: IncomeClass.nullable().default(null),
  livesAlone: z.boolean().nullable().default(null),
  languages: Languages.default([]),
})

export const RegisterResident = ResidentFields.extend({
  consent: GiveConsent.nullable().default(null).openapi({ description: 'A first consent, in the same step' }),
}).openapi('RegisterResident')
export type RegisterResident = z.input<typeof RegisterResident>

export const Resident = z
  .object({
    id: z.uuid(),
    reference: z.string(),
    areaId: z.uuid(),
    point: Point,
    birthYear: z.number().int().nullable(),
    mobility: Mobility.nullable(),
    assessments: z.array(Assessment),
    incomeClass: IncomeClass.nullable(),
    livesAlone: z.boolean().nullable(),
    languages: z.array(z.string()),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Resident')
export type Resident = z.infer<typeof Resident>

/** The answer to a registration is kept under its Idempotency-Key, in clear; so it leaves out the reference. */
export const RegisteredResident = Resident.omit({ reference: true }).openapi('RegisteredResident')
export type RegisteredResident = z.infer<typeof RegisteredResident>

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time of day such as 09:00')

/** When the resident can be served, on the wall clock of the place; from `opens` until, and not at, `closes`. */
export const AcceptableHours = z
  .array(
    z
      .strictObject({
        day: Weekday,
        opens: TimeOfDay.openapi({ example: '09:00' }),
        closes: TimeOfDay.openapi({ example: '12:00' }),
      })
      .refine(({ opens, closes }) => opens < closes, { path: ['closes'], message: 'must be after opens' }),
  )
  .min(1)
  .max(42)
export type AcceptableHours = z.infer<typeof AcceptableHours>

/** What the resident would rather have: an option that has it is worth more, another one stays possible. */
export const Preferences = z
  .strictObject({
    language: Language.optional().openapi({ description: 'BCP 47; before the resident’s own' }),
    caregiverGender: Gender.optional(),
    sector: Sector.optional(),
    keepProvider: z
      .boolean()
      .optional()
      .openapi({ description: 'Whoever served the same kind of need last' }),
  })
  .openapi('Preferences')
export type Preferences = z.infer<typeof Preferences>

/** What the resident does not accept: such an offering is never an option. */
export const Refusals = z
  .strictObject({
    organizationIds: z.array(z.uuid()).max(50).optional(),
    offeringIds: z.array(z.uuid()).max(50).optional(),
    sectors: z.array(Sector).max(4).optional(),
    caregiverGenders: z.array(Gender).max(4).optional(),
  })
  .openapi('Refusals')
export type Refusals = z.infer<typeof Refusals>

/** How soon somebody who knows the case says that it must be served. */
export const Priority = z.enum(['urgent', 'high', 'medium', 'standard'])
export type Priority = z.infer<typeof Priority>

/** What of a need may change while it waits. */
const NeedWishes = z.strictObject({
  quantity: z.number().int().min(1).max(1000).openapi({ description: 'Units wanted in the period' }),
  neededBy: z.iso
    .date()
    .nullable()
    .openapi({ description: 'Wanted once, by this day of the period; null = all through the period' }),
  acceptableHours: AcceptableHours.nullable().openapi({
    description: 'Weekly hours in which the resident can be served; null = any',
  }),
  preferences: Preferences,
  refusals: Refusals,
  maxWalkingMinutes: z
    .number()
    .int()
    .min(1)
    .max(240)
    .nullable()
    .openapi({ description: 'Longest walk accepted; null = what the policy says' }),
  priority: Priority.openapi({
    description: 'How soon it must be served; what it adds is said by the policy (`urgency.priority`)',
  }),
})

const { quantity, neededBy, acceptableHours, preferences, refusals, maxWalkingMinutes, priority } =
  NeedWishes.shape

/** What is not given stays; what is given replaces the whole field. */
export const ReviseNeed = NeedWishes.partial().openapi('ReviseNeed')
export type ReviseNeed = z.input<typeof ReviseNeed>

export const RegisterNeed = z
  .strictObject({
    period: Period,
    category: Category,
    term: Term,
    tier: Tier,
    quantity,
    unit: ServiceUnit.nullable()
      .default(null)
      .openapi({ description: 'What the quantity counts; null = the unit of the offering, whatever it is' }),
    neededBy: neededBy.default(null),
    acceptableHours: acceptableHours.default(null),
    preferences: preferences.default({}),
    refusals: refusals.default({}),
    maxWalkingMinutes: maxWalkingMinutes.default(null),
    priority: priority.default('standard'),
  })
  .openapi('RegisterNeed')
export type RegisterNeed = z.input<typeof RegisterNeed> & { residentId: string }

export const Need = z
  .object({
    id: z.uuid(),
    residentId: z.uuid(),
    period: Period,
    category: Category,
    term: z.string(),
    tier: Tier,
    quantity: z.number().int(),
    unit: ServiceUnit.nullable(),
    neededBy: z.string().nullable(),
    acceptableHours: AcceptableHours.nullable(),
    preferences: Preferences,
    refusals: Refusals,
    maxWalkingMinutes: z.number().int().nullable(),
    priority: Priority,
    waitingSince: z.iso.datetime(),
    state: NeedState,
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Need')
export type Need = z.infer<typeof Need>

export const NeedsQuery = PageQuery.extend({
  residentId: z.uuid().optional(),
  period: Period.optional(),
  state: NeedState.optional(),
})
export type NeedsQuery = z.infer<typeof NeedsQuery>

const ImportedNeed = RegisterNeed.extend({
  waitingSince: z.iso.datetime().nullable().default(null).openapi({ description: 'Null = from now on' }),
})

/** A resident with everything that comes along at the first registration. */
export const ImportedResident = ResidentFields.extend({
  consents: z.array(GiveConsent).max(10).default([]),
  wallets: z
    .array(TopUpWallet.extend({ amount: z.number().int().min(0).max(1_000_000_000) }))
    .max(36)
    .default([]),
  needs: z.array(ImportedNeed).max(50).default([]),
})

/** An import of one partner's residents with everything they come with. */
export const RegisterResidents = z.strictObject({
  organizationId: z.uuid(),
  residents: z.array(ImportedResident).max(10_000).superRefine(refuseTwins),
})
export type RegisterResidents = z.input<typeof RegisterResidents>

/** What the database would refuse without saying where: a reference, a wallet or a need that stands there twice. */
function refuseTwins(
  residents: z.output<typeof ImportedResident>[],
  issues: { addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void },
): void {
  const seen = new Set<string>()
  const once = (key: string, path: PropertyKey[]) => {
    if (seen.has(key)) issues.addIssue({ code: 'custom', path, message: 'stands here twice' })
    seen.add(key)
  }
  residents.forEach(({ reference, wallets, needs }, at) => {
    once(`resident ${reference}`, [at, 'reference'])
    wallets.forEach(({ period }, of) => {
      once(`wallet ${at} ${period}`, [at, 'wallets', of])
    })
    needs.forEach(({ period, category, term }, of) => {
      once(`need ${at} ${period} ${category} ${term}`, [at, 'needs', of])
    })
  })
}
