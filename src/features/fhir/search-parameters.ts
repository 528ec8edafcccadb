/**
 * The search parameters of each resource: those that a server of the Human Services Directory guide (STU 1) shall have,
 * with FHIR's own `_id` and `_lastUpdated`.
 */
import type { ResourceType } from './resource-types.ts'

export type ParameterType = 'string' | 'token' | 'reference' | 'date'

export interface SearchParameter {
  readonly type: ParameterType
  readonly documentation: string
}

const COMMON = {
  _id: { type: 'token', documentation: 'The resource’s id' },
  _lastUpdated: { type: 'date', documentation: 'When the directory last changed it' },
} as const

const ADDRESS = {
  address: { type: 'string', documentation: 'A part of the address begins with this' },
  'address-city': { type: 'string', documentation: 'City' },
  'address-state': { type: 'string', documentation: 'State or province' },
  'address-postalcode': { type: 'string', documentation: 'Postal code' },
  'address-country': { type: 'string', documentation: 'Country' },
} as const

export const PARAMETERS: Readonly<Record<ResourceType, Readonly<Record<string, SearchParameter>>>> = {
  Organization: {
    ...COMMON,
    ...ADDRESS,
    name: { type: 'string', documentation: 'Name or alternate name' },
    identifier: {
      type: 'token',
      documentation: 'Tax number or another identifier, with or without its system',
    },
    partof: { type: 'reference', documentation: 'The organization it is a part of' },
    active: { type: 'token', documentation: 'true: every organization of the directory is' },
  },
  Location: {
    ...COMMON,
    ...ADDRESS,
    name: { type: 'string', documentation: 'Name or alternate name' },
    organization: { type: 'reference', documentation: 'The organization that runs it' },
    hoursofoperation: {
      type: 'string',
      documentation: 'A day on which it opens: mon, tue, wed, thu, fri, sat, sun',
    },
    accessibility: { type: 'string', documentation: 'What is said of its accessibility contains this' },
  },
  HealthcareService: {
    ...COMMON,
    name: { type: 'string', documentation: 'Name or alternate name' },
    active: { type: 'token', documentation: 'Whether the service is active: true or false' },
    communication: { type: 'token', documentation: 'Code of a language it is offered in, such as zh' },
    location: { type: 'reference', documentation: 'A location it is offered at' },
    organization: { type: 'reference', documentation: 'The organization that provides it' },
    program: { type: 'token', documentation: 'Name or id of the program it belongs to' },
    'service-category': { type: 'token', documentation: 'Category, such as elderly_care' },
    'service-type': {
      type: 'token',
      documentation: 'Term, such as day_care, or the code of a taxonomy term',
    },
  },
}
