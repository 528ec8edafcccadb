/** Capacities of HSDS and our Profile as months that can be booked. Pure. */
import type { JsonValue } from '../directory/record.ts'
import { CapacityStatus, Units } from './capacity-schemas.ts'
import { unitId } from './describe-offering.ts'
import { ServiceUnit } from './schemas.ts'

type Fields = Record<string, JsonValue>

export interface ProjectedCapacity {
  period: string
  maximum: number
  /** Null = all of the maximum. */
  funded: number | null
  status: CapacityStatus
  /** Units that can be booked here: those funded, or fewer where the directory has fewer left. */
  limit: number
  updatedAt: Date
}

export interface Month {
  /** The first month that is not over. */
  period: string
  unit: ServiceUnit
  /** Of the place, for months that tell none. */
  status: JsonValue | undefined
  now: Date
}

export interface Flawed {
  field: string
  reason: string
}

/** @param records service_capacity records of one place. Months that are over are left out without a word. */
export function capacitiesOf(
  records: readonly Fields[],
  month: Month,
): { capacities: ProjectedCapacity[]; flaws: Flawed[] } {
  const capacities = new Map<string, ProjectedCapacity>()
  const flaws: Flawed[] = []
  const note = (name: string, reason: string) => flaws.push({ field: `service_capacity.${name}`, reason })
  for (const fields of records) {
    const { period } = fields
    if (typeof period !== 'string') note('period', 'is not told: the capacity cannot be booked')
    else if (period >= month.period) {
      if (capacities.has(period)) note('period', `${period} is told twice: the first holds`)
      else {
        const capacity = capacityOf(fields, period, month, note)
        if (capacity) capacities.set(period, capacity)
      }
    }
  }
  return { capacities: [...capacities.values()], flaws }
}

function capacityOf(
  fields: Fields,
  period: string,
  month: Month,
  note: (field: string, reason: string) => void,
): ProjectedCapacity | null {
  const unit = ServiceUnit.options.find((option) => unitId(option) === fields.unit_id)
  if (unit !== undefined && unit !== month.unit) {
    note('unit_id', `${period} is counted in units of a ${unit}, not of a ${month.unit}: left out`)
    return null
  }
  const told = [fields.maximum, fields.funded, fields.available].filter((value) => value !== undefined)
  if (told.length === 0 || told.some((value) => !Units.safeParse(value).success)) {
    note('maximum', `${period} is not told in whole units: left out`)
    return null
  }
  const { maximum, funded, available } = fields as Partial<Record<string, number>>
  const most = maximum ?? Math.max(funded ?? 0, available ?? 0)
  const paid = funded === undefined ? null : Math.min(funded, most)
  if (funded !== undefined && funded > most)
    note('funded', `${period} funds more than the maximum of ${most}`)
  const bookable = paid ?? most
  if (available !== undefined && available > bookable) {
    note('available', `${period} has more available than the ${bookable} there are`)
  }
  return {
    period,
    maximum: most,
    funded: paid,
    status: statusOf(fields.status, month.status),
    limit: Math.min(bookable, available ?? bookable),
    updatedAt: instantOf(fields.updated) ?? month.now,
  }
}

function statusOf(...told: (JsonValue | undefined)[]): CapacityStatus {
  for (const status of told) {
    const known = CapacityStatus.safeParse(status)
    if (known.success) return known.data
  }
  return 'capacity'
}

function instantOf(text: JsonValue | undefined): Date | null {
  const at = typeof text === 'string' ? new Date(text) : null
  return at && !Number.isNaN(at.getTime()) ? at : null
}
