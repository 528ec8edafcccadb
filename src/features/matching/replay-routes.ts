import { z } from '@hono/zod-openapi'
import { defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { compareRuns } from './compare-runs.ts'
import { ComparisonQuery, RunComparison } from './comparison-schemas.ts'
import { getReplay } from './get-replay.ts'
import { type ReplayRow, replayRun } from './replay-run.ts'
import { Replay } from './replay-schemas.ts'

const tags = ['matching']
const IdParam = z.object({ id: z.uuid() })

export const replayRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/runs/{id}/replays',
      operationId: 'replayRun',
      summary: 'Solve a run once more from what it read, to see whether the same comes out',
      description: 'Answers at once; read the replay at Location until its state is `finished`.',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader },
      responses: { 202: json('Queued', Replay), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const replay = await replayRun(ctx, c.req.valid('param').id)
        const headers = { Location: `/v1/replays/${replay.id}` }
        return { body: toReplay(replay), status: 202, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/replays/{id}',
      operationId: 'getReplay',
      summary: 'Read a replay: how far it is, and whether the same came out',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The replay', Replay), ...refusalsOfObject },
    },
    async (c) => c.json(toReplay(await getReplay(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/runs/{id}/comparison',
      operationId: 'compareRuns',
      summary: 'Compare two runs: what came out, and whose needs one met and the other did not',
      tags,
      request: { params: IdParam, query: ComparisonQuery },
      responses: {
        200: json('Side by side', RunComparison),
        ...refusalsOfObject,
        409: refusalsOfChange[409],
      },
    },
    async (c) => {
      const { with: other } = c.req.valid('query')
      return c.json(await compareRuns(c.get('ctx'), c.req.valid('param').id, other), 200)
    },
  ),
] as const

function toReplay({ organizationId: _organizationId, ...row }: ReplayRow): Replay {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}
