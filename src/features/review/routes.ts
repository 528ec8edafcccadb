import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { refusalsOfConditionalChange } from '../../platform/http/problem.ts'
import { toMatch, toRun } from '../matching/routes.ts'
import { Match, Run } from '../matching/schemas.ts'
import { approveRun } from './approve-run.ts'
import { excludeMatch } from './exclude-match.ts'
import { ApproveRun, ExcludeMatch } from './schemas.ts'

const tags = ['review']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs/{id}/approval',
      operationId: 'approveRun',
      summary: 'Approve what a run proposes; referrals open by themselves',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ApproveRun) },
      responses: { 200: json('Approved', Run), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { runId: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const run = await approveRun(c.get('ctx'), wanted)
      return c.json(toRun(run), 200, etag(run.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/matches/{id}/exclusion',
      operationId: 'excludeMatch',
      summary: 'Take one match out of a proposed run',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ExcludeMatch) },
      responses: { 200: json('Excluded', Match), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { matchId: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const match = await excludeMatch(c.get('ctx'), wanted)
      return c.json(toMatch(match), 200, etag(match.version))
    },
  ),
] as const
