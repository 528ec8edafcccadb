import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { castPolicyVote, type PolicyVoteRow } from './cast-policy-vote.ts'
import { countPolicyVotes } from './count-policy-votes.ts'
import { givePolicyComment } from './give-policy-comment.ts'
import { listPolicyComments, type ShownPolicyComment } from './list-policy-comments.ts'
import { CastPolicyVote, GivePolicyComment, PolicyComment, PolicyVote, PolicyVoteCounts } from './schemas.ts'

const tags = ['consultations']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/policies/{id}/comments',
      operationId: 'givePolicyComment',
      summary: 'Comment on a policy that is out for consultation',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(GivePolicyComment) },
      responses: { 201: json('Given', PolicyComment), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const policyId = c.req.valid('param').id
        const row = await givePolicyComment(ctx, { policyId, ...c.req.valid('json') })
        return { body: toComment(row), status: 201 }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/policies/{id}/comments',
      operationId: 'listPolicyComments',
      summary: 'List what residents and bodies say of a policy',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(PolicyComment)), ...refusalsOfObject },
    },
    async (c) => {
      const policyId = c.req.valid('param').id
      const page = await listPolicyComments(c.get('ctx'), { policyId, ...c.req.valid('query') })
      return c.json(mapPage(page, toComment), 200)
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/policies/{id}/votes',
      operationId: 'castPolicyVote',
      summary: 'Vote on a policy that is out for consultation, or vote anew',
      tags,
      request: { params: IdParam, body: body(CastPolicyVote) },
      responses: { 200: json('Cast', PolicyVote), ...refusalsOfChange },
    },
    async (c) => {
      const policyId = c.req.valid('param').id
      const row = await castPolicyVote(c.get('ctx'), { policyId, ...c.req.valid('json') })
      return c.json(toVote(row), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/policies/{id}/votes',
      operationId: 'countPolicyVotes',
      summary: 'Read how residents and bodies vote on a policy',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The counts', PolicyVoteCounts), ...refusalsOfObject },
    },
    async (c) => c.json(await countPolicyVotes(c.get('ctx'), c.req.valid('param').id), 200),
  ),
] as const

function toComment({ createdAt, ...comment }: ShownPolicyComment): PolicyComment {
  return { ...comment, createdAt: createdAt.toISOString() }
}

function toVote({ at, ...vote }: PolicyVoteRow): PolicyVote {
  return { ...vote, at: at.toISOString() }
}
