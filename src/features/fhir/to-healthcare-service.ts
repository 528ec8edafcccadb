import type { CodeableConcept, HealthcareService, HealthcareServiceAvailableTime } from 'fhir/r4.js'
import type { Nested } from '../directory/nest.ts'
import type { StoredRecord } from '../directory/read-records.ts'
import { compact, listOf, text, toTelecom, weeklyHours } from './elements.ts'
import { PROFILE_OF } from './resource-types.ts'

/** Code systems of the Profile's own vocabularies. */
export const CATEGORY_SYSTEM = 'https://lifecircle.dev/fhir/CodeSystem/category'
export const TERM_SYSTEM = 'https://lifecircle.dev/fhir/CodeSystem/term'
const LANGUAGE_SYSTEM = 'urn:ietf:bcp:47'

/** A service of the directory with all places where it is offered, as the guide maps HSDS. */
export function toHealthcareService(record: StoredRecord, nested: Nested): HealthcareService {
  const places = listOf(nested, 'service_at_locations')
  const organization = record.fields.organization_id
  const program = nested.program as Nested | undefined
  const eligibility = text(nested, 'eligibility_description')
  const fees = text(nested, 'fees_description') ?? text(nested, 'fees')
  const url = text(nested, 'application_process')
  return compact<HealthcareService>({
    resourceType: 'HealthcareService',
    id: record.id,
    meta: { lastUpdated: record.modifiedAt.toISOString(), profile: [PROFILE_OF.HealthcareService] },
    active: nested.status === 'active',
    providedBy: organization ? { reference: `Organization/${organization}` } : undefined,
    category: coded(CATEGORY_SYSTEM, text(nested, 'category')),
    type: [...coded(TERM_SYSTEM, text(nested, 'term')), ...taxonomyTerms(nested)],
    location: places.flatMap((place) => {
      const location = place.location as Nested | undefined
      return location
        ? [compact({ reference: `Location/${location.id}`, display: text(location, 'name') })]
        : []
    }),
    name: text(nested, 'name'),
    comment: text(nested, 'description'),
    extraDetails: [fees, url].filter(Boolean).join('\n\n') || undefined,
    telecom: toTelecom(nested, 'url'),
    eligibility: eligibility ? [{ comment: eligibility }] : [],
    program: program ? [{ text: String(program.name) }] : [],
    communication: listOf(nested, 'languages').map((language) =>
      compact<CodeableConcept>({
        coding: language.code ? [{ system: LANGUAGE_SYSTEM, code: String(language.code) }] : [],
        text: text(language, 'name'),
      }),
    ),
    availableTime: [nested, ...places].flatMap((owner) =>
      listOf(owner, 'schedules').flatMap(toAvailableTime),
    ),
  })
}

function coded(system: string, code: string | undefined): CodeableConcept[] {
  return code ? [{ coding: [{ system, code }] }] : []
}

function taxonomyTerms(nested: Nested): CodeableConcept[] {
  return listOf(nested, 'attributes').flatMap((attribute) => {
    const term = attribute.taxonomy_term as Nested | undefined
    if (!term) return []
    const system = (term.taxonomy_detail as Nested | undefined)?.uri
    const coding = compact({
      system: typeof system === 'string' ? system : undefined,
      code: text(term, 'code') ?? term.id,
      display: text(term, 'name'),
    })
    return [{ coding: [coding] }]
  })
}

function toAvailableTime(schedule: Nested): HealthcareServiceAvailableTime[] {
  const hours = weeklyHours(schedule)
  if (!hours) return []
  const { daysOfWeek, opens, closes } = hours
  return [compact({ daysOfWeek, availableStartTime: opens, availableEndTime: closes })]
}
