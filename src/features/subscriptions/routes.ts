import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { answerEventStream, EVENT_STREAM } from '../../platform/http/event-stream.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import {
  refusals,
  refusalsOfChange,
  refusalsOfConditionalChange,
  refusalsOfObject,
} from '../../platform/http/problem.ts'
import { changeWebhook } from './change-webhook.ts'
import { createWebhook } from './create-webhook.ts'
import { deleteWebhook } from './delete-webhook.ts'
import { getWebhook, type WebhookRow } from './get-webhook.ts'
import { type DeliveryRow, listWebhookDeliveries } from './list-webhook-deliveries.ts'
import { listWebhooks } from './list-webhooks.ts'
import { replayDeliveries } from './replay-deliveries.ts'
import { rotateSecret } from './rotate-secret.ts'
import {
  ChangeWebhook,
  CreateWebhook,
  DeliveriesQuery,
  LastEventIdHeader,
  ReplayDeliveries,
  Replayed,
  RotateSecret,
  StreamQuery,
  Webhook,
  WebhookDelivery,
  WebhookWithSecret,
} from './schemas.ts'
import { streamEvents } from './stream-events.ts'
import { testWebhook } from './test-webhook.ts'

const tags = ['subscriptions']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/webhooks',
      operationId: 'createWebhook',
      summary: 'Be told by webhook of what happens; the answer is the only place its secret is shown',
      description:
        'From then on, every event that concerns the organization is sent as Standard Webhooks say, at least once and in no promised order: the same event has the same `webhook-id`. What is not answered with 2xx within 15 seconds is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, or later where Retry-After asks for it; then it is a dead letter. 410 disables the webhook.',
      tags,
      // No Idempotency-Key: a stored answer would store the secret.
      request: { body: body(CreateWebhook) },
      responses: { 201: json('Created', WebhookWithSecret), ...refusalsOfChange },
    },
    async (c) => {
      const { row, secret } = await createWebhook(c.get('ctx'), c.req.valid('json'))
      const headers = { Location: `/v1/webhooks/${row.id}`, ...etag(row.version) }
      return c.json({ ...toWebhook(row), secret }, 201, headers)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/webhooks',
      operationId: 'listWebhooks',
      summary: 'List the organization’s webhooks',
      tags,
      request: { query: PageQuery },
      responses: { 200: json('A page', pageOf(Webhook)), ...refusals },
    },
    async (c) => c.json(mapPage(await listWebhooks(c.get('ctx'), c.req.valid('query')), toWebhook), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/webhooks/{id}',
      operationId: 'getWebhook',
      summary: 'Read one webhook',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The webhook, without its secret', Webhook), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getWebhook(c.get('ctx'), c.req.valid('param').id)
      return c.json(toWebhook(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'patch',
      path: '/v1/webhooks/{id}',
      operationId: 'changeWebhook',
      summary: 'Change where a webhook leads, what it is told, and whether it is',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ChangeWebhook) },
      responses: { 200: json('Changed', Webhook), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const row = await changeWebhook(c.get('ctx'), {
        ...c.req.valid('json'),
        id: c.req.valid('param').id,
        expectedVersion: expectedVersion(c.req.header('if-match')),
      })
      return c.json(toWebhook(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/v1/webhooks/{id}',
      operationId: 'deleteWebhook',
      summary: 'End a webhook, with everything that is on its way to it',
      tags,
      request: { params: IdParam },
      responses: { 204: { description: 'Ended' }, ...refusalsOfObject },
    },
    async (c) => {
      await deleteWebhook(c.get('ctx'), c.req.valid('param').id)
      return c.body(null, 204)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/rotation',
      operationId: 'rotateSecret',
      summary: 'Replace the secret; the answer is the only place the new one is shown',
      tags,
      // No Idempotency-Key: a stored answer would store the secret.
      request: { params: IdParam, body: body(RotateSecret) },
      responses: { 200: json('The webhook with its new secret', WebhookWithSecret), ...refusalsOfChange },
    },
    async (c) => {
      const { id } = c.req.valid('param')
      const { row, secret } = await rotateSecret(c.get('ctx'), { ...c.req.valid('json'), id })
      return c.json({ ...toWebhook(row), secret }, 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/test',
      operationId: 'testWebhook',
      summary: 'Send a webhook.test event to one webhook',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader },
      responses: { 202: json('On its way', WebhookDelivery), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await testWebhook(ctx, c.req.valid('param').id)
        return { body: toDelivery(row), status: 202 }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/webhooks/{id}/deliveries',
      operationId: 'listWebhookDeliveries',
      summary: 'List what was sent to a webhook, the newest first; dead letters with state=dead',
      description: 'What was delivered is kept for 30 days, dead letters for 90.',
      tags,
      request: { params: IdParam, query: DeliveriesQuery },
      responses: { 200: json('A page', pageOf(WebhookDelivery)), ...refusalsOfObject },
    },
    async (c) => {
      const { id } = c.req.valid('param')
      const page = await listWebhookDeliveries(c.get('ctx'), { ...c.req.valid('query'), id })
      return c.json(mapPage(page, toDelivery), 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/replay',
      operationId: 'replayDeliveries',
      summary: 'Send events again: those of some deliveries, or all since an instant; 10,000 at most',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(ReplayDeliveries) },
      responses: { 202: json('On their way', Replayed), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const { id } = c.req.valid('param')
        const queued = await replayDeliveries(ctx, { ...c.req.valid('json'), id })
        return { body: { queued }, status: 202 }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/events',
      operationId: 'streamEvents',
      summary: 'Follow what happens to the organization, as server-sent events',
      description:
        'Messages have the type of the event as their `event` and the JSON that webhooks are sent as their `data`. Each event is told at least once: its `id` inside the data is the same whenever it is told again. The stream ends after 15 minutes at the latest; with `Last-Event-ID` it goes on where it was.',
      tags,
      request: { query: StreamQuery, headers: LastEventIdHeader },
      responses: {
        200: { description: 'A stream without end', content: { [EVENT_STREAM]: { schema: z.string() } } },
        ...refusals,
      },
    },
    (c) => {
      const lastEventId = c.req.valid('header')['last-event-id']
      const { types } = c.req.valid('query')
      return answerEventStream(c, (signal) => streamEvents(c.get('ctx'), { types, lastEventId, signal }))
    },
  ),
] as const

function toWebhook(row: WebhookRow): Webhook {
  const { id, url, types, state, version } = row
  return {
    id,
    url,
    types,
    state,
    disabledReason: row.disabledReason as Webhook['disabledReason'],
    previousSecretUntil: row.previousUntil?.toISOString() ?? null,
    version,
    createdAt: row.createdAt.toISOString(),
  }
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  const { id, webhookId, eventId, type, state, attempts, lastStatus, lastError } = row
  return {
    id,
    webhookId,
    eventId,
    type,
    state,
    attempts,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    lastStatus,
    lastError,
    createdAt: row.createdAt.toISOString(),
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
  }
}
