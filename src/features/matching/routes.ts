import { z } from '@hono/zod-openapi'
import { etag } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { cancelRun } from './cancel-run.ts'
import { explainRunNeed } from './explain-run-need.ts'
import { NeedExplanation } from './explanation-schemas.ts'
import { getExplanation } from './get-explanation.ts'
import { getRun, listMatches, listRuns, type MatchRow } from './get-run.ts'
import { instantRoutes } from './instant/routes.ts'
import { replayRoutes } from './replay-routes.ts'
import { Match, MatchesQuery, Run, RunNeed, StartRun } from './schemas.ts'
import { simulationRoutes } from './simulation-routes.ts'
import { type RunRow, startRun } from './start-run.ts'
import { withAllParts } from './utility.ts'
import { waitlistRoutes } from './waitlist-routes.ts'

const tags = ['matching']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs',
      operationId: 'startRun',
      summary: 'Match the open needs of an area for a period',
      description:
        'Answers at once; the run goes on by itself. Read it at Location until its state is `proposed`.',
      tags,
      request: { headers: IdempotencyHeader, body: body(StartRun) },
      responses: { 202: json('Queued', Run), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const run = await startRun(ctx, c.req.valid('json'))
        const headers = { Location: `/v1/runs/${run.id}`, ...etag(run.version) }
        return { body: toRun(run), status: 202, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/runs',
      operationId: 'listRuns',
      summary: 'List the runs within reach, newest first',
      tags,
      request: { query: PageQuery },
      responses: { 200: json('A page', pageOf(Run)), ...refusals },
    },
    async (c) => c.json(mapPage(await listRuns(c.get('ctx'), c.req.valid('query')), toRun), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/runs/{id}',
      operationId: 'getRun',
      summary: 'Read a run: its progress, and its result with value, bound and gap',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The run', Run), ...refusalsOfObject },
    },
    async (c) => {
      const run = await getRun(c.get('ctx'), c.req.valid('param').id)
      return c.json(toRun(run), 200, etag(run.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs/{id}/cancellation',
      operationId: 'cancelRun',
      summary: 'End a run that is under way or in review; all that it proposed is free again',
      tags,
      request: { params: IdParam },
      responses: { 200: json('Cancelled', Run), ...refusalsOfChange },
    },
    async (c) => {
      const run = await cancelRun(c.get('ctx'), c.req.valid('param').id)
      return c.json(toRun(run), 200, etag(run.version))
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/runs/{id}/matches',
      operationId: 'listMatches',
      summary: 'List the matches of a run',
      tags,
      request: { params: IdParam, query: MatchesQuery },
      responses: { 200: json('A page', pageOf(Match)), ...refusalsOfObject },
    },
    async (c) => {
      const page = await listMatches(c.get('ctx'), c.req.valid('param').id, c.req.valid('query'))
      return c.json(mapPage(page, toMatch), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/runs/{id}/needs/{needId}',
      operationId: 'explainRunNeed',
      summary: 'Read why a need of a run was met or not',
      tags,
      request: { params: IdParam.extend({ needId: z.uuid() }) },
      responses: { 200: json('The explanation', RunNeed), ...refusalsOfObject },
    },
    async (c) => {
      const { id, needId } = c.req.valid('param')
      return c.json(await explainRunNeed(c.get('ctx'), id, needId), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/needs/{id}/explanation',
      operationId: 'getExplanation',
      summary: 'Read why a need was met or not, and what would have met it',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The explanation', NeedExplanation), ...refusalsOfObject },
    },
    async (c) => c.json(await getExplanation(c.get('ctx'), c.req.valid('param').id), 200),
  ),
  ...instantRoutes,
  ...replayRoutes,
  ...simulationRoutes,
  ...waitlistRoutes,
] as const

export function toRun(row: RunRow): Run {
  const { id, areaId, period, policyId, seed, rounds, state, progress, result, failure, version } = row
  const { snapshotHash, assignmentHash, resultHash, engineVersion, revision } = row
  return {
    id,
    areaId,
    period,
    policyId,
    seed,
    rounds,
    state,
    progress,
    result,
    revision,
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
    snapshotHash,
    assignmentHash,
    resultHash,
    engineVersion,
    failure,
    version,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}

export function toMatch(row: MatchRow): Match {
  return { ...row, parts: withAllParts(row.parts) }
}
