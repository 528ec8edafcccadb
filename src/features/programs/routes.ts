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
import { sentenceOf } from '../policies/eligibility.ts'
import { approveProgram } from './approve-program.ts'
import { createProgram, type ProgramRow } from './create-program.ts'
import { getProgram } from './get-program.ts'
import { listPrograms } from './list-programs.ts'
import { openProgram } from './open-program.ts'
import { CreateProgram, Program, ProgramsQuery } from './schemas.ts'

const tags = ['programs']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs',
      operationId: 'createProgram',
      summary: 'Draft a program',
      tags,
      request: { headers: IdempotencyHeader, body: body(CreateProgram) },
      responses: { 201: json('Drafted', Program), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await createProgram(ctx, c.req.valid('json'))
        const headers = { Location: `/v1/programs/${row.id}`, ...etag(row.version) }
        return { body: toProgram(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/programs',
      operationId: 'listPrograms',
      summary: 'List programs',
      tags,
      request: { query: ProgramsQuery },
      responses: { 200: json('A page', pageOf(Program)), ...refusals },
    },
    async (c) => {
      const page = await listPrograms(c.get('ctx'), c.req.valid('query'))
      return c.json(mapPage(page, toProgram), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/programs/{id}',
      operationId: 'getProgram',
      summary: 'Read one program',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The program', Program), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getProgram(c.get('ctx'), c.req.valid('param').id)
      return c.json(toProgram(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/approval',
      operationId: 'approveProgram',
      summary: 'Approve a program that another person drafted',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Approved', Program), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version }
      const row = await approveProgram(c.get('ctx'), wanted)
      return c.json(toProgram(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/opening',
      operationId: 'openProgram',
      summary: 'Open an approved program: runs may draw on its fund',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Opened', Program), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await openProgram(c.get('ctx'), { id: c.req.valid('param').id, expectedVersion: version })
      return c.json(toProgram(row), 200, etag(row.version))
    },
  ),
] as const

function toProgram(row: ProgramRow): Program {
  return {
    ...row,
    eligibilityText: row.eligibility ? sentenceOf(row.eligibility) : null,
    createdAt: row.createdAt.toISOString(),
  }
}
