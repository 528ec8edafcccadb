import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { Period } from '../../platform/period.ts'
import { getWalletStatement } from './get-wallet-statement.ts'
import { getWallet, listWallets, type WalletOfMonth } from './list-wallets.ts'
import { topUpWallet } from './top-up-wallet.ts'
import { TopUpWallet, Wallet, WalletStatement } from './wallet-schemas.ts'
import type { WalletStatement as Statement } from './wallet-statement.ts'

const tags = ['residents']
const IdParam = z.object({ id: z.uuid() })

export const walletRoutes = [
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
        const wallet = await topUpWallet(ctx, { residentId, ...c.req.valid('json') })
        return { body: toWallet(wallet), status: 201 }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/residents/{id}/wallets',
      operationId: 'listWallets',
      summary: 'List a resident’s wallets, one a month',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(Wallet)), ...refusalsOfObject },
    },
    async (c) => {
      const wanted = { residentId: c.req.valid('param').id, ...c.req.valid('query') }
      return c.json(mapPage(await listWallets(c.get('ctx'), wanted), toWallet), 200)
    },
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
      method: 'get',
      path: '/v1/residents/{id}/wallets/{period}/statement',
      operationId: 'getWalletStatement',
      summary: 'Read everything that happened to a wallet of a month, with sums that add up',
      tags,
      request: { params: IdParam.extend({ period: Period }) },
      responses: { 200: json('The statement', WalletStatement), ...refusalsOfObject },
    },
    async (c) => {
      const { id: residentId, period } = c.req.valid('param')
      return c.json(toStatement(await getWalletStatement(c.get('ctx'), { residentId, period })), 200)
    },
  ),
] as const

function toWallet({ ownerId, period, unit, limit, held, spent, carryOverMost }: WalletOfMonth): Wallet {
  const available = limit - held - spent
  return {
    residentId: ownerId,
    period,
    currency: unit,
    amount: limit,
    held,
    spent,
    available,
    carryOverMost,
  }
}

function toStatement({ wallet: { ownerId, period, unit }, lines, sums }: Statement): WalletStatement {
  return {
    residentId: ownerId,
    period,
    currency: unit,
    opening: 0,
    lines: lines.map(({ id: _id, at, ...line }) => ({ at: at.toISOString(), ...line })),
    closing: sums.available,
    sums,
  }
}
