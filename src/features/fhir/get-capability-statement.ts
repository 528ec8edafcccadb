import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4.js'
import { INCLUDES } from './parse-search.ts'
import { PROFILE_OF, RESOURCE_TYPES, type ResourceType } from './resource-types.ts'
import { PARAMETERS } from './search-parameters.ts'

/** When what this server can do last changed. */
const CHANGED = '2026-11-23'
const DIRECTORY_SERVER = 'http://hl7.org/fhir/us/hsds/CapabilityStatement/HumanServicesDirectory'

/** What this server can do, as FHIR clients ask it (`metadata`). @param url address of the façade. */
export function getCapabilityStatement(url: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: CHANGED,
    kind: 'instance',
    software: { name: 'Lifecircle' },
    implementation: { description: 'The public directory of community services, read only', url },
    instantiates: [DIRECTORY_SERVER],
    fhirVersion: '4.0.1',
    format: ['json'],
    rest: [{ mode: 'server', resource: RESOURCE_TYPES.map(capabilityOf) }],
  }
}

function capabilityOf(type: ResourceType): CapabilityStatementRestResource {
  return {
    type,
    supportedProfile: [PROFILE_OF[type]],
    interaction: [{ code: 'read' }, { code: 'search-type' }],
    searchInclude: INCLUDES.filter((name) => name.startsWith(`${type}:`)),
    searchRevInclude: INCLUDES.filter((name) => name.endsWith(`:${type.toLowerCase()}`)),
    searchParam: Object.entries(PARAMETERS[type]).map(([name, parameter]) => ({ name, ...parameter })),
  }
}
