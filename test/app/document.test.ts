/** What the OpenAPI document promises of every operation. */
import { z } from '@hono/zod-openapi'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { openapiDocument } from '../../src/app.ts'
import { FLOW } from '../../src/flow.ts'
import { ACTION_OF, OPERATIONS } from './operations.ts'

/** The directory is open to everybody, as HSDS and FHIR serve it. */
const OPEN_TAGS = ['directory', 'fhir']

interface Described {
  id: string
  method: string
  path: string
  operationId: string
  summary?: string
  tags?: string[]
  security?: object[]
  parameters?: { name: string; in: string; required?: boolean }[]
  requestBody?: { required?: boolean; content: object }
  responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>
}

const document = openapiDocument()
const described: Described[] = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Omit<Described, 'method' | 'path' | 'id'>>).map(
    ([method, operation]) => ({
      ...operation,
      id: `${method} ${path}`,
      method,
      path,
    }),
  ),
)

const isOpen = ({ tags = [] }: Described) => tags.some((tag) => OPEN_TAGS.includes(tag))
const open = described.filter(isOpen)
const keyed = described.filter((operation) => !isOpen(operation))

interface Documented {
  $ref?: string
  type?: string | string[]
  anyOf?: Documented[]
  /** An extended schema: what it extends, and what it adds. */
  allOf?: Documented[]
  properties?: Record<string, Documented>
}

function propertiesOf(schema: Documented = {}): Record<string, Documented> {
  const named = document.components?.schemas?.[schema.$ref?.split('/').at(-1) ?? ''] as Documented | undefined
  const { properties, allOf = [] } = named ?? schema
  return Object.assign({}, ...allOf.map(propertiesOf), properties)
}

function mayBeNull({ type, anyOf }: Documented): boolean {
  return [type].flat().includes('null') || (anyOf ?? []).some(mayBeNull)
}

describe('the document', () => {
  it('is valid OpenAPI 3.1 and names everything it refers to', async () => {
    const validator = new Validator()
    expect(await validator.validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
    const text = JSON.stringify(document)
    const referred = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((m) => m[1]),
    )
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining([...referred]))
    expect(text).not.toContain('"nullable"')
  })

  it('has every operation of the routes, each under an id of its own', () => {
    const ids = described.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const ofKeyed = keyed.map(({ operationId }) => operationId).toSorted()
    expect(ofKeyed).toEqual(OPERATIONS.map(({ operationId }) => operationId).toSorted())
    expect(ofKeyed).toEqual(Object.keys(ACTION_OF).toSorted())
  })

  it('lets be null whatever the schemas let be null', () => {
    const closed = OPERATIONS.flatMap(({ operationId, answer }) => {
      const { responses } = described.find((one) => one.operationId === operationId)!
      const good = Object.entries(responses).find(([status]) => status.startsWith('2'))![1]
      const documented = good.content as { 'application/json'?: { schema: Documented } } | undefined
      const fields = propertiesOf(documented?.['application/json']?.schema)
      return Object.entries(answer instanceof z.ZodObject ? answer.shape : {})
        .filter(([name, field]) => (field as z.ZodType).safeParse(null).success && !mayBeNull(fields[name]!))
        .map(([name]) => `${operationId}: ${name}`)
    })
    expect(closed).toEqual([])
  })

  it('has its tags in the order of the flow, and no other', () => {
    const names = document.tags?.map(({ name }) => name)
    expect(names).toEqual(FLOW.map(({ name }) => name))
    for (const { tags } of described) expect(names).toEqual(expect.arrayContaining(tags ?? ['none']))
  })

  it('wants a key for every operation but those of the open directory', () => {
    expect(document.security).toEqual([{ apiKey: [] }])
    expect(document.components?.securitySchemes).toHaveProperty('apiKey')
    expect(keyed.filter((operation) => 'security' in operation)).toEqual([])
    expect(open.map(({ security }) => security)).toEqual(open.map(() => []))
  })
})

describe.each(open)('$id', ({ path, summary, responses, tags, parameters = [] }) => {
  it('says what it does, what it answers, and how it refuses', () => {
    expect(summary).toMatch(/^\w.*[^.]$/)
    expect(Object.keys(responses).filter((status) => status.startsWith('2'))).toHaveLength(1)
    const refusal = tags?.includes('fhir')
      ? { 'application/fhir+json': { schema: { $ref: '#/components/schemas/OperationOutcome' } } }
      : { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
    for (const [status, { content }] of Object.entries(responses)) {
      if (!status.startsWith('2')) expect(content).toEqual(refusal)
    }
    if (path.includes('{id}')) expect(Object.keys(responses)).toContain('404')
  })

  it('declares every parameter of its path', () => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    const declared = parameters.filter((parameter) => parameter.in === 'path')
    expect(declared.map(({ name }) => name).toSorted()).toEqual(inPath.toSorted())
  })
})

describe.each(keyed)('$id', (operation) => {
  const { path, method, parameters = [], requestBody, responses, summary } = operation
  const statuses = Object.keys(responses)

  it('says what it does and what it answers, errors included', () => {
    expect(summary).toMatch(/^\w.*[^.]$/)
    expect(statuses.filter((status) => status.startsWith('2'))).toHaveLength(1)
    expect(statuses).toEqual(expect.arrayContaining(['401', '403', '422', '500', '503']))
    if (path.includes('{id}')) expect(statuses).toContain('404')
    if (method === 'post' || method === 'put') expect(statuses).toContain('404')
    if (requestBody) expect(statuses).toEqual(expect.arrayContaining(['400', '409', '413', '415']))
    if (parameters.some(({ name }) => name === 'if-match')) {
      expect(statuses).toEqual(expect.arrayContaining(['412', '428']))
    }
  })

  it('answers errors as problem+json', () => {
    for (const [status, { content }] of Object.entries(responses)) {
      if (status.startsWith('2')) continue
      expect(content).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      })
    }
  })

  it('declares every parameter of its path, and a body as required', () => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    const declared = parameters.filter((parameter) => parameter.in === 'path')
    expect(declared.map(({ name }) => name).toSorted()).toEqual(inPath.toSorted())
    expect(declared.every(({ required }) => required)).toBe(true)
    if (requestBody) expect(requestBody.required).toBe(true)
  })
})
