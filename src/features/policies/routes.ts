import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import {
  refusals,
  refusalsOfChange,
  refusalsOfConditionalChange,
  refusalsOfObject,
} from '../../platform/http/problem.ts'
import { adoptPolicy } from './adopt-policy.ts'
import { comparePolicies } from './compare-policies.ts'
import { consultPolicy } from './consult-policy.ts'
import { draftPolicy } from './draft-policy.ts'
import { getPolicy, type PolicyRow } from './get-policy.ts'
import { listPolicies } from './list-policies.ts'
import { revisePolicy } from './revise-policy.ts'
import { ConsultPolicy, DraftPolicy, Policy, PolicyDifference, PolicyState } from './schemas.ts'

const tags = ['policies']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/policies',
      operationId: 'draftPolicy',
      summary: 'Draft a policy as the next version',
      tags,
      request: { headers: IdempotencyHeader, body: body(DraftPolicy) },
      responses: { 201: json('Drafted', Policy), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await draftPolicy(ctx, c.req.valid('json'))
        const headers = { Location: `/v1/policies/${row.id}`, ...etag(row.version) }
        return { body: toPolicy(row), status: 201, headers }
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
      request: { params: IdParam },
      responses: { 200: json('The policy', Policy), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getPolicy(c.get('ctx'), c.req.valid('param').id)
      return c.json(toPolicy(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/policies/{id}',
      operationId: 'revisePolicy',
      summary: 'Write a draft anew',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(DraftPolicy) },
      responses: { 200: json('Revised', Policy), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { ...c.req.valid('json'), id: c.req.valid('param').id, expectedVersion: version }
      const row = await revisePolicy(c.get('ctx'), wanted)
      return c.json(toPolicy(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/policies/{id}/consultation',
      operationId: 'consultPolicy',
      summary: 'Put a draft before everybody, for comments and votes between two dates',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ConsultPolicy) },
      responses: { 200: json('Out for consultation', Policy), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { ...c.req.valid('json'), id: c.req.valid('param').id, expectedVersion: version }
      const row = await consultPolicy(c.get('ctx'), wanted)
      return c.json(toPolicy(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/policies/{id}/adoption',
      operationId: 'adoptPolicy',
      summary: 'Adopt a policy after its consultation; it decides every run started from now on',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Adopted', Policy), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await adoptPolicy(c.get('ctx'), { id: c.req.valid('param').id, expectedVersion: version })
      return c.json(toPolicy(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/policies/{id}/difference',
      operationId: 'comparePolicies',
      summary: 'Read in words what a version of the policy changes',
      tags,
      request: {
        params: IdParam,
        query: z.object({
          from: z
            .uuid()
            .optional()
            .openapi({ description: 'What it is compared with; the one in force by default' }),
        }),
      },
      responses: {
        200: json('The difference', PolicyDifference),
        ...refusalsOfObject,
        409: refusalsOfChange[409],
      },
    },
    async (c) => {
      const { id } = c.req.valid('param')
      return c.json(await comparePolicies(c.get('ctx'), { id, ...c.req.valid('query') }), 200)
    },
  ),
] as const

function toPolicy(row: PolicyRow): Policy {
  const { id, number, state, document, text, version } = row
  return {
    id,
    number,
    state,
    document,
    text,
    consultedFrom: row.consultedFrom?.toISOString() ?? null,
    consultedUntil: row.consultedUntil?.toISOString() ?? null,
    version,
    createdAt: row.createdAt.toISOString(),
    adoptedAt: row.adoptedAt?.toISOString() ?? null,
  }
}
