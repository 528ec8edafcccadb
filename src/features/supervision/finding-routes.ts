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
import type { FindingStep } from './finding-lifecycle.ts'
import {
  AnswerFinding,
  Finding,
  FindingDetail,
  FindingsQuery,
  JudgeFinding,
  OpenFinding,
  ReopenFinding,
} from './finding-schemas.ts'
import { type FindingDetailRow, type FindingRow, getFinding, listFindings } from './list-findings.ts'
import {
  closeFinding,
  correctFinding,
  reopenFinding,
  respondToFinding,
  verifyFinding,
} from './move-finding.ts'
import { openFinding } from './open-finding.ts'

const tags = ['supervision']
const IdParam = z.object({ id: z.uuid() })

/** A step of a finding: what is sent differs, all else is the same. */
const stepOf = <Body extends z.ZodType>(schema: Body, description: string) => ({
  tags,
  request: { params: IdParam, headers: IfMatchHeader, body: body(schema) },
  responses: { 200: json(description, Finding), ...refusalsOfConditionalChange },
})

export const findingRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/findings',
      operationId: 'openFinding',
      summary: 'Say that something is not as it must be, and who has to answer',
      tags,
      request: { headers: IdempotencyHeader, body: body(OpenFinding) },
      responses: { 201: json('Opened', Finding), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await openFinding(ctx, c.req.valid('json'))
        return { body: toFinding(row), status: 201, headers: etag(row.version) }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/findings',
      operationId: 'listFindings',
      summary: 'List findings: of one’s area, or those one has to answer',
      tags,
      request: { query: FindingsQuery },
      responses: { 200: json('A page', pageOf(Finding)), ...refusals },
    },
    async (c) => c.json(mapPage(await listFindings(c.get('ctx'), c.req.valid('query')), toFinding), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/findings/{id}',
      operationId: 'getFinding',
      summary: 'Read a finding with all that happened to it',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The finding', FindingDetail), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getFinding(c.get('ctx'), c.req.valid('param').id)
      return c.json(toDetail(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/findings/{id}/response',
      operationId: 'respondToFinding',
      summary: 'The respondent says what it has to say',
      ...stepOf(AnswerFinding, 'Responded'),
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await respondToFinding(c.get('ctx'), wanted)
      return c.json(toFinding(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/findings/{id}/correction',
      operationId: 'correctFinding',
      summary: 'The respondent says that it is as it must be now',
      ...stepOf(AnswerFinding, 'Corrected'),
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await correctFinding(c.get('ctx'), wanted)
      return c.json(toFinding(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/findings/{id}/verification',
      operationId: 'verifyFinding',
      summary: 'The supervisor has seen that it is so',
      ...stepOf(JudgeFinding, 'Verified'),
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await verifyFinding(c.get('ctx'), wanted)
      return c.json(toFinding(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/findings/{id}/closure',
      operationId: 'closeFinding',
      summary: 'Nothing is left to do',
      ...stepOf(JudgeFinding, 'Closed'),
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await closeFinding(c.get('ctx'), wanted)
      return c.json(toFinding(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/findings/{id}/reopening',
      operationId: 'reopenFinding',
      summary: 'It is not so after all; the respondent has to answer again',
      ...stepOf(ReopenFinding, 'Open again'),
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await reopenFinding(c.get('ctx'), wanted)
      return c.json(toFinding(row), 200, etag(row.version))
    },
  ),
] as const

function toFinding({ dueBy, stayedAt, createdAt, code, ...row }: FindingRow): Finding {
  return {
    ...row,
    code: code as Finding['code'],
    dueBy: dueBy?.toISOString() ?? null,
    stayedAt: stayedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }
}

function toDetail({ steps, ...row }: FindingDetailRow): FindingDetail {
  return {
    ...toFinding(row),
    steps: steps.map(({ step, text, at }) => ({
      step: step as FindingStep | 'open',
      text,
      at: at.toISOString(),
    })),
  }
}
