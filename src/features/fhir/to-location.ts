import type { Location } from 'fhir/r4.js'
import type { Nested } from '../directory/nest.ts'
import type { StoredRecord } from '../directory/read-records.ts'
import { compact, listOf, text, toAddress, toTelecom, weeklyHours } from './elements.ts'
import { PROFILE_OF } from './resource-types.ts'

/** A location of the directory. Of a confidential one the directory gives neither address nor position. */
export function toLocation(record: StoredRecord, nested: Nested): Location {
  const addresses = listOf(nested, 'addresses')
  // FHIR has room for one address: where people go, before where letters go.
  const address = addresses.find(({ address_type: type }) => type === 'physical') ?? addresses[0]
  const organization = record.fields.organization_id
  return compact<Location>({
    resourceType: 'Location',
    id: record.id,
    meta: { lastUpdated: record.modifiedAt.toISOString(), profile: [PROFILE_OF.Location] },
    status: 'active',
    name: text(nested, 'name'),
    alias: [text(nested, 'alternate_name')].filter((alias) => alias !== undefined),
    description: text(nested, 'description'),
    mode: 'instance',
    telecom: toTelecom(nested, 'url'),
    address: address ? toAddress(address) : undefined,
    position: positionOf(nested),
    managingOrganization: organization ? { reference: `Organization/${organization}` } : undefined,
    hoursOfOperation: listOf(nested, 'schedules').flatMap((schedule) => {
      const hours = weeklyHours(schedule)
      if (!hours) return []
      const { daysOfWeek, opens: openingTime, closes: closingTime } = hours
      return [compact({ daysOfWeek, openingTime, closingTime })]
    }),
  })
}

/** Null Island and impossible coordinates are no position. */
function positionOf({ latitude, longitude }: Nested): Location['position'] {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined
  const possible = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  return possible && (latitude !== 0 || longitude !== 0) ? { latitude, longitude } : undefined
}
