import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange } from '../../platform/http/problem.ts'
import { giveFeedback } from './give-feedback.ts'
import { listFeedback, type ShownFeedback } from './list-feedback.ts'
import { petitionRoutes } from './petition-routes.ts'
import { Feedback, FeedbackQuery, FeedbackSummary, GiveFeedback } from './schemas.ts'
import { summarizeFeedback } from './summarize-feedback.ts'

const tags = ['feedback']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/referrals/{id}/feedback',
      operationId: 'giveFeedback',
      summary: 'Say whether a referral helped, in the resident’s name',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(GiveFeedback) },
      responses: { 201: json('Given', Feedback), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const referralId = c.req.valid('param').id
        const row = await giveFeedback(ctx, { referralId, ...c.req.valid('json') })
        return { body: toFeedback(row), status: 201 }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/feedback',
      operationId: 'listFeedback',
      summary: 'List what residents said of the services they got',
      tags,
      request: { query: FeedbackQuery },
      responses: { 200: json('A page', pageOf(Feedback)), ...refusals },
    },
    async (c) => c.json(mapPage(await listFeedback(c.get('ctx'), c.req.valid('query')), toFeedback), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/feedback/summary',
      operationId: 'summarizeFeedback',
      summary: 'Count outcomes and average ratings, provider by provider',
      tags,
      request: { query: PageQuery },
      responses: { 200: json('A page', pageOf(FeedbackSummary)), ...refusals },
    },
    async (c) => c.json(await summarizeFeedback(c.get('ctx'), c.req.valid('query')), 200),
  ),
  ...petitionRoutes,
] as const

function toFeedback(row: ShownFeedback): Feedback {
  return { ...row, createdAt: row.createdAt.toISOString() }
}
