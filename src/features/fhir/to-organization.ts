import type { Identifier, Organization } from 'fhir/r4.js'
import type { Nested } from '../directory/nest.ts'
import type { StoredRecord } from '../directory/read-records.ts'
import { compact, listOf, text, toAddress, toTelecom } from './elements.ts'
import { PROFILE_OF } from './resource-types.ts'

const DESCRIPTION = 'http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/org-description'
const ORGANIZATION_TYPE = {
  system: 'http://hl7.org/fhir/us/davinci-pdex-plan-net/CodeSystem/OrgTypeCS',
  code: 'atyprv',
  display: 'Atypical Provider',
}

/** An organization of the directory, as the guide maps HSDS: addresses are those of its locations. */
export function toOrganization(record: StoredRecord, nested: Nested): Organization {
  const description = text(nested, 'description')
  const parent = record.fields.parent_organization_id
  return compact<Organization>({
    resourceType: 'Organization',
    id: record.id,
    meta: { lastUpdated: record.modifiedAt.toISOString(), profile: [PROFILE_OF.Organization] },
    extension: description ? [{ url: DESCRIPTION, valueString: description }] : [],
    identifier: identifiersOf(nested),
    active: true,
    type: [{ coding: [ORGANIZATION_TYPE] }],
    name: text(nested, 'name'),
    alias: [text(nested, 'alternate_name')].filter((alias) => alias !== undefined),
    telecom: toTelecom(nested, 'website'),
    address: listOf(nested, 'locations').flatMap((location) => listOf(location, 'addresses').map(toAddress)),
    partOf: parent ? { reference: `Organization/${parent}` } : undefined,
    contact: listOf(nested, 'contacts').map((contact) =>
      compact({
        name: compact({ text: text(contact, 'name') ?? text(contact, 'department') }),
        telecom: toTelecom(contact, 'url'),
      }),
    ),
  })
}

function identifiersOf(nested: Nested): Identifier[] {
  const tax = text(nested, 'tax_id')
  const taxType = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'TAX' }] }
  return [
    ...(tax ? [{ use: 'official' as const, type: taxType, value: tax }] : []),
    ...listOf(nested, 'organization_identifiers').map((identifier) =>
      compact<Identifier>({
        system: text(identifier, 'identifier_scheme'),
        type: { text: String(identifier.identifier_type) },
        value: text(identifier, 'identifier'),
      }),
    ),
  ]
}
