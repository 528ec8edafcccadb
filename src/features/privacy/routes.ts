import { z } from '@hono/zod-openapi'
import { expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { defineRoute, json } from '../../platform/http/define-route.ts'
import { refusalsOfConditionalChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { eraseResident } from './erase-resident.ts'
import { exportResident } from './export-resident.ts'
import { type ErasureReceipt, getErasure } from './get-erasure.ts'
import { Erasure, ResidentExport } from './schemas.ts'

const tags = ['privacy']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents/{id}/export',
      operationId: 'exportResident',
      summary: 'Read everything that is held of a resident, as one file',
      tags,
      request: { params: IdParam },
      responses: { 200: json('All of it', ResidentExport), ...refusalsOfObject },
    },
    async (c) => {
      const { id } = c.req.valid('param')
      const held = await exportResident(c.get('ctx'), id)
      const headers = { 'Content-Disposition': `attachment; filename="resident-${id}.json"` }
      return c.json(held, 200, { ...headers, 'Cache-Control': 'no-store' })
    },
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/v1/residents/{id}',
      operationId: 'eraseResident',
      summary: 'Erase a resident: end what is open, and forget every personal fact',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Erased; the receipt', Erasure), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const residentId = c.req.valid('param').id
      const receipt = await eraseResident(c.get('ctx'), { residentId, version })
      return c.json(toErasure(receipt), 200, { Location: `/v1/erasures/${receipt.id}` })
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/erasures/{id}',
      operationId: 'getErasure',
      summary: 'Read the receipt of an erasure again',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The receipt', Erasure), ...refusalsOfObject },
    },
    async (c) => c.json(toErasure(await getErasure(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
] as const

function toErasure({ organizationId: _, at, ...receipt }: ErasureReceipt): Erasure {
  return { ...receipt, at: at.toISOString() }
}
