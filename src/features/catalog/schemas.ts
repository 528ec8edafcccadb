import { z } from '@hono/zod-openapi'
import { Period } from '../../platform/period.ts'
import { Text } from '../../platform/text.ts'
import { OptionalRule } from '../policies/eligibility.ts'
import { Category, Tier } from '../policies/schemas.ts'
import { Assurance } from './assurance-schemas.ts'
import { InitialCapacities, Units } from './capacity-schemas.ts'
import { HoursPatch, OptionalHours, Recurrence } from './hours-schemas.ts'
import { CreateLocation, changesSomething, NOTHING_TO_CHANGE, SourceRef } from './location-schemas.ts'
import { checkPrices, MinorUnits, PriceOptions, PriceType } from './price-schemas.ts'

/** Where a service happens: at its location, at the resident's home, or by phone or video. */
export const Mode = z.enum(['onsite', 'home', 'remote'])
export type Mode = z.infer<typeof Mode>

export const ServiceUnit = z.enum(['visit', 'hour', 'day', 'meal', 'month'])
export type ServiceUnit = z.infer<typeof ServiceUnit>

export const OfferingState = z.enum(['published', 'withdrawn', 'suspended'])
export type OfferingState = z.infer<typeof OfferingState>

/** What services and needs are paired by; any taxonomy's terms, in one spelling. */
export const Term = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'small letters, digits and _ such as day_care')
  .openapi({ example: 'day_care' })

/** A BCP 47 tag in the form `zh`, `zh-Hant`, `nan`. */
export const Language = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as zh-Hant')
export const Languages = z
  .array(Language)
  .max(20)
  .openapi({ example: ['zh', 'nan'] })

export const Gender = z.enum(['female', 'male'])
export type Gender = z.infer<typeof Gender>

const StaffMinutes = z.number().int().min(0).max(100_000)
const Genders = z
  .array(Gender)
  .max(2)
  .refine((all) => new Set(all).size === all.length, 'a gender stands here twice')
  .openapi({ description: 'Of the staff that residents can choose; empty = not known' })
const ServiceName = Text(200).openapi({ example: 'Day care', description: 'Name of the service' })
const Price = MinorUnits.openapi({
  description: 'Minor units of the deployment’s currency per unit, for a resident without reduction',
})
const Ceiling = MinorUnits.nullable().openapi({ description: 'Most that a unit may cost anybody' })
const ServiceAreas = z.array(z.uuid()).max(1000).openapi({
  description:
    'Areas whose residents it serves, however far; empty = by distance (onsite, home) or everywhere (remote)',
})

/** What can be edited of an offering, whole. Its unit is not: capacity is counted in it. */
const editableFields = {
  name: ServiceName,
  tier: Tier,
  mode: Mode,
  price: Price,
  priceType: PriceType.optional().openapi({
    description: 'Where it is not given: free at price 0, or per_unit',
  }),
  priceCeiling: Ceiling.default(null),
  priceOptions: PriceOptions.default([]),
  staffMinutesPerUnit: StaffMinutes.default(0),
  serviceAreaIds: ServiceAreas.default([]),
  eligibility: OptionalRule.default(null),
  languages: Languages.default([]),
  caregiverGenders: Genders.default([]),
  hours: OptionalHours.default(null),
}

export const EditableOffering = z.strictObject(editableFields).superRefine(checkPrices)
export type EditableOffering = z.output<typeof EditableOffering>

export const ReviseOffering = z
  .strictObject({
    name: ServiceName.optional(),
    tier: Tier.optional(),
    mode: Mode.optional(),
    price: Price.optional(),
    priceType: PriceType.nullable().optional(),
    priceCeiling: Ceiling.optional(),
    priceOptions: PriceOptions.nullable().optional(),
    staffMinutesPerUnit: StaffMinutes.nullable().optional(),
    serviceAreaIds: ServiceAreas.nullable().optional(),
    eligibility: OptionalRule.optional().openapi({ description: 'Replaced whole' }),
    languages: Languages.nullable().optional(),
    caregiverGenders: Genders.nullable().optional(),
    hours: HoursPatch.nullable().optional(),
  })
  .refine(changesSomething, NOTHING_TO_CHANGE)
  .openapi('ReviseOffering', {
    description: 'JSON merge patch: what is not named stays, null takes away',
  })
export type ReviseOffering = z.input<typeof ReviseOffering>

/** What a service and its offering are, wherever they come from. */
const OfferingFields = z.strictObject({
  ...editableFields,
  category: Category,
  term: Term,
  unit: ServiceUnit,
  capacities: InitialCapacities,
})

export const PublishOffering = OfferingFields.extend({
  locationId: z.uuid(),
  sourceRef: SourceRef.nullable().default(null),
})
  .superRefine(checkPrices)
  .openapi('PublishOffering')
export type PublishOffering = z.input<typeof PublishOffering>

const ImportedLocation = CreateLocation.extend({ organizationId: z.uuid(), sourceRef: SourceRef })

const ImportedOffering = OfferingFields.extend({
  organizationId: z.uuid(),
  sourceRef: SourceRef,
  locationRef: SourceRef.openapi({
    description: 'Source reference of a location of this import or an earlier one',
  }),
}).superRefine(checkPrices)

const ImportedStaffTime = z.strictObject({ organizationId: z.uuid(), period: Period, minutes: Units })

/** A list in which no two rows have the same key. */
function distinct<Row extends z.ZodType>(row: Row, keyOf: (row: z.output<Row>) => string) {
  return z
    .array(row)
    .max(50_000)
    .default([])
    .superRefine((rows, issues) => {
      const seen = new Set<string>()
      rows.forEach((row, at) => {
        const key = keyOf(row)
        if (seen.has(key))
          issues.addIssue({ code: 'custom', path: [at], message: `${key} stands here twice` })
        seen.add(key)
      })
    })
}

/** An import: thousands of rows that name each other by their references in the source. */
export const PublishOfferings = z.strictObject({
  locations: distinct(ImportedLocation, (location) => location.sourceRef),
  offerings: distinct(ImportedOffering, (offering) => offering.sourceRef),
  staffTimes: distinct(ImportedStaffTime, ({ organizationId, period }) => `${organizationId} ${period}`),
})
export type PublishOfferings = z.input<typeof PublishOfferings>

const RuleSentences = z.object({ en: z.string(), 'zh-Hant': z.string(), 'zh-Hans': z.string() })

export const Offering = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    serviceId: z.uuid(),
    locationId: z.uuid(),
    name: z.string(),
    category: Category,
    term: z.string(),
    tier: Tier,
    mode: Mode,
    unit: ServiceUnit,
    price: z.number().int(),
    priceType: PriceType,
    priceCeiling: z.number().int().nullable(),
    priceOptions: PriceOptions,
    currency: z.string(),
    staffMinutesPerUnit: z.number().int(),
    serviceAreaIds: z.array(z.uuid()),
    eligibility: OptionalRule,
    eligibilitySentences: RuleSentences.nullable(),
    languages: z.array(z.string()),
    caregiverGenders: z.array(Gender),
    hours: OptionalHours,
    recurrences: z.array(Recurrence).openapi({ description: 'The hours as calendars read them' }),
    assurance: z.union([Assurance, z.null()]).openapi({
      description: 'A lapsed assurance is a mark for people; the offering is matched as before',
    }),
    state: OfferingState,
    sourceRef: z.string().nullable(),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Offering')
export type Offering = z.infer<typeof Offering>
