/** The resources of the façade, and the records of the directory they show. */
import type { RecordKind } from '../directory/record.ts'
import { fullView, type View } from '../directory/views.ts'

export const RESOURCE_TYPES = ['Organization', 'Location', 'HealthcareService'] as const
export type ResourceType = (typeof RESOURCE_TYPES)[number]

export const KIND_OF: Readonly<Record<ResourceType, RecordKind>> = {
  Organization: 'organization',
  Location: 'location',
  HealthcareService: 'service',
}

/** What of the directory a resource is made from. */
export const VIEW_OF: Readonly<Record<ResourceType, View>> = {
  Organization: fullView('organization', { services: false }),
  Location: fullView('location'),
  HealthcareService: (kind, name) =>
    fullView('service')(kind, name) &&
    !(kind === 'organization' || (kind === 'location' && name !== 'addresses')),
}

/** The profile each resource claims, of the Human Services Directory guide (FHIR R4, STU 1). */
export const PROFILE_OF: Readonly<Record<ResourceType, string>> = {
  Organization: 'http://hl7.org/fhir/us/hsds/StructureDefinition/hsds-Organization',
  Location: 'http://hl7.org/fhir/us/hsds/StructureDefinition/hsds-Location',
  HealthcareService: 'http://hl7.org/fhir/us/hsds/StructureDefinition/hsds-HealthcareService',
}
