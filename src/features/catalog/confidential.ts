/** Which places must not be told. Matching still measures from where they are. */
import { isConfidentialPlace } from '../directory/confidential.ts'
import type { AddressOf, Visibility } from './location-schemas.ts'

/** Unknown visibility protects where somebody lives, and not a station that people are meant to find. */
export function isConfidential(location: { visibility: Visibility | null; addressOf: AddressOf }): boolean {
  return isConfidentialPlace(location.visibility, location.addressOf)
}

/** Whether this actor is told where a place is. */
export function mayLocate(
  actor: { role: string; organizationId: string },
  location: { organizationId: string; visibility: Visibility | null; addressOf: AddressOf },
): boolean {
  if (!isConfidential(location)) return true
  return ['operator', 'system'].includes(actor.role) || actor.organizationId === location.organizationId
}
