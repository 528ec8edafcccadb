import type { Context as HonoContext } from 'hono'
import { defineRoute } from '../../platform/http/define-route.ts'
import type { Env } from '../../platform/http/router.ts'
import { getCapabilityStatement } from './get-capability-statement.ts'
import { readResource } from './read-resource.ts'
import { FhirBundle, FhirResource, OperationOutcome, ReadParam, TypeParam } from './schemas.ts'
import { resourceType, searchResources } from './search-resources.ts'
import { searchResourcesByForm } from './search-resources-by-form.ts'

const tags = ['fhir']
/** Reading the directory needs no key. */
const security: [] = []
const FHIR_JSON = 'application/fhir+json; charset=UTF-8'

const fhir = <Schema>(description: string, schema: Schema) => ({
  description,
  content: { 'application/fhir+json': { schema } },
})

const outcomes = {
  400: fhir('A parameter is unknown or flawed', OperationOutcome),
  404: fhir('There is no such type or resource', OperationOutcome),
  500: fhir('Something went wrong on our side; it is logged', OperationOutcome),
  503: fhir('The database does not answer now; Retry-After says when to try again', OperationOutcome),
}

export const routes = [
  defineRoute(
    {
      method: 'get',
      path: '/fhir/metadata',
      operationId: 'getCapabilityStatement',
      summary: 'What the FHIR façade can do',
      tags,
      security,
      responses: { 200: fhir('The CapabilityStatement', FhirResource) },
    },
    (c) => answer(c, getCapabilityStatement(baseOf(c, ''))),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/fhir/{type}',
      operationId: 'searchResources',
      summary: 'Search resources of a type; `metadata` lists the parameters',
      tags,
      security,
      request: { params: TypeParam },
      responses: { 200: fhir('A page', FhirBundle), ...outcomes },
    },
    async (c) => {
      const type = resourceType(c.req.valid('param').type)
      return answer(c, await searchResources(c.get('ctx'), type, queryOf(c), baseOf(c, `/${type}`)))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/fhir/{type}/_search',
      operationId: 'searchResourcesByForm',
      summary: 'Search with the parameters in a form, out of addresses and logs',
      tags,
      security,
      request: { params: TypeParam },
      responses: { 200: fhir('A page', FhirBundle), ...outcomes },
    },
    async (c) => {
      const type = resourceType(c.req.valid('param').type)
      const given = { query: queryOf(c), form: await c.req.text() }
      return answer(c, await searchResourcesByForm(c.get('ctx'), type, given, baseOf(c, `/${type}`)))
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/fhir/{type}/{id}',
      operationId: 'readResource',
      summary: 'Read one resource',
      tags,
      security,
      request: { params: ReadParam },
      responses: { 200: fhir('The resource', FhirResource), ...outcomes },
    },
    async (c) => {
      const { type, id } = c.req.valid('param')
      return answer(c, await readResource(c.get('ctx'), resourceType(type), id))
    },
  ),
] as const

/** The façade's own address, as the caller knows it. */
function baseOf(c: HonoContext<Env>, path: string): string {
  return `${new URL(c.req.url).origin}/fhir${path}`
}

/** Parameters in the order written: FHIR lets them repeat. */
function queryOf(c: HonoContext<Env>): [string, string][] {
  return [...new URL(c.req.url).searchParams]
}

/** The resources are FHIR's own types; the document's schemas tell only their outline. */
function answer(c: HonoContext<Env>, resource: object) {
  return c.json(resource as never, 200, { 'Content-Type': FHIR_JSON })
}
