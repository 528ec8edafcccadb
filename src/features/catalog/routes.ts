import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, pageOf } from '../../platform/http/paging.ts'
import {
  refusals,
  refusalsOfChange,
  refusalsOfConditionalChange,
  refusalsOfObject,
} from '../../platform/http/problem.ts'
import { Period } from '../../platform/period.ts'
import { AssureOffering, RenewAssurance } from './assurance-schemas.ts'
import { assureOffering, renewAssurance } from './assure-offering.ts'
import { Capacities, Capacity, SetCapacity, SetStaffTime, StaffTime } from './capacity-schemas.ts'
import { ChangeRequest, ChangeRequestsQuery, ProposeChange, RejectChange } from './change-request-schemas.ts'
import { Coverage, CoverageQuery } from './coverage-schemas.ts'
import { createLocation } from './create-location.ts'
import { approveChange, rejectChange } from './decide-change.ts'
import { getCoverage } from './get-coverage.ts'
import { getOffering } from './get-offering.ts'
import { listCapacities } from './list-capacities.ts'
import { getChangeRequest, listChangeRequests } from './list-change-requests.ts'
import { getLocation, listLocations } from './list-locations.ts'
import { CreateLocation, Location, LocationsQuery, ReviseLocation } from './location-schemas.ts'
import { proposeChange } from './propose-change.ts'
import { publishOffering } from './publish-offering.ts'
import { reviseLocation } from './revise-location.ts'
import { reviseOffering } from './revise-offering.ts'
import { Offering, PublishOffering, ReviseOffering } from './schemas.ts'
import { setCapacity } from './set-capacity.ts'
import { setStaffTime } from './set-staff-time.ts'
import { toCapacity, toChangeRequest, toLocation, toOffering, toStaffTime } from './wire-rows.ts'
import { withdrawOffering } from './withdraw-offering.ts'

const tags = ['catalog']
const IdParam = z.object({ id: z.uuid() })
const PeriodParam = z.object({ period: Period })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/locations',
      operationId: 'createLocation',
      summary: 'Register a place where services happen',
      tags,
      request: { headers: IdempotencyHeader, body: body(CreateLocation) },
      responses: { 201: json('Registered', Location), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await createLocation(ctx, c.req.valid('json'))
        const headers = { ...etag(row.version), Location: `/v1/locations/${row.id}` }
        return { body: toLocation(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/locations',
      operationId: 'listLocations',
      summary: 'List places where services happen',
      tags,
      request: { query: LocationsQuery },
      responses: { 200: json('A page', pageOf(Location)), ...refusals },
    },
    async (c) => c.json(mapPage(await listLocations(c.get('ctx'), c.req.valid('query')), toLocation), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/locations/{id}',
      operationId: 'getLocation',
      summary: 'Read one place',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The location', Location), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getLocation(c.get('ctx'), c.req.valid('param').id)
      return c.json(toLocation(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'patch',
      path: '/v1/locations/{id}',
      operationId: 'reviseLocation',
      summary: 'Edit a place (JSON merge patch)',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ReviseLocation) },
      responses: { 200: json('Edited', Location), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const locationId = c.req.valid('param').id
      const row = await reviseLocation(c.get('ctx'), { ...c.req.valid('json'), locationId, version })
      return c.json(toLocation(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/offerings',
      operationId: 'publishOffering',
      summary: 'Publish an offering: a service at a location',
      tags,
      request: { headers: IdempotencyHeader, body: body(PublishOffering) },
      responses: { 201: json('Published', Offering), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await publishOffering(ctx, c.req.valid('json'))
        const headers = { ...etag(row.version), Location: `/v1/offerings/${row.id}` }
        return { body: toOffering(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/offerings/{id}',
      operationId: 'getOffering',
      summary: 'Read one offering',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The offering', Offering), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getOffering(c.get('ctx'), c.req.valid('param').id)
      return c.json(toOffering(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'patch',
      path: '/v1/offerings/{id}',
      operationId: 'reviseOffering',
      summary: 'Edit an offering (JSON merge patch)',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ReviseOffering) },
      responses: { 200: json('Edited', Offering), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const offeringId = c.req.valid('param').id
      const row = await reviseOffering(c.get('ctx'), { ...c.req.valid('json'), offeringId, version })
      return c.json(toOffering(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/offerings/{id}/withdrawal',
      operationId: 'withdrawOffering',
      summary: 'Take an offering out of later matches',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Withdrawn', Offering), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await withdrawOffering(c.get('ctx'), { offeringId: c.req.valid('param').id, version })
      return c.json(toOffering(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/offerings/{id}/assurance',
      operationId: 'assureOffering',
      summary: 'Say what of an offering was verified',
      description:
        'By another organization than its provider. When it lapses, the offering is marked, and matched as before.',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(AssureOffering) },
      responses: { 200: json('Assured', Offering), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const offeringId = c.req.valid('param').id
      const row = await assureOffering(c.get('ctx'), { ...c.req.valid('json'), offeringId, version })
      return c.json(toOffering(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/offerings/{id}/assurance/renewal',
      operationId: 'renewAssurance',
      summary: 'Let an assurance hold for longer, without an edit',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(RenewAssurance) },
      responses: { 200: json('Renewed', Offering), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const offeringId = c.req.valid('param').id
      const row = await renewAssurance(c.get('ctx'), { ...c.req.valid('json'), offeringId, version })
      return c.json(toOffering(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/offerings/{id}/capacities',
      operationId: 'listCapacities',
      summary: 'Read how many units an offering has, month by month',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The months in order', Capacities), ...refusalsOfObject },
    },
    async (c) => {
      const rows = await listCapacities(c.get('ctx'), c.req.valid('param').id)
      return c.json({ items: rows.map(toCapacity) }, 200)
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/offerings/{id}/capacities/{period}',
      operationId: 'setCapacity',
      summary: 'Set how many units an offering has in a month',
      tags,
      request: { params: IdParam.extend(PeriodParam.shape), body: body(SetCapacity) },
      responses: { 200: json('Set', Capacity), ...refusalsOfChange },
    },
    async (c) => {
      const { id: offeringId, period } = c.req.valid('param')
      const account = await setCapacity(c.get('ctx'), { offeringId, period, ...c.req.valid('json') })
      return c.json(toCapacity(account), 200)
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/staff-time/{period}',
      operationId: 'setStaffTime',
      summary: 'Set how many minutes the provider’s staff have in a month',
      tags,
      request: { params: PeriodParam, body: body(SetStaffTime) },
      responses: { 200: json('Set', StaffTime), ...refusalsOfChange },
    },
    async (c) => {
      const { period } = c.req.valid('param')
      const account = await setStaffTime(c.get('ctx'), { period, ...c.req.valid('json') })
      return c.json(toStaffTime(account), 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/offerings/{id}/change-requests',
      operationId: 'proposeChange',
      summary: 'Tell a provider what an offering should say instead',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(ProposeChange) },
      responses: { 201: json('Proposed', ChangeRequest), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const offeringId = c.req.valid('param').id
        const row = await proposeChange(ctx, { ...c.req.valid('json'), offeringId })
        const headers = { ...etag(row.version), Location: `/v1/change-requests/${row.id}` }
        return { body: toChangeRequest(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/change-requests',
      operationId: 'listChangeRequests',
      summary: 'List proposals to change offerings',
      tags,
      request: { query: ChangeRequestsQuery },
      responses: { 200: json('A page', pageOf(ChangeRequest)), ...refusals },
    },
    async (c) => {
      const page = await listChangeRequests(c.get('ctx'), c.req.valid('query'))
      return c.json(mapPage(page, toChangeRequest), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/change-requests/{id}',
      operationId: 'getChangeRequest',
      summary: 'Read one proposal',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The change request', ChangeRequest), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getChangeRequest(c.get('ctx'), c.req.valid('param').id)
      return c.json(toChangeRequest(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/change-requests/{id}/approval',
      operationId: 'approveChange',
      summary: 'Make the change that was proposed',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Approved and made', ChangeRequest), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await approveChange(c.get('ctx'), { id: c.req.valid('param').id, version })
      return c.json(toChangeRequest(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/change-requests/{id}/rejection',
      operationId: 'rejectChange',
      summary: 'Turn a proposal down',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(RejectChange) },
      responses: { 200: json('Rejected', ChangeRequest), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const id = c.req.valid('param').id
      const row = await rejectChange(c.get('ctx'), { ...c.req.valid('json'), id, version })
      return c.json(toChangeRequest(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/communities/coverage',
      operationId: 'getCoverage',
      summary: 'Tell how well services cover communities, weighted by residents aged 65 and over',
      tags,
      request: { query: CoverageQuery },
      responses: { 200: json('The coverage', Coverage), ...refusalsOfObject },
    },
    async (c) => c.json(await getCoverage(c.get('ctx'), c.req.valid('query')), 200),
  ),
] as const
