import { z } from '@hono/zod-openapi'
import { LinkAction } from './schemas.ts'

/** What each action is about: the offer, or one delivery. */
export const DELIVERY_ACTIONS: readonly LinkAction[] = ['confirm_delivery', 'dispute_delivery']

export const CreateActionLink = z
  .strictObject({
    actions: z
      .array(LinkAction)
      .min(1)
      .max(4)
      .refine((actions) => new Set(actions).size === actions.length, 'an action stands here twice')
      .openapi({ description: 'What the page offers to do; one of them is done, once' }),
    deliveryId: z
      .uuid()
      .optional()
      .openapi({ description: 'Which delivery is confirmed or disputed; given for those actions only' }),
    expiresAt: z.iso.datetime().optional().openapi({
      description:
        'At most 30 days from now; by default the offer’s `answerBy`, or 7 days where that has passed or plays no part',
    }),
  })
  .openapi('CreateActionLink')
export type CreateActionLink = z.input<typeof CreateActionLink>

export const ActionLink = z
  .object({
    url: z.url().openapi({ description: 'Whoever has it can answer once: send it to the resident alone' }),
    expiresAt: z.iso.datetime(),
    actions: z.array(LinkAction),
  })
  .openapi('ActionLink')
export type ActionLink = z.infer<typeof ActionLink>

/** What the form of the page sends. */
export const LinkForm = z.object({ action: LinkAction, reason: z.string().max(50).optional() })
export type LinkForm = z.infer<typeof LinkForm>
