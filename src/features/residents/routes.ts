import { z } from '@hono/zod-openapi'
import type { Context } from '../../platform/context.ts'
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
import type { Account } from '../../platform/ledger/accounts.ts'
import { Period } from '../../platform/period.ts'
import type { ResidentRow } from './find-resident.ts'
import { type ConsentRow, giveConsent } from './give-consent.ts'
import { getNeed, listNeeds } from './list-needs.ts'
import { getResident, listConsents, listResidents } from './list-residents.ts'
import { type NeedRow, registerNeed } from './register-need.ts'
import { registerResident } from './register-resident.ts'
import {
  Consent,
  GiveConsent,
  Need,
  NeedsQuery,
  RegisteredResident,
  RegisterNeed,
  RegisterResident,
  Resident,
  TopUpWallet,
  Wallet,
} from './schemas.ts'
import { createReferenceSeal } from './sealed-reference.ts'
import { getWallet, topUpWallet } from './top-up-wallet.ts'
import { withdrawConsent } from './withdraw-consent.ts'
import { withdrawNeed } from './withdraw-need.ts'

const tags = ['residents']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/residents',
      operationId: 'registerResident',
      summary: 'Register a resident under the partner’s own reference',
      tags,
      request: { headers: IdempotencyHeader, body: body(RegisterResident) },
      responses: { 201: json('Registered', RegisteredResident), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await registerResident(ctx, c.req.valid('json'))
        const headers = { ...etag(row.version), Location: `/v1/residents/${row.id}` }
        return { body: toRegistered(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents',
      operationId: 'listResidents',
      summary: 'List the partner’s residents',
      tags,
      request: { query: PageQuery },
      responses: { 200: json('A page', pageOf(Resident)), ...refusals },
    },
    async (c) => {
      const ctx = c.get('ctx')
      return c.json(mapPage(await listResidents(ctx, c.req.valid('query')), toResident(ctx)), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents/{id}',
      operationId: 'getResident',
      summary: 'Read one resident',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The resident', Resident), ...refusalsOfObject },
    },
    async (c) => {
      const ctx = c.get('ctx')
      const row = await getResident(ctx, c.req.valid('param').id)
      return c.json(toResident(ctx)(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/residents/{id}/consents',
      operationId: 'giveConsent',
      summary: 'Let facts of a resident be used for a purpose',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(GiveConsent) },
      responses: { 201: json('Given', Consent), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const residentId = c.req.valid('param').id
        const row = await giveConsent(ctx, { residentId, ...c.req.valid('json') })
        return { body: toConsent(row), status: 201 }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents/{id}/consents',
      operationId: 'listConsents',
      summary: 'List a resident’s consents, those that are over too',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(Consent)), ...refusalsOfObject },
    },
    async (c) => {
      const wanted = { residentId: c.req.valid('param').id, ...c.req.valid('query') }
      return c.json(mapPage(await listConsents(c.get('ctx'), wanted), toConsent), 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/consents/{id}/withdrawal',
      operationId: 'withdrawConsent',
      summary: 'Take a consent back, from now on',
      tags,
      request: { params: IdParam },
      responses: { 200: json('Withdrawn', Consent), ...refusalsOfObject },
    },
    async (c) => c.json(toConsent(await withdrawConsent(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/residents/{id}/wallets',
      operationId: 'topUpWallet',
      summary: 'Add money to a resident’s wallet of a month',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(TopUpWallet) },
      responses: { 201: json('Topped up', Wallet), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const residentId = c.req.valid('param').id
        const account = await topUpWallet(ctx, { residentId, ...c.req.valid('json') })
        return { body: toWallet(account), status: 201 }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents/{id}/wallets/{period}',
      operationId: 'getWallet',
      summary: 'Read a resident’s wallet of a month',
      tags,
      request: { params: IdParam.extend({ period: Period }) },
      responses: { 200: json('The wallet', Wallet), ...refusalsOfObject },
    },
    async (c) => {
      const { id: residentId, period } = c.req.valid('param')
      return c.json(toWallet(await getWallet(c.get('ctx'), { residentId, period })), 200)
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/residents/{id}/needs',
      operationId: 'registerNeed',
      summary: 'Register what a resident needs in a month',
      tags,
      request: { params: IdParam, headers: IdempotencyHeader, body: body(RegisterNeed) },
      responses: { 201: json('Registered', Need), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const residentId = c.req.valid('param').id
        const row = await registerNeed(ctx, { residentId, ...c.req.valid('json') })
        const headers = { ...etag(row.version), Location: `/v1/needs/${row.id}` }
        return { body: toNeed(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/needs',
      operationId: 'listNeeds',
      summary: 'List needs of the partner’s residents',
      tags,
      request: { query: NeedsQuery },
      responses: { 200: json('A page', pageOf(Need)), ...refusals },
    },
    async (c) => c.json(mapPage(await listNeeds(c.get('ctx'), c.req.valid('query')), toNeed), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/needs/{id}',
      operationId: 'getNeed',
      summary: 'Read one need',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The need', Need), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getNeed(c.get('ctx'), c.req.valid('param').id)
      return c.json(toNeed(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/needs/{id}/withdrawal',
      operationId: 'withdrawNeed',
      summary: 'Take back a need that waits',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Withdrawn', Need), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await withdrawNeed(c.get('ctx'), { needId: c.req.valid('param').id, version })
      return c.json(toNeed(row), 200, etag(row.version))
    },
  ),
] as const

function toResident(ctx: Context): (row: ResidentRow) => Resident {
  const seal = createReferenceSeal(ctx.encryptionKey)
  return (row) => ({ ...toRegistered(row), reference: seal.open(row.id, row.referenceSealed) })
}

function toRegistered(row: ResidentRow): RegisteredResident {
  const {
    organizationId,
    referenceHash,
    referenceSealed,
    erasedAt,
    latitude,
    longitude,
    createdAt,
    ...rest
  } = row
  return { ...rest, point: { latitude, longitude }, createdAt: createdAt.toISOString() }
}

function toConsent({ givenAt, expiresAt, withdrawnAt, ...row }: ConsentRow): Consent {
  return {
    ...row,
    givenAt: givenAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    withdrawnAt: withdrawnAt?.toISOString() ?? null,
  }
}

function toWallet({ ownerId, period, unit, limit, held, spent }: Account): Wallet {
  const available = limit - held - spent
  return { residentId: ownerId, period, currency: unit, amount: limit, held, spent, available }
}

function toNeed({ waitingSince, createdAt, ...row }: NeedRow): Need {
  return { ...row, waitingSince: waitingSince.toISOString(), createdAt: createdAt.toISOString() }
}
