import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Period } from '../../platform/period.ts'
import { Text } from '../../platform/text.ts'
import { Point } from '../communities/schemas.ts'
import { OptionalRule } from '../policies/eligibility.ts'
import { Category, Tier } from '../policies/schemas.ts'

/** Where a service happens: at its location, at the resident's home, or by phone or video. */
export const Mode = z.enum(['onsite', 'home', 'remote'])
export type Mode = z.infer<typeof Mode>

export const ServiceUnit = z.enum(['visit', 'hour', 'day', 'meal', 'month'])
export type ServiceUnit = z.infer<typeof ServiceUnit>

export const OfferingState = z.enum(['published', 'withdrawn'])
export type OfferingState = z.infer<typeof OfferingState>

/** What services and needs are paired by; any taxonomy's terms, in one spelling. */
export const Term = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'small letters, digits and _ such as day_care')
  .openapi({ example: 'day_care' })

/** BCP 47 tags in the form `zh`, `zh-Hant`, `nan`. */
export const Languages = z
  .array(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as zh-Hant'))
  .max(20)
  .openapi({ example: ['zh', 'nan'] })

const MinorUnits = z.number().int().min(0).max(1_000_000_000)
const Units = z.number().int().min(0).max(1_000_000_000)
const StaffMinutes = z.number().int().min(0).max(100_000)
const SourceRef = Text(200)

export const CreateLocation = z
  .strictObject({
    name: Text(200).openapi({ example: 'Jinhua Community Care Station' }),
    address: Text(500),
    areaId: z.uuid().nullable().default(null),
    point: Point.nullable()
      .default(null)
      .openapi({ description: 'Null where unknown: such a location is not matched by distance' }),
    sourceRef: SourceRef.nullable().default(null),
  })
  .openapi('CreateLocation')
export type CreateLocation = z.input<typeof CreateLocation>

export const Location = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    name: z.string(),
    address: z.string(),
    areaId: z.uuid().nullable(),
    point: Point.nullable(),
    sourceRef: z.string().nullable(),
  })
  .openapi('Location')
export type Location = z.infer<typeof Location>

const InitialCapacity = z.strictObject({ period: Period, units: Units })

/** What a service and its offering are, wherever they come from. */
const OfferingFields = z.strictObject({
  name: Text(200).openapi({ example: 'Day care', description: 'Name of the service' }),
  category: Category,
  term: Term,
  tier: Tier,
  mode: Mode,
  unit: ServiceUnit,
  price: MinorUnits.openapi({ description: 'Minor units of the deployment’s currency per unit' }),
  staffMinutesPerUnit: StaffMinutes.default(0),
  serviceAreaIds: z.array(z.uuid()).max(1000).default([]).openapi({
    description:
      'Areas whose residents it serves, however far; empty = by distance (onsite, home) or everywhere (remote)',
  }),
  eligibility: OptionalRule.default(null),
  languages: Languages.default([]),
  capacities: z
    .array(InitialCapacity)
    .max(36)
    .default([])
    .refine((all) => new Set(all.map((one) => one.period)).size === all.length, 'a period stands here twice'),
})

export const PublishOffering = OfferingFields.extend({
  locationId: z.uuid(),
  sourceRef: SourceRef.nullable().default(null),
}).openapi('PublishOffering')
export type PublishOffering = z.input<typeof PublishOffering>

const ImportedLocation = CreateLocation.extend({ organizationId: z.uuid(), sourceRef: SourceRef })

const ImportedOffering = OfferingFields.extend({
  organizationId: z.uuid(),
  sourceRef: SourceRef,
  locationRef: SourceRef.openapi({
    description: 'Source reference of a location of this import or an earlier one',
  }),
})

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

/** Units of a period: what there is at most, and what is left of it. */
export const Capacity = z
  .object({
    period: Period,
    maximum: z.number().int(),
    held: z.number().int(),
    spent: z.number().int(),
    available: z.number().int(),
  })
  .openapi('Capacity')
export type Capacity = z.infer<typeof Capacity>

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
    currency: z.string(),
    staffMinutesPerUnit: z.number().int(),
    serviceAreaIds: z.array(z.uuid()),
    eligibility: OptionalRule,
    languages: z.array(z.string()),
    state: OfferingState,
    sourceRef: z.string().nullable(),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Offering')
export type Offering = z.infer<typeof Offering>

export const OfferingsQuery = PageQuery.extend({
  category: Category.optional(),
  term: Term.optional(),
  mode: Mode.optional(),
  state: OfferingState.optional(),
  organizationId: z.uuid().optional(),
  areaId: z.uuid().optional().openapi({ description: 'Only at locations in this area or a part of it' }),
})
export type OfferingsQuery = z.infer<typeof OfferingsQuery>

export const SetCapacity = z.strictObject({ units: Units }).openapi('SetCapacity')
export type SetCapacity = z.input<typeof SetCapacity> & { offeringId: string; period: Period }

export const SetStaffTime = z.strictObject({ minutes: Units }).openapi('SetStaffTime')
export type SetStaffTime = z.input<typeof SetStaffTime> & { period: Period }
