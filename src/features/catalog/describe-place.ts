/** Organizations and locations in the words of HSDS. Pure. */
import type { DirectoryRecord } from '../directory/record.ts'
import type { Sector } from '../identity/schemas.ts'
import { detailOf, recordOf } from './describe-ids.ts'
import type { AddressOf, Visibility } from './location-schemas.ts'

export interface OrganizationFacts {
  id: string
  name: string
  sector: Sector | null
}

export interface LocationFacts {
  id: string
  organizationId: string
  name: string
  address: string
  latitude: number | null
  longitude: number | null
  visibility: Visibility | null
  addressOf: AddressOf
  /** Whether all that is offered there is remote: nobody comes to such a place. */
  isVirtual: boolean
}

export function describeOrganization({ id, name, sector }: OrganizationFacts): DirectoryRecord {
  return recordOf('organization', id, { name, sector })
}

/**
 * A location and its address. City, postal code and country are not known apart from the line of the address: what
 * reads records fills in blanks where the standard wants them.
 */
export function describeLocation(location: LocationFacts): DirectoryRecord[] {
  const { id, organizationId, name, address, latitude, longitude, visibility, addressOf, isVirtual } =
    location
  const type = isVirtual ? 'virtual' : 'physical'
  return [
    recordOf('location', id, {
      location_type: type,
      organization_id: organizationId,
      name,
      latitude,
      longitude,
      visibility,
      address_of: addressOf,
    }),
    detailOf('address', id, 'address', { location_id: id, address_1: address, address_type: type }),
  ]
}
