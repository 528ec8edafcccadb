import { z } from '@hono/zod-openapi'
import type { Context as HonoContext } from 'hono'
import type { Context } from '../../platform/context.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { answerNdjson, NDJSON } from '../../platform/http/ndjson.ts'
import { refusalsOfPublicRead, refusalsOfPublicSearch } from '../../platform/http/problem.ts'
import type { Env } from '../../platform/http/router.ts'
import { getDirectory } from './get-directory.ts'
import type { Listing } from './list-records.ts'
import type { Nested } from './nest.ts'
import {
  getDirectoryOrganization,
  listDirectoryOrganizations,
  searchDirectoryOrganizations,
} from './read-organizations.ts'
import {
  getCompiledSchema,
  getDataPackage,
  getProfile,
  getProfilePatch,
  getProfileSchema,
} from './read-profile.ts'
import {
  getDirectoryService,
  getServiceAtLocation,
  listDirectoryServices,
  listServicesAtLocations,
  searchDirectoryServices,
  searchServicesAtLocations,
} from './read-services.ts'
import {
  getTaxonomy,
  getTaxonomyTerm,
  listTaxonomies,
  listTaxonomyTerms,
  searchTaxonomies,
  searchTaxonomyTerms,
} from './read-taxonomies.ts'
import {
  getUkDirectory,
  getUkService,
  getUkServiceAtLocation,
  getUkTaxonomy,
  getUkTaxonomyTerm,
  listUkServices,
  listUkServicesAtLocations,
  listUkTaxonomies,
  listUkTaxonomyTerms,
} from './read-uk.ts'
import {
  HsdsDirectory,
  HsdsObject,
  HsdsPage,
  JsonDocument,
  OrganizationQuery,
  OrganizationsQuery,
  ServicesAtLocationsQuery,
  ServicesQuery,
  TaxonomiesQuery,
  TaxonomyTermsQuery,
  UkServicesAtLocationsQuery,
  UkServicesQuery,
  UkTaxonomiesQuery,
} from './schemas.ts'

const tags = ['directory']
/** Reading the directory needs no key. */
const security: [] = []

interface About<Path extends string> {
  path: Path
  operationId: string
  summary: string
}

const listing = {
  description: 'A page; with `format=ndjson` everything, one object a line',
  content: { 'application/json': { schema: HsdsPage }, [NDJSON]: { schema: z.string() } },
}

/** The list of a collection: what is asked for stands in the query. */
function list<Path extends string, Asked extends z.ZodObject>(
  about: About<Path>,
  query: Asked,
  read: (ctx: Context, asked: z.output<Asked>) => Promise<Listing>,
) {
  const responses = { 200: listing, ...refusalsOfPublicRead }
  const handler = async (c: HonoContext<Env>) =>
    answerListing(c, await read(c.get('ctx'), validated<z.output<Asked>>(c, 'query')))
  return defineRoute({ ...about, method: 'get', tags, security, request: { query }, responses }, handler)
}

/** The same list: what is asked for stands in a body, and so in no address and no log. */
function search<Path extends string, Asked extends z.ZodObject>(
  about: About<Path>,
  asked: Asked,
  read: (ctx: Context, asked: z.output<Asked>) => Promise<Listing>,
) {
  const request = { body: body(asked) }
  const responses = { 200: listing, ...refusalsOfPublicSearch }
  const handler = async (c: HonoContext<Env>) =>
    answerListing(c, await read(c.get('ctx'), validated<z.output<Asked>>(c, 'json')))
  return defineRoute({ ...about, method: 'post', tags, security, request, responses }, handler)
}

/** One object of a collection. */
function one<Path extends string, Asked extends z.ZodObject>(
  about: About<Path>,
  read: (ctx: Context, asked: { id: string } & z.output<Asked>) => Promise<Nested>,
  query: Asked = z.strictObject({}) as never,
) {
  const request = { params: z.object({ id: z.guid('a uuid is expected') }), query }
  const responses = { 200: json('The object', HsdsObject), ...refusalsOfPublicRead }
  const handler = async (c: HonoContext<Env>) => {
    const asked = { ...validated<z.output<Asked>>(c, 'query'), ...validated<{ id: string }>(c, 'param') }
    return c.json(await read(c.get('ctx'), asked), 200) as never
  }
  return defineRoute({ ...about, method: 'get', tags, security, request, responses }, handler)
}

/** A document of the Profile, or one about the directory itself. */
function page<Path extends string, Schema extends z.ZodType>(
  about: About<Path>,
  schema: Schema,
  read: (ctx: Context) => Promise<z.output<Schema>>,
) {
  const responses = { 200: json('The document', schema), ...refusalsOfPublicRead }
  const handler = async (c: HonoContext<Env>) => c.json((await read(c.get('ctx'))) as object, 200)
  return defineRoute({ ...about, method: 'get', tags, security, responses }, handler as never)
}

/** One of several documents, by its file's name. */
function file<Path extends string>(
  about: About<Path>,
  read: (ctx: Context, asked: { file: string }) => Promise<Record<string, unknown>>,
) {
  const request = { params: z.object({ file: z.string().openapi({ example: 'service.json' }) }) }
  const responses = { 200: json('The document', JsonDocument), ...refusalsOfPublicRead }
  const handler = async (c: HonoContext<Env>) =>
    c.json(await read(c.get('ctx'), validated<{ file: string }>(c, 'param')), 200) as never
  return defineRoute({ ...about, method: 'get', tags, security, request, responses }, handler)
}

/** What the route's schema made of the request; the compiler can't follow it through a schema that is a parameter. */
function validated<Asked>(c: HonoContext<Env>, from: 'query' | 'json' | 'param'): Asked {
  return c.req.valid(from as never) as Asked
}

export const routes = [
  page(
    { path: '/hsds/', operationId: 'getDirectory', summary: 'Which standard the directory follows' },
    HsdsDirectory,
    getDirectory,
  ),
  list(
    { path: '/hsds/services', operationId: 'listDirectoryServices', summary: 'List services' },
    ServicesQuery,
    listDirectoryServices,
  ),
  search(
    {
      path: '/hsds/services',
      operationId: 'searchDirectoryServices',
      summary: 'List services, asked in a body',
    },
    ServicesQuery,
    searchDirectoryServices,
  ),
  one(
    { path: '/hsds/services/{id}', operationId: 'getDirectoryService', summary: 'Read one service in full' },
    getDirectoryService,
  ),
  list(
    { path: '/hsds/organizations', operationId: 'listDirectoryOrganizations', summary: 'List organizations' },
    OrganizationsQuery,
    listDirectoryOrganizations,
  ),
  search(
    {
      path: '/hsds/organizations',
      operationId: 'searchDirectoryOrganizations',
      summary: 'List organizations, asked in a body',
    },
    OrganizationsQuery,
    searchDirectoryOrganizations,
  ),
  one(
    {
      path: '/hsds/organizations/{id}',
      operationId: 'getDirectoryOrganization',
      summary: 'Read one organization in full',
    },
    getDirectoryOrganization,
    OrganizationQuery,
  ),
  list(
    {
      path: '/hsds/service_at_locations',
      operationId: 'listServicesAtLocations',
      summary: 'List services at locations',
    },
    ServicesAtLocationsQuery,
    listServicesAtLocations,
  ),
  search(
    {
      path: '/hsds/service_at_locations',
      operationId: 'searchServicesAtLocations',
      summary: 'List services at locations, asked in a body',
    },
    ServicesAtLocationsQuery,
    searchServicesAtLocations,
  ),
  one(
    {
      path: '/hsds/service_at_locations/{id}',
      operationId: 'getServiceAtLocation',
      summary: 'Read one service at a location in full',
    },
    getServiceAtLocation,
  ),
  list(
    { path: '/hsds/taxonomies', operationId: 'listTaxonomies', summary: 'List taxonomies' },
    TaxonomiesQuery,
    listTaxonomies,
  ),
  search(
    {
      path: '/hsds/taxonomies',
      operationId: 'searchTaxonomies',
      summary: 'List taxonomies, asked in a body',
    },
    TaxonomiesQuery,
    searchTaxonomies,
  ),
  one(
    { path: '/hsds/taxonomies/{id}', operationId: 'getTaxonomy', summary: 'Read one taxonomy' },
    getTaxonomy,
  ),
  list(
    { path: '/hsds/taxonomy_terms', operationId: 'listTaxonomyTerms', summary: 'List terms of taxonomies' },
    TaxonomyTermsQuery,
    listTaxonomyTerms,
  ),
  search(
    {
      path: '/hsds/taxonomy_terms',
      operationId: 'searchTaxonomyTerms',
      summary: 'List terms of taxonomies, asked in a body',
    },
    TaxonomyTermsQuery,
    searchTaxonomyTerms,
  ),
  one(
    { path: '/hsds/taxonomy_terms/{id}', operationId: 'getTaxonomyTerm', summary: 'Read one term' },
    getTaxonomyTerm,
  ),
  page(
    { path: '/hsds/profile', operationId: 'getProfile', summary: 'What our profile of HSDS consists of' },
    JsonDocument,
    getProfile,
  ),
  file(
    {
      path: '/hsds/profile/{file}',
      operationId: 'getProfilePatch',
      summary: 'What our profile adds to an object, as a JSON merge patch',
    },
    getProfilePatch,
  ),
  file(
    {
      path: '/hsds/schema/{file}',
      operationId: 'getProfileSchema',
      summary: 'Schema of an object, our profile included',
    },
    getProfileSchema,
  ),
  file(
    {
      path: '/hsds/schema/compiled/{file}',
      operationId: 'getCompiledSchema',
      summary: 'Schema of an answer in one document',
    },
    getCompiledSchema,
  ),
  page(
    {
      path: '/hsds/datapackage.json',
      operationId: 'getDataPackage',
      summary: 'The tabular form of the directory',
    },
    JsonDocument,
    getDataPackage,
  ),
  page(
    { path: '/hsds/uk/', operationId: 'getUkDirectory', summary: 'Which UK standard the directory follows' },
    HsdsDirectory,
    getUkDirectory,
  ),
  list(
    { path: '/hsds/uk/services', operationId: 'listUkServices', summary: 'List services for the UK' },
    UkServicesQuery,
    listUkServices,
  ),
  one(
    { path: '/hsds/uk/services/{id}', operationId: 'getUkService', summary: 'Read one service for the UK' },
    getUkService,
  ),
  list(
    {
      path: '/hsds/uk/service_at_locations',
      operationId: 'listUkServicesAtLocations',
      summary: 'List services at locations for the UK',
    },
    UkServicesAtLocationsQuery,
    listUkServicesAtLocations,
  ),
  one(
    {
      path: '/hsds/uk/service_at_locations/{id}',
      operationId: 'getUkServiceAtLocation',
      summary: 'Read one service at a location for the UK',
    },
    getUkServiceAtLocation,
  ),
  list(
    { path: '/hsds/uk/taxonomies', operationId: 'listUkTaxonomies', summary: 'List taxonomies for the UK' },
    UkTaxonomiesQuery,
    listUkTaxonomies,
  ),
  one(
    {
      path: '/hsds/uk/taxonomies/{id}',
      operationId: 'getUkTaxonomy',
      summary: 'Read one taxonomy for the UK',
    },
    getUkTaxonomy,
  ),
  list(
    {
      path: '/hsds/uk/taxonomy_terms',
      operationId: 'listUkTaxonomyTerms',
      summary: 'List terms of taxonomies for the UK',
    },
    UkTaxonomiesQuery,
    listUkTaxonomyTerms,
  ),
  one(
    {
      path: '/hsds/uk/taxonomy_terms/{id}',
      operationId: 'getUkTaxonomyTerm',
      summary: 'Read one term for the UK',
    },
    getUkTaxonomyTerm,
  ),
] as const

/** A page as JSON, or a stream. The compiler knows the document's answer of a page only. */
function answerListing(c: HonoContext<Env>, answer: Listing): Promise<never> {
  const response = 'page' in answer ? c.json(answer.page, 200) : answerNdjson(c, answer.stream)
  return response as unknown as Promise<never>
}
