/** What is logged of a request that went wrong. */
import { z } from '@hono/zod-openapi'
import { expect, it } from 'vitest'
import { defineRoute, json } from '../../../src/platform/http/define-route.ts'
import { answerError } from '../../../src/platform/http/problem.ts'
import { createRouter } from '../../../src/platform/http/router.ts'
import { createLogger } from '../../../src/platform/telemetry.ts'

it('names the operation, not the address or the body', async () => {
  const lines: string[] = []
  const log = createLogger('trace', { write: (line) => lines.push(line) })
  const app = createRouter()
  app.onError(answerError)
  app.use(async (c, next) => {
    c.set('log', log)
    await next()
  })
  app.use('/v1/*', (_, next) => next())
  const broken = defineRoute(
    {
      method: 'get',
      path: '/v1/things/{name}',
      operationId: 'breakThing',
      summary: 'Break',
      request: { params: z.object({ name: z.string() }) },
      responses: { 200: json('Never', z.object({})) },
    },
    () => {
      throw new Error('it broke')
    },
  )
  app.openapiRoutes([broken] as const)
  const { status } = await app.request('/v1/things/canary?who=canary', { headers: { 'x-name': 'canary' } })
  expect(status).toBe(500)
  expect(JSON.parse(lines.join(''))).toMatchObject({
    route: 'GET /v1/things/:name',
    err: { message: 'it broke' },
  })
  expect(lines.join('')).not.toContain('canary')
})
