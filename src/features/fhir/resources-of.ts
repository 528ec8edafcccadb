import type { HealthcareService, Location, Organization } from 'fhir/r4.js'
import type { Context } from '../../platform/context.ts'
import { type Nested, nest } from '../directory/nest.ts'
import type { StoredRecord } from '../directory/read-records.ts'
import { readTree } from '../directory/read-tree.ts'
import { KIND_OF, type ResourceType, VIEW_OF } from './resource-types.ts'
import { toHealthcareService } from './to-healthcare-service.ts'
import { toLocation } from './to-location.ts'
import { toOrganization } from './to-organization.ts'

export type Resource = Organization | Location | HealthcareService

const TO_RESOURCE: Readonly<Record<ResourceType, (record: StoredRecord, nested: Nested) => Resource>> = {
  Organization: toOrganization,
  Location: toLocation,
  HealthcareService: toHealthcareService,
}

/** The resources with these ids, in their order; unknown ones are left out. */
export async function resourcesOf(
  ctx: Context,
  type: ResourceType,
  ids: readonly string[],
): Promise<Resource[]> {
  if (ids.length === 0) return []
  const view = VIEW_OF[type]
  const tree = await readTree(ctx, KIND_OF[type], ids, view)
  return ids.flatMap((id) => {
    const record = tree.find(KIND_OF[type], id)
    return record ? [TO_RESOURCE[type](record, nest(tree, record, view))] : []
  })
}
