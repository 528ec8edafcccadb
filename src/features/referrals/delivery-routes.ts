import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import {
  refusalsOfChange,
  refusalsOfConditionalChange,
  refusalsOfObject,
} from '../../platform/http/problem.ts'
import { concedeDispute } from './concede-dispute.ts'
import { confirmDelivery } from './confirm-delivery.ts'
import { decideDispute } from './decide-dispute.ts'
import { DecideDispute, Delivery, DisputeDelivery, RecordDelivery } from './delivery-schemas.ts'
import { disputeDelivery } from './dispute-delivery.ts'
import { listDeliveries } from './list-deliveries.ts'
import { recordDelivery } from './record-delivery.ts'
import { toDelivery } from './wire-rows.ts'

const tags = ['referrals']
const IdParam = z.object({ id: z.uuid() })

export const deliveryRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/referrals/{id}/deliveries',
      operationId: 'recordDelivery',
      summary: 'The provider has delivered some of the units; their share is spent',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(RecordDelivery) },
      responses: { 201: json('Recorded', Delivery), ...refusalsOfChange },
    },
    async (c) => {
      const wanted = { referralId: c.req.valid('param').id, ...c.req.valid('json') }
      return idempotently(c, async (ctx) => {
        const row = await recordDelivery(ctx, wanted)
        return { body: toDelivery(row), status: 201, headers: etag(row.version) }
      })
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/referrals/{id}/deliveries',
      operationId: 'listDeliveries',
      summary: 'List what was delivered, and what the resident says to it',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(Delivery)), ...refusalsOfObject },
    },
    async (c) => {
      const page = await listDeliveries(c.get('ctx'), c.req.valid('param').id, c.req.valid('query'))
      return c.json(mapPage(page, toDelivery), 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/deliveries/{id}/confirmation',
      operationId: 'confirmDelivery',
      summary: 'The resident says that it was delivered as recorded',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Confirmed', Delivery), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version }
      const row = await confirmDelivery(c.get('ctx'), wanted)
      return c.json(toDelivery(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/deliveries/{id}/dispute',
      operationId: 'disputeDelivery',
      summary: 'The resident says that it was not delivered as recorded',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(DisputeDelivery) },
      responses: { 200: json('Disputed', Delivery), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await disputeDelivery(c.get('ctx'), wanted)
      return c.json(toDelivery(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/deliveries/{id}/decision',
      operationId: 'decideDispute',
      summary: 'The purchaser decides whether a disputed delivery counts',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(DecideDispute) },
      responses: { 200: json('Decided', Delivery), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await decideDispute(c.get('ctx'), wanted)
      return c.json(toDelivery(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/deliveries/{id}/concession',
      operationId: 'concedeDispute',
      summary: 'The provider says that the resident is right: the delivery is annulled',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Annulled', Delivery), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version }
      const row = await concedeDispute(c.get('ctx'), wanted)
      return c.json(toDelivery(row), 200, etag(row.version))
    },
  ),
] as const
