import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { refusalsOfConditionalChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { toMatch, toRun } from '../matching/routes.ts'
import { Match, Run } from '../matching/schemas.ts'
import { approveRun } from './approve-run.ts'
import { excludeMatch } from './exclude-match.ts'
import { listReviewQueue } from './list-review-queue.ts'
import { pinMatch } from './pin-match.ts'
import { resolveRun } from './resolve-run.ts'
import { returnRun } from './return-run.ts'
import { ApproveRun, ExcludeMatch, PinMatch, ReturnRun, ReviewPage, ReviewQuery } from './schemas.ts'
import { unpinMatch } from './unpin-match.ts'

const tags = ['review']
const IdParam = z.object({ id: z.uuid() })
const MatchParam = IdParam.extend({ matchId: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/runs/{id}/review',
      operationId: 'listReviewQueue',
      summary: 'List what a run proposes, what deserves a look first',
      description: 'With the reasons as codes. Facts of residents are not among them.',
      tags,
      request: { params: IdParam, query: ReviewQuery },
      responses: { 200: json('A page', ReviewPage), ...refusalsOfObject },
    },
    async (c) => {
      const page = await listReviewQueue(c.get('ctx'), c.req.valid('param').id, c.req.valid('query'))
      const items = page.items.map(({ match, ...why }) => ({ match: toMatch(match), ...why }))
      return c.json({ items, nextCursor: page.nextCursor }, 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs/{id}/approval',
      operationId: 'approveRun',
      summary: 'Approve what a run proposes; referrals open by themselves',
      description:
        'Every match is held against the present first: all are approved, or none, or with `excludeStale` those that still hold. A refusal names the others in `stale`, at most 100 of them, and counts them in `count`.',
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
      path: '/v1/runs/{id}/return',
      operationId: 'returnRun',
      summary: 'Give a proposed run back with a comment; it is solved again or cancelled',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ReturnRun) },
      responses: { 200: json('Returned', Run), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { runId: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const run = await returnRun(c.get('ctx'), wanted)
      return c.json(toRun(run), 200, etag(run.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs/{id}/resolution',
      operationId: 'resolveRun',
      summary: 'Solve a run again around what was pinned and excluded',
      description:
        'Answers at once; the run goes on by itself. Pinned matches stay, excluded ones do not come back, all else is open again. Read the run until its state is `proposed`.',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 202: json('Queued', Run), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const run = await resolveRun(c.get('ctx'), {
        runId: c.req.valid('param').id,
        expectedVersion: version,
      })
      return c.json(toRun(run), 202, etag(run.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs/{id}/matches/{matchId}/exclusion',
      operationId: 'excludeMatch',
      summary: 'Take one match out of a proposed run',
      tags,
      request: { params: MatchParam, headers: IfMatchHeader, body: body(ExcludeMatch) },
      responses: { 200: json('Excluded', Match), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { ...matchOf(c.req.valid('param')), expectedVersion: version, ...c.req.valid('json') }
      const match = await excludeMatch(c.get('ctx'), wanted)
      return c.json(toMatch(match), 200, etag(match.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs/{id}/matches/{matchId}/pin',
      operationId: 'pinMatch',
      summary: 'Keep one match of a proposed run when it is solved again',
      tags,
      request: { params: MatchParam, headers: IfMatchHeader, body: body(PinMatch) },
      responses: { 200: json('Pinned', Match), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { ...matchOf(c.req.valid('param')), expectedVersion: version, ...c.req.valid('json') }
      const match = await pinMatch(c.get('ctx'), wanted)
      return c.json(toMatch(match), 200, etag(match.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs/{id}/matches/{matchId}/unpinning',
      operationId: 'unpinMatch',
      summary: 'Let a pinned match take part again when its run is solved again',
      tags,
      request: { params: MatchParam, headers: IfMatchHeader },
      responses: { 200: json('Not pinned any more', Match), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { ...matchOf(c.req.valid('param')), expectedVersion: version }
      const match = await unpinMatch(c.get('ctx'), wanted)
      return c.json(toMatch(match), 200, etag(match.version))
    },
  ),
] as const

function matchOf({ id, matchId }: z.infer<typeof MatchParam>) {
  return { runId: id, matchId }
}
