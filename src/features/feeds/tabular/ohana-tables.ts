/**
 * The CSV format of Ohana API, an older directory software (its lists stand in single cells, and a service belongs to
 * one location, which belongs to the organization), as records of HSDS 3.1.
 */
import type { RecordKind } from '../../directory/record.ts'
import type { RawRecord } from '../feed-item.ts'
import { closeAllDay, weekly, withPlace } from './legacy-tables.ts'
import { classified } from './made-terms.ts'
import { beside, isYes, listed, type PackageMemory, type TableShape } from './table-shape.ts'

type Values = Record<string, string>
type Owner = 'service' | 'organization' | 'location'

/** By the singular name of the file. */
export const OHANA_TABLES: Readonly<Record<string, TableShape>> = {
  organization: {
    kind: 'organization',
    also: ['accreditations', 'date_incorporated', 'funding_sources', 'licenses'],
    more: (values, main, memory) => {
      const year = /\b(\d{4})\b/.exec(values.date_incorporated ?? '')?.[1]
      if (year !== undefined) main.fields.year_incorporated = year
      return [
        ...each(main, 'funding', 'source', values.funding_sources, 'organization_id'),
        ...terms(main, memory, 'organization', 'Accreditation', values.accreditations),
        ...terms(main, memory, 'organization', 'License', values.licenses),
      ]
    },
  },
  location: {
    kind: 'location',
    constants: { location_type: 'physical' },
    rename: { website: 'url' },
    also: ['accessibility', 'email', 'languages', 'short_desc', 'virtual'],
    more: (values, main, memory) => {
      if (isYes(values.virtual)) main.fields.location_type = 'virtual'
      const { email = '', short_desc: short = '' } = values
      return [
        ...each(main, 'accessibility', 'description', values.accessibility, 'location_id'),
        ...each(main, 'language', 'name', values.languages, 'location_id'),
        ...each(main, 'contact', 'email', email, 'location_id'),
        ...said(main, memory, 'location', 'Short description', short),
      ]
    },
  },
  service: {
    kind: 'service',
    rename: { website: 'url', eligibility: 'eligibility_description', fees: 'fees_description' },
    also: [
      ...['location_id', 'accepted_payments', 'audience', 'funding_sources', 'keywords', 'languages'],
      ...['required_documents', 'service_areas', 'taxonomy_ids'],
    ],
    more: ofService,
  },
  contact: { kind: 'contact' },
  phone: {
    kind: 'phone',
    rename: { number_type: 'type', department: 'description' },
    also: ['country_prefix', 'vanity_number'],
    more: (values, main) => {
      const { country_prefix: prefix = '', vanity_number: vanity = '', number = '' } = values
      if (prefix.trim() !== '' && number.trim() !== '')
        main.fields.number = `${prefix.trim()} ${number.trim()}`
      const parts = [main.fields.description, vanity].map((part) => String(part ?? '').trim()).filter(Boolean)
      if (parts.length > 0) main.fields.description = parts.join(', ')
      return []
    },
  },
  program: { kind: 'program' },
  address: { kind: 'address', constants: { address_type: 'physical' }, prefix: 'physical' },
  mail_address: { kind: 'address', constants: { address_type: 'postal' }, prefix: 'postal' },
  regular_schedule: {
    kind: 'schedule',
    constants: { freq: 'WEEKLY' },
    prefix: 'regular',
    also: ['weekday'],
    more: weekly,
  },
  holiday_schedule: {
    kind: 'schedule',
    rename: { start_date: 'valid_from', end_date: 'valid_to' },
    prefix: 'holiday',
    also: ['closed'],
    more: holiday,
  },
  taxonomy: {
    kind: 'taxonomy_term',
    rename: { taxonomy_id: 'id' },
    also: ['parent_name'],
    more: (_values, main) => {
      main.fields.code ??= main.sourceId
      main.fields.description ??= main.fields.name
      return []
    },
  },
}

/** Whether the columns of a package's tables, by singular file name, are Ohana's. */
export function isOhana(columnsOf: ReadonlyMap<string, readonly string[]>): boolean {
  const has = (table: string, column: string) => columnsOf.get(table)?.includes(column) ?? false
  return has('service', 'taxonomy_ids') || has('location', 'admin_emails') || columnsOf.has('mail_address')
}

function ofService(values: Values, main: RawRecord, memory: PackageMemory): RawRecord[] {
  const organization = memory.organizationOfLocation.get(values.location_id?.trim() ?? '')
  if (organization !== undefined) main.links.organization_id ??= organization
  return [
    ...withPlace(values, main, memory),
    ...each(main, 'language', 'name', values.languages, 'service_id'),
    ...each(main, 'funding', 'source', values.funding_sources, 'service_id'),
    ...each(main, 'required_document', 'document', values.required_documents, 'service_id'),
    ...each(main, 'service_area', 'name', values.service_areas, 'service_id'),
    ...terms(main, memory, 'service', 'Payment accepted', values.accepted_payments),
    ...terms(main, memory, 'service', 'Keyword', values.keywords),
    ...said(main, memory, 'service', 'Audience', values.audience ?? ''),
    ...[...new Set(listed(values.taxonomy_ids))].map((term) =>
      beside(
        main,
        'attribute',
        `${main.sourceId}#${term}`,
        { link_entity: 'service' },
        { link_id: main.sourceId, taxonomy_term_id: term },
      ),
    ),
  ]
}

/** One record for each part of a list in a cell. */
function each(
  main: RawRecord,
  kind: RecordKind,
  field: string,
  list: string | undefined,
  link: string,
): RawRecord[] {
  return [...new Set(listed(list))].map((value) =>
    beside(
      main,
      kind,
      `${main.kind}:${main.sourceId}#${value}`,
      { [field]: value },
      { [link]: main.sourceId },
    ),
  )
}

function terms(
  main: RawRecord,
  memory: PackageMemory,
  entity: Owner,
  name: string,
  list: string | undefined,
): RawRecord[] {
  const parts = new Map(listed(list).map((term) => [term.toLowerCase(), term]))
  return [...parts.values()].flatMap((term) => classified(main, memory, made(main, entity, name, term)))
}

function said(
  main: RawRecord,
  memory: PackageMemory,
  entity: Owner,
  name: string,
  text: string,
): RawRecord[] {
  if (text.trim() === '') return []
  return classified(main, memory, { ...made(main, entity, name, name), value: text })
}

function made(main: RawRecord, entity: Owner, name: string, term: string) {
  const id = `ohana:${name.toLowerCase().replaceAll(' ', '-')}`
  const linkType = name.toLowerCase().replaceAll(' ', '_')
  const sourceId = `${entity}:${main.sourceId}#${id}:${term.toLowerCase()}`
  return { taxonomy: { id, name }, linkType, entity, ownerId: main.sourceId, term, sourceId }
}

/** The year 1 stands for every year: HSDS has no yearly rule, so it is told in words. */
function holiday(values: Values, main: RawRecord): RawRecord[] {
  const { start_date: from = '', end_date: to = '', closed } = values
  if (isYes(closed)) closeAllDay(main)
  if (!/\b0001\b/.test(from + to)) return []
  const [first, last] = [from, to].map((date) => date.replace(/,? *0001\b/, '').trim())
  delete main.fields.valid_from
  delete main.fields.valid_to
  const days = first === last ? `on ${first}` : `from ${first} to ${last}`
  main.fields.notes = `${isYes(closed) ? 'closed' : 'open'} every year ${days}`
  return []
}
