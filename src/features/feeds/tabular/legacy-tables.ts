/**
 * Tables and columns of HSDS 1.0, 1.1 and 2.0 as records of 3.1. What was renamed is told by the standard's change log
 * (https://docs.openreferral.org/en/latest/hsds/changelog.html): 2.0 took `regular_schedule` to `schedule`, `taxonomy`
 * to `taxonomy_term` and `service_taxonomy` to `service_attribute`; 3.0 joined addresses and attributes, renamed
 * `accessibility_for_disabilities`, and gave up the tables of eligibilities and of payments.
 */
import type { RawRecord } from '../feed-item.ts'
import { classified } from './made-terms.ts'
import {
  beside,
  dayCode,
  isYes,
  listed,
  type PackageMemory,
  placeId,
  type TableShape,
} from './table-shape.ts'

type Values = Record<string, string>

const ADDRESS: Pick<TableShape, 'kind' | 'rename' | 'also' | 'more'> = {
  kind: 'address',
  rename: { state: 'state_province', postcode: 'postal_code', zip: 'postal_code' },
  also: ['address_3', 'address_4'],
  more: (values, main) => {
    const further = ['address_2', 'address_3', 'address_4']
      .map((column) => values[column]?.trim())
      .filter(Boolean)
    if (further.length > 0) main.fields.address_2 = further.join(', ')
    return []
  },
}

/** Tables by their old names; each is known in the singular and the plural. */
export const LEGACY_TABLES: Readonly<Record<string, TableShape>> = {
  physical_address: { ...ADDRESS, constants: { address_type: 'physical' }, prefix: 'physical' },
  postal_address: { ...ADDRESS, constants: { address_type: 'postal' }, prefix: 'postal' },
  regular_schedule: {
    kind: 'schedule',
    constants: { freq: 'WEEKLY' },
    prefix: 'regular',
    also: ['weekday', 'original_text'],
    more: weekly,
  },
  holiday_schedule: {
    kind: 'schedule',
    rename: { start_date: 'valid_from', end_date: 'valid_to' },
    prefix: 'holiday',
    also: ['closed'],
    more: (values, main) => {
      if (isYes(values.closed)) closeAllDay(main)
      return []
    },
  },
  accessibility_for_disabilities: { kind: 'accessibility', rename: { accessibility: 'description' } },
  service_attribute: {
    kind: 'attribute',
    prefix: 'service_attribute',
    also: ['service_id', 'taxonomy_id', 'taxonomy_detail'],
    more: ofService,
  },
  service_taxonomy: {
    kind: 'attribute',
    prefix: 'service_taxonomy',
    also: ['service_id', 'taxonomy_id', 'taxonomy_detail'],
    more: ofService,
  },
  other_attribute: {
    kind: 'attribute',
    prefix: 'other_attribute',
    // What kind of record it is about was called the link's type.
    rename: { link_type: 'link_entity' },
    also: ['taxonomy_id', 'taxonomy_detail'],
    more: (values, main) => {
      takeTerm(values, main)
      return []
    },
  },
  eligibility: {
    kind: 'attribute',
    prefix: 'eligibility',
    also: ['service_id', 'eligibility'],
    more: eligibility,
  },
  payment_accepted: {
    kind: 'attribute',
    prefix: 'payment_accepted',
    also: ['service_id', 'payment'],
    more: payment,
  },
}

/** Tables of today's names whose columns were other ones. */
export const LEGACY_COLUMNS: Readonly<Partial<Record<string, Omit<TableShape, 'kind'>>>> = {
  organization: { rename: { url: 'website' } },
  service: {
    rename: { eligibility: 'eligibility_description', website: 'url' },
    also: ['location_id'],
    more: withPlace,
  },
  phone: {
    rename: { number_type: 'type', department: 'description' },
    also: ['language'],
    more: (values, main) =>
      listed(values.language).map((name) =>
        beside(main, 'language', `${main.sourceId}#${name}`, { name }, { phone_id: main.sourceId }),
      ),
  },
  language: { rename: { language: 'name' } },
  service_area: { rename: { service_area: 'name' } },
  accessibility: { rename: { accessibility: 'description' } },
  schedule: { also: ['weekday'], more: weekly },
  taxonomy_term: { rename: { term: 'name', vocabulary: 'taxonomy' }, also: ['parent_name'], more: described },
}

/** Until 2.0 the terms themselves stood in the table `taxonomy`. */
export function holdsTerms(columns: readonly string[]): boolean {
  return columns.some((column) => /^(parent_id|parent_name|vocabulary|taxonomy_id)$/i.test(column.trim()))
}

/** Until 3.0 a term had a name and nothing else to say. */
function described(_values: Values, main: RawRecord): RawRecord[] {
  main.fields.description ??= main.fields.name
  return []
}

export function closeAllDay(main: RawRecord): void {
  delete main.fields.opens_at
  delete main.fields.closes_at
  main.fields.notes = 'closed'
}

export function weekly(values: Values, main: RawRecord): RawRecord[] {
  const { weekday = '', original_text: original = '' } = values
  const day = dayCode(weekday)
  if (day !== null) {
    main.fields.freq ??= 'WEEKLY'
    main.fields.byday = day
  } else if (weekday.trim() !== '') main.fields.description = weekday
  if (original.trim() !== '') main.fields.description ??= original
  return []
}

/** In 1.0 a service named its location itself. */
export function withPlace(values: Values, main: RawRecord, memory: PackageMemory): RawRecord[] {
  const text = memory.eligibility.get(main.sourceId)
  if (text !== undefined) main.fields.eligibility_description ??= text
  const location = values.location_id?.trim()
  if (!location) return []
  const links = { service_id: main.sourceId, location_id: location }
  return [beside(main, 'service_at_location', placeId(main.sourceId, location), {}, links)]
}

function takeTerm(values: Values, main: RawRecord): void {
  const term = values.taxonomy_term_id?.trim() || values.taxonomy_id?.trim()
  if (term) main.links.taxonomy_term_id = term
  if (values.taxonomy_detail?.trim()) main.fields.value ??= values.taxonomy_detail
}

function ofService(values: Values, main: RawRecord): RawRecord[] {
  takeTerm(values, main)
  main.fields.link_entity = 'service'
  if (values.service_id?.trim()) main.links.link_id = values.service_id.trim()
  return []
}

const ELIGIBILITY = { id: 'hsds-1:eligibility', name: 'Eligibility (HSDS 1 and 2)' }

/** The text stands in the service's own description too; this record stands for the row, and keeps texts apart. */
function eligibility(values: Values, main: RawRecord, memory: PackageMemory): RawRecord[] {
  const ownerId = values.service_id?.trim() ?? ''
  const value = values.eligibility ?? ''
  const what = { linkType: 'eligibility', entity: 'service', ownerId, term: 'Eligibility', value } as const
  return inPlaceOf(main, classified(main, memory, { taxonomy: ELIGIBILITY, ...what }))
}

const PAYMENT = { id: 'hsds-1:payment', name: 'Payment accepted' }

function payment(values: Values, main: RawRecord, memory: PackageMemory): RawRecord[] {
  const ownerId = values.service_id?.trim() ?? ''
  const term = values.payment?.trim() ?? ''
  if (term === '') return []
  const what = { linkType: 'payment_accepted', entity: 'service', ownerId, term } as const
  return inPlaceOf(main, classified(main, memory, { taxonomy: PAYMENT, ...what }))
}

/** The attribute becomes the row's main record; terms and taxonomies stay beside it. */
function inPlaceOf(main: RawRecord, made: RawRecord[]): RawRecord[] {
  const attribute = made.pop()!
  main.fields = attribute.fields
  main.links = attribute.links
  return made
}
