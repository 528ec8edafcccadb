/** Validators of the official HSDS 3.1 schemas, compiled once per process. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { official } from './official.ts'

export type SchemaName =
  | 'service_list'
  | 'service'
  | 'organization_list'
  | 'organization'
  | 'service_at_location_list'
  | 'service_at_location'
  | 'taxonomy'
  | 'taxonomy_term'
  | 'minimal'
  | 'page'
  | 'root'

const compiled = new Map<SchemaName, ValidateFunction>()

export function validatorOf(name: SchemaName): ValidateFunction {
  const known = compiled.get(name)
  if (known) return known
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const validate = ajv.compile(schemaOf(name))
  compiled.set(name, validate)
  return validate
}

function schemaOf(name: SchemaName): object {
  switch (name) {
    case 'minimal':
      return MINIMAL
    case 'page':
      return pageSchema()
    case 'root':
      return rootSchema()
    case 'taxonomy':
    case 'taxonomy_term':
      return withDefinitions(resolved(official(`schema/${name}.json`)))
    default:
      return withDefinitions(official(`schema/compiled/${name}.json`))
  }
}

/** The standard describes it in words only. */
const MINIMAL = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    last_modified: { type: 'string', format: 'date-time' },
  },
  required: ['id', 'last_modified'],
  additionalProperties: false,
}

/** The official envelope names its properties; the standard's text says that all of them must be there. */
function pageSchema(): object {
  const { Page } = official('schema/openapi.json').components.schemas
  return { ...Page, required: [...Object.keys(Page.properties), 'contents'] }
}

function rootSchema(): object {
  const answer = official('schema/openapi.json').paths['/'].get.responses['200']
  const { schema } = answer.content['application/json']
  return { ...schema, required: Object.keys(schema.properties) }
}

interface Schema {
  type?: string
  format?: string
  enum?: string[]
  required?: string[]
  properties?: Record<string, Schema>
  items?: Schema
  $ref?: string
}

/** Modules refer to each other by file. */
function resolved(schema: Schema): Schema {
  if (schema.$ref) return resolved(official(`schema/${schema.$ref}`))
  return {
    ...schema,
    ...(schema.items && { items: resolved(schema.items) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, property]) => [name, resolved(property)]),
      ),
    }),
  }
}

/**
 * The same schema with equal parts written once. The compiled files spell every nesting out, in up to four megabytes;
 * compiled like that they take minutes. Of the keywords in them these are all that validate.
 */
export function withDefinitions(schema: Schema): object {
  const names = new Map<string, string>()
  const $defs: Record<string, Schema> = {}
  const intern = ({ type, format, enum: codes, required, properties, items }: Schema): Schema => {
    const parts = Object.entries(properties ?? {}).map(
      ([name, property]) => [name, intern(property)] as const,
    )
    const lean: Schema = {
      ...(type && { type }),
      ...(format && { format }),
      ...(codes && { enum: codes }),
      ...(required && { required }),
      ...(properties && { properties: Object.fromEntries(parts) }),
      ...(items && { items: intern(items) }),
    }
    if (!properties) return lean
    const key = JSON.stringify(lean)
    const name = names.get(key) ?? `part${names.size}`
    names.set(key, name)
    $defs[name] = lean
    return { $ref: `#/$defs/${name}` }
  }
  return { ...intern(schema), $defs }
}
