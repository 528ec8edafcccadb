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
import { sentenceOf } from '../policies/eligibility.ts'
import { type AmendmentRow, amendProgram } from './amend-program.ts'
import { approveProgram } from './approve-program.ts'
import { closeProgram } from './close-program.ts'
import { createProgram } from './create-program.ts'
import type { FlaggedProgram } from './flag-programs.ts'
import { freezeProgram } from './freeze-program.ts'
import { getProgram } from './get-program.ts'
import { listAmendments } from './list-amendments.ts'
import { listPrograms } from './list-programs.ts'
import { openProgram } from './open-program.ts'
import { reviseProgram } from './revise-program.ts'
import {
  AmendProgram,
  CreateProgram,
  Program,
  ProgramAmendment,
  ProgramsQuery,
  ReviseProgram,
} from './schemas.ts'
import { submitProgram } from './submit-program.ts'
import { thawProgram } from './thaw-program.ts'

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
      method: 'put',
      path: '/v1/programs/{id}',
      operationId: 'reviseProgram',
      summary: 'Write a draft anew',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ReviseProgram) },
      responses: { 200: json('Revised', Program), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await reviseProgram(c.get('ctx'), wanted)
      return c.json(toProgram(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/submission',
      operationId: 'submitProgram',
      summary: 'Put a draft before those who approve',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Submitted', Program), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await submitProgram(c.get('ctx'), { id: c.req.valid('param').id, expectedVersion: version })
      return c.json(toProgram(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/approval',
      operationId: 'approveProgram',
      summary: 'Approve a submitted program that another person drafted',
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
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/freezing',
      operationId: 'freezeProgram',
      summary: 'Stop an open program from paying for anything new',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Frozen', Program), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await freezeProgram(c.get('ctx'), { id: c.req.valid('param').id, expectedVersion: version })
      return c.json(toProgram(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/thawing',
      operationId: 'thawProgram',
      summary: 'Let a frozen program pay for new things again',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Open again', Program), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await thawProgram(c.get('ctx'), { id: c.req.valid('param').id, expectedVersion: version })
      return c.json(toProgram(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/closing',
      operationId: 'closeProgram',
      summary: 'Close a program of whose fund nothing is held',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Closed', Program), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await closeProgram(c.get('ctx'), { id: c.req.valid('param').id, expectedVersion: version })
      return c.json(toProgram(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/programs/{id}/amendments',
      operationId: 'amendProgram',
      summary: 'Change the budget of a program, up or down',
      tags,
      request: {
        params: IdParam,
        headers: IdempotencyHeader.extend(IfMatchHeader.shape),
        body: body(AmendProgram),
      },
      responses: { 201: json('Amended', ProgramAmendment), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      return idempotently(c, async (ctx) => {
        const row = await amendProgram(ctx, wanted)
        return { body: toAmendment(row), status: 201, headers: etag(version + 1) }
      })
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/programs/{id}/amendments',
      operationId: 'listAmendments',
      summary: 'List the changes of a program’s budget',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(ProgramAmendment)), ...refusalsOfObject },
    },
    async (c) => {
      const page = await listAmendments(c.get('ctx'), c.req.valid('param').id, c.req.valid('query'))
      return c.json(mapPage(page, toAmendment), 200)
    },
  ),
] as const

function toProgram(row: FlaggedProgram): Program {
  return {
    ...row,
    eligibilityText: row.eligibility ? sentenceOf(row.eligibility) : null,
    createdAt: row.createdAt.toISOString(),
  }
}

function toAmendment(row: AmendmentRow): ProgramAmendment {
  return { ...row, at: row.at.toISOString() }
}
