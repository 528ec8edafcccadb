import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import {
  refusals,
  refusalsOfChange,
  refusalsOfConditionalChange,
  refusalsOfObject,
} from '../../platform/http/problem.ts'
import { Alert, AlertsQuery } from './alert-schemas.ts'
import { concludeInspection } from './conclude-inspection.ts'
import {
  BeginInspection,
  ConcludeInspection,
  Inspection,
  InspectionPlan,
  InspectionPlanDetail,
  InspectionsQuery,
  PlanInspections,
} from './inspection-schemas.ts'
import { listAlerts } from './list-alerts.ts'
import {
  getInspection,
  getInspectionPlan,
  type InspectionPlanDetailRow,
  type InspectionPlanRow,
  type InspectionRow,
  listInspectionPlans,
  listInspections,
} from './list-inspections.ts'
import { beginInspection, planInspections } from './plan-inspections.ts'

const tags = ['supervision']
const IdParam = z.object({ id: z.uuid() })

export const inspectionRoutes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/alerts',
      operationId: 'listAlerts',
      summary: 'List what the data of a month say should be looked at, the heaviest first',
      tags,
      request: { query: AlertsQuery },
      responses: { 200: json('A page', pageOf(Alert)), ...refusals },
    },
    async (c) => c.json(await listAlerts(c.get('ctx'), c.req.valid('query')), 200),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/inspection-plans',
      operationId: 'planInspections',
      summary: 'Draw offerings to be inspected, by risk and by lot',
      tags,
      request: { headers: IdempotencyHeader, body: body(PlanInspections) },
      responses: { 201: json('Drawn', InspectionPlanDetail), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => ({
        body: toPlanDetail(await planInspections(ctx, c.req.valid('json'))),
        status: 201,
      })),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/inspection-plans',
      operationId: 'listInspectionPlans',
      summary: 'List draws of inspections',
      tags,
      request: { query: PageQuery },
      responses: { 200: json('A page', pageOf(InspectionPlan)), ...refusals },
    },
    async (c) => c.json(mapPage(await listInspectionPlans(c.get('ctx'), c.req.valid('query')), toPlan), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/inspection-plans/{id}',
      operationId: 'getInspectionPlan',
      summary: 'Read a draw: what it drew from, and what it drew',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The plan', InspectionPlanDetail), ...refusalsOfObject },
    },
    async (c) => c.json(toPlanDetail(await getInspectionPlan(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/inspections',
      operationId: 'beginInspection',
      summary: 'Plan the inspection of an offering that was chosen by hand',
      tags,
      request: { headers: IdempotencyHeader, body: body(BeginInspection) },
      responses: { 201: json('Planned', Inspection), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await beginInspection(ctx, c.req.valid('json'))
        return { body: toInspection(row), status: 201, headers: etag(row.version) }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/inspections',
      operationId: 'listInspections',
      summary: 'List inspections in one’s area',
      tags,
      request: { query: InspectionsQuery },
      responses: { 200: json('A page', pageOf(Inspection)), ...refusals },
    },
    async (c) =>
      c.json(mapPage(await listInspections(c.get('ctx'), c.req.valid('query')), toInspection), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/inspections/{id}',
      operationId: 'getInspection',
      summary: 'Read one inspection',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The inspection', Inspection), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getInspection(c.get('ctx'), c.req.valid('param').id)
      return c.json(toInspection(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/inspections/{id}/conclusion',
      operationId: 'concludeInspection',
      summary: 'Say what an inspection came to',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ConcludeInspection) },
      responses: { 200: json('Concluded', Inspection), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await concludeInspection(c.get('ctx'), wanted)
      return c.json(toInspection(row), 200, etag(row.version))
    },
  ),
] as const

function toInspection({ inspectedBy: _, inspectedAt, createdAt, ...row }: InspectionRow): Inspection {
  return { ...row, inspectedAt: inspectedAt?.toISOString() ?? null, createdAt: createdAt.toISOString() }
}

function toPlan({ createdAt, ...row }: InspectionPlanRow): InspectionPlan {
  return { ...row, createdAt: createdAt.toISOString() }
}

function toPlanDetail({ inspections, frame, ...row }: InspectionPlanDetailRow): InspectionPlanDetail {
  return { ...toPlan(row), frame, inspections: inspections.map(toInspection) }
}
