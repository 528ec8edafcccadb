import { z } from '@hono/zod-openapi'
import { etag } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { answerPetition } from './answer-petition.ts'
import { beginPetition } from './begin-petition.ts'
import { getPetition, listPetitions, type PetitionView } from './list-petitions.ts'
import { AnswerPetition, BeginPetition, Petition, PetitionsQuery, SignPetition } from './petition-schemas.ts'
import { signPetition, withdrawSignature } from './sign-petition.ts'

const tags = ['feedback']
const IdParam = z.object({ id: z.uuid() })

export const petitionRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/petitions',
      operationId: 'beginPetition',
      summary: 'Ask providers and purchasers for what nobody offers',
      tags,
      request: { headers: IdempotencyHeader, body: body(BeginPetition) },
      responses: { 201: json('Begun', Petition), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const petition = await beginPetition(ctx, c.req.valid('json'))
        const headers = { ...etag(petition.version), Location: `/v1/petitions/${petition.id}` }
        return { body: toPetition(petition), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/petitions',
      operationId: 'listPetitions',
      summary: 'List petitions, with the number of their signatures and what was answered',
      tags,
      request: { query: PetitionsQuery },
      responses: { 200: json('A page', pageOf(Petition)), ...refusals },
    },
    async (c) => c.json(mapPage(await listPetitions(c.get('ctx'), c.req.valid('query')), toPetition), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/petitions/{id}',
      operationId: 'getPetition',
      summary: 'Read one petition',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The petition', Petition), ...refusalsOfObject },
    },
    async (c) => {
      const petition = await getPetition(c.get('ctx'), c.req.valid('param').id)
      return c.json(toPetition(petition), 200, etag(petition.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/petitions/{id}/signatures',
      operationId: 'signPetition',
      summary: 'Put a resident behind a petition',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(SignPetition) },
      responses: { 201: json('Signed', Petition), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const petitionId = c.req.valid('param').id
        const petition = await signPetition(ctx, { petitionId, ...c.req.valid('json') })
        return { body: toPetition(petition), status: 201, headers: etag(petition.version) }
      }),
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/v1/petitions/{id}/signatures/{residentId}',
      operationId: 'withdrawSignature',
      summary: 'Take a resident’s name off a petition',
      tags,
      request: { params: IdParam.extend({ residentId: z.uuid() }) },
      responses: { 200: json('Taken off', Petition), ...refusalsOfObject },
    },
    async (c) => {
      const { id: petitionId, residentId } = c.req.valid('param')
      const petition = await withdrawSignature(c.get('ctx'), { petitionId, residentId })
      return c.json(toPetition(petition), 200, etag(petition.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/petitions/{id}/answers',
      operationId: 'answerPetition',
      summary: 'Answer a petition in the organization’s name',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(AnswerPetition) },
      responses: { 201: json('Answered', Petition), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const petitionId = c.req.valid('param').id
        const petition = await answerPetition(ctx, { petitionId, ...c.req.valid('json') })
        return { body: toPetition(petition), status: 201, headers: etag(petition.version) }
      }),
  ),
] as const

function toPetition({ answers, createdAt, ...petition }: PetitionView): Petition {
  return {
    ...petition,
    answers: answers.map(({ at, ...answer }) => ({ ...answer, at: at.toISOString() })),
    createdAt: createdAt.toISOString(),
  }
}
