import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, pageOf } from '../../platform/http/paging.ts'
import {
  refusals,
  refusalsOfChange,
  refusalsOfConditionalChange,
  refusalsOfObject,
} from '../../platform/http/problem.ts'
import { getNeed, listNeeds } from './list-needs.ts'
import { type NeedRow, registerNeed } from './register-need.ts'
import { reviseNeed } from './revise-need.ts'
import { Need, NeedsQuery, RegisterNeed, ReviseNeed } from './schemas.ts'
import { withdrawNeed } from './withdraw-need.ts'

const tags = ['residents']
const IdParam = z.object({ id: z.uuid() })

export const needRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/residents/{id}/needs',
      operationId: 'registerNeed',
      summary: 'Register what a resident needs in a month',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(RegisterNeed) },
      responses: { 201: json('Registered', Need), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const residentId = c.req.valid('param').id
        const row = await registerNeed(ctx, { residentId, ...c.req.valid('json') })
        const headers = { ...etag(row.version), Location: `/v1/needs/${row.id}` }
        return { body: toNeed(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/needs',
      operationId: 'listNeeds',
      summary: 'List needs of the partner’s residents',
      tags,
      request: { query: NeedsQuery },
      responses: { 200: json('A page', pageOf(Need)), ...refusals },
    },
    async (c) => c.json(mapPage(await listNeeds(c.get('ctx'), c.req.valid('query')), toNeed), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/needs/{id}',
      operationId: 'getNeed',
      summary: 'Read one need',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The need', Need), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getNeed(c.get('ctx'), c.req.valid('param').id)
      return c.json(toNeed(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'patch',
      path: '/v1/needs/{id}',
      operationId: 'reviseNeed',
      summary: 'Change what is wanted while the need waits; fields that are not given stay',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ReviseNeed) },
      responses: { 200: json('Revised', Need), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const needId = c.req.valid('param').id
      const row = await reviseNeed(c.get('ctx'), { ...c.req.valid('json'), needId, version })
      return c.json(toNeed(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/needs/{id}/withdrawal',
      operationId: 'withdrawNeed',
      summary: 'Take back a need that waits',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Withdrawn', Need), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await withdrawNeed(c.get('ctx'), { needId: c.req.valid('param').id, version })
      return c.json(toNeed(row), 200, etag(row.version))
    },
  ),
] as const

function toNeed({ waitingSince, createdAt, stayedAt: _stayedAt, ...row }: NeedRow): Need {
  return { ...row, waitingSince: waitingSince.toISOString(), createdAt: createdAt.toISOString() }
}
