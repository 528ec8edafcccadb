import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { adoptPolicy, type PolicyRow } from './adopt-policy.ts'
import { getPolicy } from './get-policy.ts'
import { listPolicies } from './list-policies.ts'
import { AdoptPolicy, Policy, PolicyState } from './schemas.ts'

const tags = ['policies']

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/policies',
      operationId: 'adoptPolicy',
      summary: 'Adopt a policy as the next version; it decides every run started from now on',
      tags,
      request: { headers: IdempotencyHeader, body: body(AdoptPolicy) },
      responses: { 201: json('Adopted', Policy), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await adoptPolicy(ctx, c.req.valid('json'))
        return { body: toPolicy(row), status: 201, headers: { Location: `/v1/policies/${row.id}` } }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/policies',
      operationId: 'listPolicies',
      summary: 'List the versions of the policy',
      tags,
      request: { query: PageQuery.extend({ state: PolicyState.optional() }) },
      responses: { 200: json('A page', pageOf(Policy)), ...refusals },
    },
    async (c) => {
      const page = await listPolicies(c.get('ctx'), c.req.valid('query'))
      return c.json(mapPage(page, toPolicy), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/policies/{id}',
      operationId: 'getPolicy',
      summary: 'Read one version of the policy',
      tags,
      request: { params: z.object({ id: z.uuid() }) },
      responses: { 200: json('The policy', Policy), ...refusalsOfObject },
    },
    async (c) => c.json(toPolicy(await getPolicy(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
] as const

function toPolicy(row: PolicyRow): Policy {
  const { id, number, state, document, text } = row
  const adoptedAt = row.adoptedAt?.toISOString() ?? null
  return { id, number, state, document, text, createdAt: row.createdAt.toISOString(), adoptedAt }
}
