import { defineRoute, json } from '../../platform/http/define-route.ts'
import { refusals } from '../../platform/http/problem.ts'
import { getWorkList } from './get-work-list.ts'
import { toWorkList } from './wire-rows.ts'
import { WorkList, WorkListQuery } from './work-list-schemas.ts'

export const workListRoutes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/worklist',
      operationId: 'getWorkList',
      summary: 'What waits for the provider, the most urgent first',
      tags: ['referrals'],
      request: { query: WorkListQuery },
      responses: { 200: json('How much of each kind, and a page of it', WorkList), ...refusals },
    },
    async (c) => c.json(toWorkList(await getWorkList(c.get('ctx'), c.req.valid('query'))), 200),
  ),
] as const
