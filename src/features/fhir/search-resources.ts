import { and, eq, inArray } from 'drizzle-orm'
import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js'
import { type Context, query } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { invalidInput } from '../../platform/http/router.ts'
import type { LinkName, RecordKind } from '../directory/record.ts'
import { directoryRecords } from '../directory/tables.ts'
import { permit } from '../identity/permissions.ts'
import { countMatches, findMatches } from './find-matches.ts'
import { parseSearch, type ResourceSearch } from './parse-search.ts'
import { RESOURCE_TYPES, type ResourceType } from './resource-types.ts'
import { resourcesOf } from './resources-of.ts'

/** The type that an address names. @throws Refusal `not_found` for one that this façade does not have. */
export function resourceType(name: string): ResourceType {
  const type = RESOURCE_TYPES.find((known) => known === name)
  if (!type) throw new Refusal('not_found', `There are no resources of type ${name} here.`)
  return type
}

/**
 * Searches resources of a type. Filters are AND-ed; a page beyond the end is refused.
 * @param given the parameters as written, in order.
 * @param base address of the search without parameters; the page links continue it.
 * @returns a Bundle of type `searchset`, in order of arrival, with links to the pages around it.
 * @throws Refusal `invalid_input` with a pointer to each flawed parameter.
 */
export async function searchResources(
  ctx: Context,
  type: ResourceType,
  given: readonly (readonly [string, string])[],
  base: string,
): Promise<Bundle> {
  permit(ctx, 'directory.read')
  const search = parseSearch(type, given)
  const total = await countMatches(ctx, type, search.criteria)
  const pages = Math.max(1, Math.ceil(total / search.count))
  if (search.page > pages) {
    throw invalidInput([{ path: ['_page'], message: `is beyond the last page, ${pages}` }], '/query')
  }
  const ids = search.summary ? [] : await findMatches(ctx, type, search)
  const found = await resourcesOf(ctx, type, ids)
  const included = await includedOf(ctx, type, ids, search)
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    link: linksOf(base, given, search.page, pages),
    entry: [
      ...found.map((resource) => entryOf(base, resource, 'match')),
      ...included.map((resource) => entryOf(base, resource, 'include')),
    ],
  }
}

/** Which link leads where: `HealthcareService:location` goes over the places of a service. */
const LINK_OF: Record<string, { from: RecordKind; own: LinkName | 'id'; other: LinkName }> = {
  'HealthcareService:location': { from: 'service_at_location', own: 'service_id', other: 'location_id' },
  'HealthcareService:organization': { from: 'service', own: 'id', other: 'organization_id' },
  'Location:organization': { from: 'location', own: 'id', other: 'organization_id' },
}

/** What the matches refer to, and what refers to them; each once. */
async function includedOf(
  ctx: Context,
  type: ResourceType,
  ids: readonly string[],
  { includes, revincludes }: ResourceSearch,
): Promise<FhirResource[]> {
  const wanted = new Map<ResourceType, Set<string>>()
  const want = (target: ResourceType, found: readonly string[]) => {
    const known = wanted.get(target) ?? new Set()
    for (const id of found) known.add(id)
    wanted.set(target, known)
  }
  for (const name of includes) {
    const { from, own, other } = LINK_OF[name]!
    want(name.endsWith(':location') ? 'Location' : 'Organization', await linked(ctx, from, own, other, ids))
  }
  for (const name of revincludes) {
    const { from, own, other } = LINK_OF[name]!
    want(name.split(':')[0] as ResourceType, await linked(ctx, from, other, own, ids))
  }
  const resources: FhirResource[] = []
  for (const [target, found] of wanted) {
    const fresh = [...found].filter((id) => target !== type || !ids.includes(id))
    resources.push(...(await resourcesOf(ctx, target, fresh)))
  }
  return resources
}

async function linked(
  ctx: Context,
  kind: RecordKind,
  by: LinkName | 'id',
  to: LinkName | 'id',
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await query(ctx)
    .selectDistinct({ id: directoryRecords[to] })
    .from(directoryRecords)
    .where(and(eq(directoryRecords.kind, kind), inArray(directoryRecords[by], [...ids])))
  return rows.flatMap(({ id }) => id ?? [])
}

function entryOf(base: string, resource: FhirResource, mode: 'match' | 'include'): BundleEntry {
  const root = base.replace(/\/[^/]*$/, '')
  return { fullUrl: `${root}/${resource.resourceType}/${resource.id}`, resource, search: { mode } }
}

/** Links as FHIR pages: the same search, another page. */
function linksOf(base: string, given: readonly (readonly [string, string])[], page: number, pages: number) {
  const link = (relation: string, number: number) => {
    const kept = given.filter(([name]) => name !== '_page')
    const parameters = new URLSearchParams([...kept, ['_page', String(number)]] as [string, string][])
    return { relation, url: `${base}?${parameters}` }
  }
  return [
    link('self', page),
    link('first', 1),
    ...(page > 1 ? [link('previous', page - 1)] : []),
    ...(page < pages ? [link('next', page + 1)] : []),
    link('last', pages),
  ]
}
