/** Routes of settlement. */
import { Readable } from 'node:stream'
import { z } from '@hono/zod-openapi'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { answerPage } from '../../platform/http/html-page.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { exportStatementLines } from './export-statement-lines.ts'
import { getSettlement } from './get-settlement.ts'
import { getStatement, type StatementRow } from './get-statement.ts'
import { listSettlements } from './list-settlements.ts'
import { type LineRow, listStatementLines } from './list-statement-lines.ts'
import { listStatements } from './list-statements.ts'
import { printStatement } from './print-statement.ts'
import { Settlement, SettlementsQuery, SettlePeriod, Statement, StatementLine } from './schemas.ts'
import { settlePeriod } from './settle-period.ts'
import type { SettlementRow } from './write-statements.ts'

const tags = ['settlement']
const IdParam = z.object({ id: z.uuid() })
const text = { schema: z.string() }

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/settlements',
      operationId: 'settlePeriod',
      summary: 'Close a program’s month and pay what was delivered',
      description:
        'Every delivery before the end of the month that no settlement has paid for goes into its provider’s statement; what was paid for and annulled since is taken back by a correction. A settlement never changes: a delivery that is recorded into a closed month, and a dispute that is decided later, go into the next one. It is for a finance officer who neither created nor approved the program, once the month is over, all disputes are decided and the months before it are settled.',
      tags,
      request: { headers: IdempotencyHeader, body: body(SettlePeriod) },
      responses: { 201: json('Settled', Settlement), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await settlePeriod(ctx, c.req.valid('json'))
        const headers = { Location: `/v1/settlements/${row.id}` }
        return { body: toSettlement(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/settlements',
      operationId: 'listSettlements',
      summary: 'List settlements',
      tags,
      request: { query: SettlementsQuery },
      responses: { 200: json('A page', pageOf(Settlement)), ...refusals },
    },
    async (c) => {
      const page = await listSettlements(c.get('ctx'), c.req.valid('query'))
      return c.json(mapPage(page, toSettlement), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/settlements/{id}',
      operationId: 'getSettlement',
      summary: 'Read one settlement',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The settlement', Settlement), ...refusalsOfObject },
    },
    async (c) => c.json(toSettlement(await getSettlement(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/settlements/{id}/statements',
      operationId: 'listStatements',
      summary: 'List what a settlement pays, provider by provider',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(Statement)), ...refusalsOfObject },
    },
    async (c) => {
      const page = await listStatements(c.get('ctx'), c.req.valid('param').id, c.req.valid('query'))
      return c.json(mapPage(page, toStatement), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/statements/{id}',
      operationId: 'getStatement',
      summary: 'Read one statement: its sums',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The statement', Statement), ...refusalsOfObject },
    },
    async (c) => c.json(toStatement(await getStatement(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/statements/{id}/lines',
      operationId: 'listStatementLines',
      summary: 'List the lines of a statement',
      tags,
      request: { params: IdParam, query: PageQuery },
      responses: { 200: json('A page', pageOf(StatementLine)), ...refusalsOfObject },
    },
    async (c) => {
      const page = await listStatementLines(c.get('ctx'), c.req.valid('param').id, c.req.valid('query'))
      return c.json(mapPage(page, toLine), 200)
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/statements/{id}/lines.csv',
      operationId: 'exportStatementLines',
      summary: 'Read all lines of a statement as a file: amounts in minor units, the sums last',
      tags,
      request: { params: IdParam },
      responses: {
        200: { description: 'The file', content: { 'text/csv': text } },
        ...refusalsOfObject,
      },
    },
    async (c) => {
      const { id } = c.req.valid('param')
      const stream = toStream(await exportStatementLines(c.get('ctx'), id))
      const headers = { 'Content-Disposition': `attachment; filename="statement-${id}.csv"` }
      return c.body(stream, 200, { ...headers, 'Content-Type': 'text/csv; charset=utf-8' }) as never
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/statements/{id}/page',
      operationId: 'printStatement',
      summary: 'Read a statement as a page to print',
      tags,
      request: { params: IdParam },
      responses: {
        200: { description: 'The page', content: { 'text/html': text } },
        ...refusalsOfObject,
      },
    },
    async (c) => answerPage(c, 200, await printStatement(c.get('ctx'), c.req.valid('param').id)) as never,
  ),
] as const

function toStream(text: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return Readable.toWeb(
    Readable.from(text).map((part: string) => Buffer.from(part)),
  ) as ReadableStream<Uint8Array>
}

function toSettlement({ settledBy: _settledBy, ...row }: SettlementRow): Settlement {
  return { ...row, createdAt: row.createdAt.toISOString() }
}

function toStatement(row: StatementRow): Statement {
  return { ...row, createdAt: row.createdAt.toISOString() }
}

function toLine({ statementId: _statementId, ...line }: LineRow): StatementLine {
  return line
}
