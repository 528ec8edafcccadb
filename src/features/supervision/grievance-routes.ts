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
import { decideGrievance } from './decide-grievance.ts'
import { fileAppeal, fileComplaint } from './file-grievance.ts'
import {
  DecideGrievance,
  FileAppeal,
  FileComplaint,
  Grievance,
  GrievancesQuery,
} from './grievance-schemas.ts'
import { getGrievance, listGrievances } from './list-grievances.ts'
import { toGrievance } from './wire-rows.ts'
import { withdrawGrievance } from './withdraw-grievance.ts'

const tags = ['supervision']
const IdParam = z.object({ id: z.uuid() })

export const grievanceRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/complaints',
      operationId: 'fileComplaint',
      summary: 'Complain to the supervisors',
      tags,
      request: { headers: IdempotencyHeader, body: body(FileComplaint) },
      responses: { 201: json('Filed', Grievance), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await fileComplaint(ctx, c.req.valid('json'))
        return { body: toGrievance(row), status: 201, headers: etag(row.version) }
      }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/appeals',
      operationId: 'fileAppeal',
      summary: 'Appeal against a decision; every deadline of its object is stayed',
      tags,
      request: { headers: IdempotencyHeader, body: body(FileAppeal) },
      responses: { 201: json('Filed', Grievance), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await fileAppeal(ctx, c.req.valid('json'))
        return { body: toGrievance(row), status: 201, headers: etag(row.version) }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/grievances',
      operationId: 'listGrievances',
      summary: 'List complaints and appeals: of one’s area, or one’s own',
      tags,
      request: { query: GrievancesQuery },
      responses: { 200: json('A page', pageOf(Grievance)), ...refusals },
    },
    async (c) => c.json(mapPage(await listGrievances(c.get('ctx'), c.req.valid('query')), toGrievance), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/grievances/{id}',
      operationId: 'getGrievance',
      summary: 'Read one complaint or appeal',
      tags,
      request: { params: IdParam },
      responses: { 200: json('It', Grievance), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getGrievance(c.get('ctx'), c.req.valid('param').id)
      return c.json(toGrievance(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/grievances/{id}/decision',
      operationId: 'decideGrievance',
      summary: 'Uphold or dismiss it; what was stayed runs on',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(DecideGrievance) },
      responses: { 200: json('Decided', Grievance), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await decideGrievance(c.get('ctx'), wanted)
      return c.json(toGrievance(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/grievances/{id}/withdrawal',
      operationId: 'withdrawGrievance',
      summary: 'Take back what was filed, before it is decided',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Withdrawn', Grievance), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const { id } = c.req.valid('param')
      const row = await withdrawGrievance(c.get('ctx'), { id, expectedVersion: version })
      return c.json(toGrievance(row), 200, etag(row.version))
    },
  ),
] as const
