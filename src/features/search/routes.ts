import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { refusals, refusalsOfChange } from '../../platform/http/problem.ts'
import { toFoundOffering } from './found-wire.ts'
import { FoundOfferings, OfferingsQuery, SearchOfferings } from './schemas.ts'
import { type Search, searchOfferings, searchOfferingsPrivately } from './search-offerings.ts'

const tags = ['search']

export const routes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/offerings',
      operationId: 'searchOfferings',
      summary: 'Search offerings',
      description:
        'Sorted by walking time with `near`, by how well the words fit with `q`, otherwise by publication. For facts about a person, POST the question instead: addresses end up in logs.',
      tags,
      request: { query: OfferingsQuery },
      responses: { 200: json('A page', FoundOfferings), ...refusals },
    },
    async (c) => c.json(toFound(await searchOfferings(c.get('ctx'), c.req.valid('query'))), 200),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/offerings/search',
      operationId: 'searchOfferingsPrivately',
      summary: 'Search offerings without a trace in addresses and logs',
      tags,
      request: { body: body(SearchOfferings) },
      responses: { 200: json('A page', FoundOfferings), ...refusalsOfChange },
    },
    async (c) => c.json(toFound(await searchOfferingsPrivately(c.get('ctx'), c.req.valid('json'))), 200),
  ),
] as const

function toFound({ items, nextCursor, total, facets }: Search): FoundOfferings {
  return { items: items.map(toFoundOffering), nextCursor, total, facets }
}
