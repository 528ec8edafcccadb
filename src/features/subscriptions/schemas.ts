import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'
import { EVENT_FILTERS } from './event-filter.ts'

const MOST_IDS = 10_000
const MOST_HOURS = 168

export const EventFilter = z
  .enum(EVENT_FILTERS as [string, ...string[]], {
    error: 'is no type of event, such as referral.opened, nor an object with .*, such as referral.*',
  })
  .openapi('EventFilter', { description: 'A type of event, or all types of an object' })

const EventFilters = z.array(EventFilter).max(EVENT_FILTERS.length)

const Url = Text(2000).openapi({
  description:
    'Where events are sent: an https address on the public internet without a name and password (http too where the deployment allows private networks). Redirects are not followed.',
  example: 'https://partner.example.org/hooks/lifecircle',
})

export const WebhookState = z.enum(['enabled', 'disabled'])
export type WebhookState = z.infer<typeof WebhookState>

export const CreateWebhook = z
  .strictObject({
    url: Url,
    types: EventFilters.default([]).openapi({ description: 'What to be told of; none = everything' }),
  })
  .openapi('CreateWebhook')
export type CreateWebhook = z.input<typeof CreateWebhook>

export const ChangeWebhook = z
  .strictObject({ url: Url, types: EventFilters, state: WebhookState })
  .partial()
  .openapi('ChangeWebhook')
export type ChangeWebhook = z.input<typeof ChangeWebhook>

export const RotateSecret = z
  .strictObject({
    overlapHours: z.number().int().min(0).max(MOST_HOURS).default(24).openapi({
      description: 'How long the secret before signs as well; its signature stands second in the header',
    }),
  })
  .openapi('RotateSecret')
export type RotateSecret = z.input<typeof RotateSecret>

const Instant = z.iso.datetime({ offset: true })

export const ReplayDeliveries = z
  .strictObject({
    since: Instant.optional().openapi({ description: 'Everything that happened from then on' }),
    until: Instant.optional().openapi({ description: 'With `since`: and before then' }),
    deliveryIds: z
      .array(z.uuid())
      .min(1)
      .max(MOST_IDS)
      .optional()
      .openapi({ description: 'Instead of `since`: the events of these deliveries' }),
  })
  .superRefine(({ since, until, deliveryIds }, check) => {
    const flaw = (name: string, message: string) => check.addIssue({ code: 'custom', path: [name], message })
    if (since === undefined && deliveryIds === undefined)
      flaw('since', 'either this or deliveryIds is needed')
    if (since !== undefined && deliveryIds !== undefined) flaw('deliveryIds', 'stands beside since')
    if (until !== undefined && since === undefined) flaw('until', 'stands without since')
    if (until && since && Date.parse(until) <= Date.parse(since)) flaw('until', 'is not after since')
  })
  .openapi('ReplayDeliveries')
export type ReplayDeliveries = z.input<typeof ReplayDeliveries>

export const Replayed = z
  .object({ queued: z.number().int().openapi({ description: 'New deliveries on their way' }) })
  .openapi('Replayed')

export const Webhook = z
  .object({
    id: z.uuid(),
    url: z.string(),
    types: z.array(z.string()),
    state: WebhookState,
    disabledReason: z.enum(['by_owner', 'gone', 'failing']).nullable().openapi({
      description:
        '`gone`: the receiver answered 410; `failing`: nothing reached it for days although every try was made',
    }),
    previousSecretUntil: z.iso
      .datetime()
      .nullable()
      .openapi({ description: 'Until when the secret before the last rotation signs as well' }),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Webhook')
export type Webhook = z.infer<typeof Webhook>
export type DisabledReason = NonNullable<Webhook['disabledReason']>

export const WebhookWithSecret = z
  .object({
    ...Webhook.shape,
    secret: z.string().openapi({
      description: 'Verifies what is sent, as Standard Webhooks say; shown this once',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
  })
  .openapi('WebhookWithSecret')
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret>

export const DeliveryState = z.enum(['pending', 'delivered', 'dead'])

export const WebhookDelivery = z
  .object({
    id: z.uuid(),
    webhookId: z.uuid(),
    eventId: z
      .uuid()
      .openapi({ description: 'Sent as `webhook-id`: the same in every try and every replay' }),
    type: z.string(),
    state: DeliveryState.openapi({ description: '`dead`: every try failed; it can be replayed' }),
    attempts: z.number().int(),
    nextAttemptAt: z.iso.datetime().nullable(),
    lastStatus: z.number().int().nullable().openapi({ description: 'HTTP status of the last answer' }),
    lastError: z.string().nullable(),
    createdAt: z.iso.datetime(),
    deliveredAt: z.iso.datetime().nullable(),
  })
  .openapi('WebhookDelivery')
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

export const DeliveriesQuery = PageQuery.extend({ state: DeliveryState.optional() })
export type DeliveriesQuery = z.infer<typeof DeliveriesQuery>

export const StreamQuery = z.object({
  types: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(EventFilters)
    .default([])
    .openapi({
      type: 'string',
      description: 'Types of events, separated by commas; none = everything',
      example: 'referral.*,need.withdrawn',
    }),
})

export const LastEventIdHeader = z.object({
  'last-event-id': z.string().max(8000).optional().openapi({
    description: 'The `id` of the last message that was received: what happened since is told first',
  }),
})
