import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { refusalsOfChange } from '../../platform/http/problem.ts'
import { createActionLink } from './create-action-link.ts'
import { ActionLink, CreateActionLink } from './link-schemas.ts'

export const linkRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/referrals/{id}/links',
      operationId: 'createActionLink',
      summary: 'Make a link under which the resident answers once, without an app',
      description:
        'The link opens a page that says what is offered and asks for one answer. What is answered there is done in the name of whoever made the link. The answer to this request is the only place where the link is shown.',
      tags: ['referrals'],
      // No Idempotency-Key: a stored answer would store the secret.
      request: { params: z.object({ id: z.uuid() }), body: body(CreateActionLink) },
      responses: { 201: json('Made', ActionLink), ...refusalsOfChange },
    },
    async (c) => {
      const wanted = { referralId: c.req.valid('param').id, ...c.req.valid('json') }
      const { url, expiresAt, actions } = await createActionLink(c.get('ctx'), wanted)
      return c.json({ url, expiresAt: expiresAt.toISOString(), actions }, 201)
    },
  ),
] as const
