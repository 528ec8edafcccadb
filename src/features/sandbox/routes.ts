import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { type ClockTime, getClock } from './get-clock.ts'
import { Clock, TurnClock } from './schemas.ts'
import { turnClock } from './turn-clock.ts'

const tags = ['sandbox']

export const routes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/sandbox/clock',
      operationId: 'getClock',
      summary: 'Read the time of a sandbox; elsewhere there is no such thing',
      tags,
      responses: { 200: json('The time', Clock), ...refusalsOfObject },
    },
    async (c) => c.json(toClock(await getClock(c.get('ctx'))), 200),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/sandbox/clock',
      operationId: 'turnClock',
      summary: 'Turn the clock of a sandbox forward: whatever is due by then happens',
      tags,
      request: { body: body(TurnClock) },
      responses: { 200: json('Turned', Clock), ...refusalsOfChange },
    },
    async (c) => c.json(toClock(await turnClock(c.get('ctx'), c.req.valid('json'))), 200),
  ),
] as const

function toClock({ now, aheadMs }: ClockTime): Clock {
  return { now: now.toISOString(), aheadSeconds: aheadMs / 1000 }
}
