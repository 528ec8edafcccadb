/** What the table of kinds is written in: fields, links and nested collections of a record. */
import type { RecordKind } from './record.ts'

export interface Field {
  readonly type: 'string' | 'number' | 'integer' | 'object' | 'array'
  readonly format?: 'uuid' | 'uri' | 'email' | 'date-time' | 'date' | 'time'
  readonly codes?: readonly string[]
  /** The kind a link names; `any` where another field tells. */
  readonly link?: RecordKind | 'any'
  /** `always`: every record has it; `tabular`: every row has it, nested objects imply it. */
  readonly required?: 'always' | 'tabular'
  /** A field of our Profile, not of the standard. */
  readonly profile?: true
}

/** Records nested below, found by a link of theirs. */
export interface Collection {
  readonly kind: RecordKind
  readonly by: string
  readonly profile?: true
}

/** The one record that a link of this one names. */
export interface Reference {
  readonly kind: RecordKind
  readonly via: string
  /** The standard wants it in every nested object. */
  readonly required?: true
}

export interface Kind {
  /** The file's name in a tabular data package. */
  readonly file: string
  readonly fields: Readonly<Record<string, Field>>
  readonly one: Readonly<Record<string, Reference>>
  readonly many: Readonly<Record<string, Collection>>
}

export const TEXT: Field = { type: 'string' }
export const NUMBER: Field = { type: 'number' }
export const INTEGER: Field = { type: 'integer' }
export const OBJECT: Field = { type: 'object' }
export const ARRAY: Field = { type: 'array' }
export const URI: Field = { type: 'string', format: 'uri' }
export const EMAIL: Field = { type: 'string', format: 'email' }
export const INSTANT: Field = { type: 'string', format: 'date-time' }
export const DATE: Field = { type: 'string', format: 'date' }
export const TIME: Field = { type: 'string', format: 'time' }

export const code = (...codes: string[]): Field => ({ type: 'string', codes })
export const link = (kind: RecordKind | 'any'): Field => ({ type: 'string', format: 'uuid', link: kind })
export const required = (field: Field): Field => ({ ...field, required: 'always' })
export const needed = (field: Field): Field => ({ ...field, required: 'tabular' })
export const profile = (field: Field): Field => ({ ...field, profile: true })

/** Gravity's codes of a service's capacity. */
export const CAPACITY_STATUS = [
  'capacity',
  'no-capacity',
  'waitlist',
  'additional-assessment-required',
] as const

export const ATTRIBUTES = { attributes: { kind: 'attribute', by: 'link_id' } } as const
export const METADATA = { metadata: { kind: 'metadata', by: 'resource_id' } } as const
