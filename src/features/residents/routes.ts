import { z } from '@hono/zod-openapi'
import { etag } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { factRoutes } from './fact-routes.ts'
import { giveConsent } from './give-consent.ts'
import { getResident, listConsents, listResidents } from './list-residents.ts'
import { needRoutes } from './need-routes.ts'
import { registerResident } from './register-resident.ts'
import { Consent, GiveConsent, RegisteredResident, RegisterResident, Resident } from './schemas.ts'
import { walletRoutes } from './wallet-routes.ts'
import { toConsent, toRegistered, toResident } from './wire-rows.ts'
import { withdrawConsent } from './withdraw-consent.ts'

const tags = ['residents']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/residents',
      operationId: 'registerResident',
      summary: 'Register a resident under the partner’s own reference',
      tags,
      request: { headers: IdempotencyHeader, body: body(RegisterResident) },
      responses: { 201: json('Registered', RegisteredResident), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await registerResident(ctx, c.req.valid('json'))
        const headers = { ...etag(row.version), Location: `/v1/residents/${row.id}` }
        return { body: toRegistered(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents',
      operationId: 'listResidents',
      summary: 'List the partner’s residents',
      tags,
      request: { query: PageQuery },
      responses: { 200: json('A page', pageOf(Resident)), ...refusals },
    },
    async (c) => {
      const ctx = c.get('ctx')
      return c.json(mapPage(await listResidents(ctx, c.req.valid('query')), toResident(ctx)), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents/{id}',
      operationId: 'getResident',
      summary: 'Read one resident',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The resident', Resident), ...refusalsOfObject },
    },
    async (c) => {
      const ctx = c.get('ctx')
      const row = await getResident(ctx, c.req.valid('param').id)
      return c.json(toResident(ctx)(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/residents/{id}/consents',
      operationId: 'giveConsent',
      summary: 'Let facts of a resident be used for a purpose',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(GiveConsent) },
      responses: { 201: json('Given', Consent), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const residentId = c.req.valid('param').id
        const row = await giveConsent(ctx, { residentId, ...c.req.valid('json') })
        return { body: toConsent(row), status: 201 }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents/{id}/consents',
      operationId: 'listConsents',
      summary: 'List a resident’s consents, those that are over too',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(Consent)), ...refusalsOfObject },
    },
    async (c) => {
      const wanted = { residentId: c.req.valid('param').id, ...c.req.valid('query') }
      return c.json(mapPage(await listConsents(c.get('ctx'), wanted), toConsent), 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/consents/{id}/withdrawal',
      operationId: 'withdrawConsent',
      summary: 'Take a consent back, from now on',
      tags,
      request: { params: IdParam },
      responses: { 200: json('Withdrawn', Consent), ...refusalsOfObject },
    },
    async (c) => c.json(toConsent(await withdrawConsent(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  ...factRoutes,
  ...walletRoutes,
  ...needRoutes,
] as const
