import { z } from '@hono/zod-openapi'
import { Period } from '../../platform/period.ts'

/** What a provider says of a month, in the words of Gravity. */
export const CapacityStatus = z.enum([
  'capacity',
  'no-capacity',
  'waitlist',
  'additional-assessment-required',
])
export type CapacityStatus = z.infer<typeof CapacityStatus>

export const Units = z.number().int().min(0).max(1_000_000_000)

const capacityFields = {
  units: Units.openapi({ description: 'Most units that can be served (the maximum)' }),
  funded: Units.nullable().default(null).openapi({
    description: 'Units that are paid for, where fewer than the maximum are: no more can be booked',
  }),
  status: CapacityStatus.default('capacity').openapi({
    description:
      '`no-capacity` and `waitlist` keep the offering out of new matches, even where units are left',
  }),
}

interface Sized {
  units: number
  funded: number | null
}

const fundsWhatCanBe = ({ units, funded }: Sized) => funded === null || funded <= units
const OVERFUNDED = { path: ['funded'], message: 'is more than the units there are' }

/** How many units can be booked: what is funded, or all. */
export function bookable({ units, funded }: Sized): number {
  return funded ?? units
}

export const SetCapacity = z
  .strictObject(capacityFields)
  .refine(fundsWhatCanBe, OVERFUNDED)
  .openapi('SetCapacity', { description: 'Replaces what was said of the month' })
export type SetCapacity = z.input<typeof SetCapacity> & { offeringId: string; period: Period }

const InitialCapacity = z
  .strictObject({ period: Period, ...capacityFields })
  .refine(fundsWhatCanBe, OVERFUNDED)
export type InitialCapacity = z.output<typeof InitialCapacity>

export const InitialCapacities = z
  .array(InitialCapacity)
  .max(36)
  .default([])
  .refine((all) => new Set(all.map((one) => one.period)).size === all.length, 'a period stands here twice')

/** Units of a month: what there is at most, what of it is paid for, and what is left. */
export const Capacity = z
  .object({
    period: Period,
    maximum: z.number().int(),
    funded: z.number().int().nullable().openapi({ description: 'Null = all of the maximum' }),
    held: z.number().int(),
    spent: z.number().int(),
    available: z.number().int().openapi({ description: 'Of the funded units, those neither held nor spent' }),
    status: CapacityStatus,
    updatedAt: z.iso.datetime(),
  })
  .openapi('Capacity')
export type Capacity = z.infer<typeof Capacity>

/** The months of one offering; few enough for one answer. */
export const Capacities = z.object({ items: z.array(Capacity) }).openapi('Capacities')

export const SetStaffTime = z.strictObject({ minutes: Units }).openapi('SetStaffTime')
export type SetStaffTime = z.input<typeof SetStaffTime> & { period: Period }

/** Minutes of a provider's staff in a month, shared by all of its offerings. */
export const StaffTime = z
  .object({
    period: Period,
    maximum: z.number().int(),
    held: z.number().int(),
    spent: z.number().int(),
    available: z.number().int(),
  })
  .openapi('StaffTime')
export type StaffTime = z.infer<typeof StaffTime>
