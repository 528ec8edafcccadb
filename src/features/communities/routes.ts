import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { type AreaRow, createArea } from './create-area.ts'
import { getArea, listAreas } from './list-areas.ts'
import { Area, AreasQuery, CreateArea } from './schemas.ts'

const tags = ['communities']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/areas',
      operationId: 'createArea',
      summary: 'Add an area to the tree',
      tags,
      request: { headers: IdempotencyHeader, body: body(CreateArea) },
      responses: { 201: json('Added', Area), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await createArea(ctx, c.req.valid('json'))
        return { body: toArea(row), status: 201, headers: { Location: `/v1/areas/${row.id}` } }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/areas',
      operationId: 'listAreas',
      summary: 'List areas',
      tags,
      request: { query: AreasQuery },
      responses: { 200: json('A page', pageOf(Area)), ...refusals },
    },
    async (c) => c.json(mapPage(await listAreas(c.get('ctx'), c.req.valid('query')), toArea), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/areas/{id}',
      operationId: 'getArea',
      summary: 'Read one area',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The area', Area), ...refusalsOfObject },
    },
    async (c) => c.json(toArea(await getArea(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
] as const

function toArea(row: AreaRow): Area {
  const { id, parentId, kind, code, name, latitude, longitude, population } = row
  const point = latitude === null || longitude === null ? null : { latitude, longitude }
  return { id, parentId, kind, code, name, point, population }
}
