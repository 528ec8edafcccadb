/** An offering in the words of HSDS and our Profile: a service at a location, with its hours, areas and capacities. Pure. */
import type { DirectoryRecord, JsonValue } from '../directory/record.ts'
import type { Rule } from '../policies/eligibility.ts'
import type { AssuranceState } from './assurance-schemas.ts'
import type { CapacityStatus } from './capacity-schemas.ts'
import { schedulesOf } from './describe-hours.ts'
import { detailOf, namedId, recordOf } from './describe-ids.ts'
import type { Hours } from './hours.ts'
import type { PriceOption, PriceType } from './price-schemas.ts'
import type { Gender, Mode, ServiceUnit } from './schemas.ts'

export interface OfferingFacts {
  id: string
  serviceId: string
  locationId: string
  tier: string
  mode: Mode
  unit: ServiceUnit
  /** Minor units of `currency`. */
  price: number
  priceType: PriceType
  priceCeiling: number | null
  priceOptions: PriceOption[]
  currency: string
  staffMinutesPerUnit: number
  eligibility: Rule | null
  languages: string[]
  caregiverGenders: Gender[]
  hours: Hours | null
  areas: { code: string; name: string }[]
  /** By month. */
  capacities: CapacityFacts[]
  assurance: AssuranceFacts | null
}

export interface CapacityFacts {
  /** Calendar month such as 2026-12. */
  period: string
  maximum: number
  funded: number | null
  status: CapacityStatus
  updatedAt: Date
  /** Units that are neither held nor spent, as the ledger says. */
  available: number
}

export interface AssuranceFacts {
  assuredBy: string
  assuredAt: Date
  lapsesAt: Date
  state: AssuranceState
}

/** The kind of extent of a service area that names one of our areas by its code. */
export const AREA_EXTENT = 'lifecircle:area'

/** @param period the month it is: months that are over are told no longer. */
export function describeOffering(offering: OfferingFacts, period: string): DirectoryRecord[] {
  const { id, areas, hours } = offering
  const capacities = offering.capacities.filter((capacity) => capacity.period >= period)
  const place = { service_at_location_id: id }
  const schedules = hours ? [...schedulesOf(hours)] : []
  return [
    describePlace(offering, capacities[0]?.status),
    ...schedules.map(([key, fields]) => detailOf('schedule', id, key, { ...place, ...fields })),
    ...areas.map(({ code, name }) =>
      detailOf('service_area', id, code, { ...place, name, extent: code, extent_type: AREA_EXTENT }),
    ),
    ...capacities.map((capacity) => describeCapacity(offering, capacity)),
    ...(capacities.length > 0 ? [recordOf('unit', unitId(offering.unit), { name: offering.unit })] : []),
  ]
}

/** @param status of the first month that is not over. */
function describePlace(offering: OfferingFacts, status: CapacityStatus | undefined): DirectoryRecord {
  const { eligibility, priceOptions, languages, assurance } = offering
  return recordOf('service_at_location', offering.id, {
    service_id: offering.serviceId,
    location_id: offering.locationId,
    tier: offering.tier,
    mode: offering.mode,
    unit: offering.unit,
    price_type: offering.priceType,
    price: offering.price,
    price_ceiling: offering.priceCeiling,
    ...(priceOptions.length > 0 && { price_options: priceOptions as unknown as JsonValue }),
    currency: offering.currency,
    staff_minutes_per_unit: offering.staffMinutesPerUnit,
    languages: languages.join(','),
    caregiver_genders: offering.caregiverGenders.join(','),
    eligibility: eligibility as unknown as JsonValue,
    capacity_status: status,
    ...(assurance && { assurance: describeAssurance(assurance) }),
  })
}

function describeAssurance({ assuredBy, assuredAt, lapsesAt, state }: AssuranceFacts): JsonValue {
  return {
    assured_by: assuredBy,
    assured_at: assuredAt.toISOString(),
    lapses_at: lapsesAt.toISOString(),
    state,
  }
}

function describeCapacity({ id, serviceId, unit }: OfferingFacts, capacity: CapacityFacts): DirectoryRecord {
  const { period, maximum, funded, status, updatedAt, available } = capacity
  return detailOf('service_capacity', id, period, {
    service_id: serviceId,
    service_at_location_id: id,
    unit_id: unitId(unit),
    available,
    maximum,
    funded,
    period,
    status,
    updated: updatedAt.toISOString(),
  })
}

/** A unit is the same for everybody who counts in it. */
export function unitId(unit: ServiceUnit): string {
  return namedId('unit', unit)
}
