import { z } from '@hono/zod-openapi'
import { defineRoute, json } from '../../../platform/http/define-route.ts'
import { refusalsOfObject } from '../../../platform/http/problem.ts'
import { listOptions } from './list-options.ts'
import { toNeedOptions } from './option-wire.ts'
import { NeedOptions, OptionsQuery } from './options-schemas.ts'

export const instantRoutes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/needs/{id}/options',
      operationId: 'listOptions',
      summary: 'List what could serve a need now, the most useful first, with its whole cost',
      description:
        'The same options that the next match run would weigh, ranked by the same rules, with what is left of them at this moment. A confidential place is listed without minutes and score.',
      tags: ['matching'],
      request: { params: z.object({ id: z.uuid() }), query: OptionsQuery },
      responses: { 200: json('The options', NeedOptions), ...refusalsOfObject },
    },
    async (c) => {
      const ctx = c.get('ctx')
      const listed = await listOptions(ctx, c.req.valid('param').id, c.req.valid('query'))
      return c.json(toNeedOptions(listed, ctx.actor, ctx.currency), 200)
    },
  ),
] as const
