import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { changeOrganization } from './change-organization.ts'
import { createOrganization } from './create-organization.ts'
import { createPrincipal, type PrincipalRow } from './create-principal.ts'
import type { FlaggedOrganization } from './flag-organizations.ts'
import { issueKey } from './issue-key.ts'
import { type DutyRow, listDuties } from './list-duties.ts'
import { getOrganization, listOrganizations } from './list-organizations.ts'
import { revokeKey } from './revoke-key.ts'
import {
  ChangeOrganization,
  CreateOrganization,
  CreatePrincipal,
  DutiesQuery,
  HeldDuty,
  IssuedKey,
  IssueKey,
  Organization,
  OrganizationKind,
  Principal,
} from './schemas.ts'

const tags = ['identity']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/organizations',
      operationId: 'createOrganization',
      summary: 'Register an organization',
      tags,
      request: { headers: IdempotencyHeader, body: body(CreateOrganization) },
      responses: { 201: json('Registered', Organization), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await createOrganization(ctx, c.req.valid('json'))
        return {
          body: toOrganization(row),
          status: 201,
          headers: { Location: `/v1/organizations/${row.id}` },
        }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/organizations',
      operationId: 'listOrganizations',
      summary: 'List organizations',
      tags,
      request: { query: PageQuery.extend({ kind: OrganizationKind.optional() }) },
      responses: { 200: json('A page', pageOf(Organization)), ...refusals },
    },
    async (c) => {
      const page = await listOrganizations(c.get('ctx'), c.req.valid('query'))
      return c.json(mapPage(page, toOrganization), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/organizations/{id}',
      operationId: 'getOrganization',
      summary: 'Read one organization',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The organization', Organization), ...refusalsOfObject },
    },
    async (c) => c.json(toOrganization(await getOrganization(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/organizations/{id}',
      operationId: 'changeOrganization',
      summary: 'Write down an organization’s name, its body, and the second body that approves for it',
      tags,
      request: { params: IdParam, body: body(ChangeOrganization) },
      responses: { 200: json('Changed', Organization), ...refusalsOfChange },
    },
    async (c) => {
      const wanted = { id: c.req.valid('param').id, ...c.req.valid('json') }
      return c.json(toOrganization(await changeOrganization(c.get('ctx'), wanted)), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/duties',
      operationId: 'listDuties',
      summary: 'List who has which duty on what',
      tags,
      request: { query: DutiesQuery },
      responses: { 200: json('A page', pageOf(HeldDuty)), ...refusals },
    },
    async (c) => {
      const page = await listDuties(c.get('ctx'), c.req.valid('query'))
      return c.json(mapPage(page, toHeldDuty), 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/organizations/{id}/principals',
      operationId: 'createPrincipal',
      summary: 'Add a person or an app to an organization',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(CreatePrincipal) },
      responses: { 201: json('Added', Principal), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const organizationId = c.req.valid('param').id
        const row = await createPrincipal(ctx, { organizationId, ...c.req.valid('json') })
        return { body: toPrincipal(row), status: 201 }
      }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/principals/{id}/keys',
      operationId: 'issueKey',
      summary: 'Issue an API key; the answer is the only place it is shown',
      tags,
      // No Idempotency-Key: a stored answer would store the secret.
      request: { params: IdParam, body: body(IssueKey) },
      responses: { 201: json('Issued', IssuedKey), ...refusalsOfChange },
    },
    async (c) => {
      const principalId = c.req.valid('param').id
      const issued = await issueKey(c.get('ctx'), { principalId, ...c.req.valid('json') })
      return c.json({ ...issued, expiresAt: issued.expiresAt?.toISOString() ?? null }, 201)
    },
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/v1/keys/{id}',
      operationId: 'revokeKey',
      summary: 'Revoke an API key',
      tags,
      request: { params: IdParam },
      responses: { 204: { description: 'Revoked' }, ...refusalsOfObject },
    },
    async (c) => {
      await revokeKey(c.get('ctx'), c.req.valid('param').id)
      return c.body(null, 204)
    },
  ),
] as const

function toOrganization(row: FlaggedOrganization): Organization {
  return { ...row, createdAt: row.createdAt.toISOString() }
}

function toHeldDuty(row: DutyRow): HeldDuty {
  return { ...row, at: row.at.toISOString() }
}

function toPrincipal(row: PrincipalRow): Principal {
  const { id, organizationId, role, name, areaId } = row
  return { id, organizationId, role, name, areaId, createdAt: row.createdAt.toISOString() }
}
