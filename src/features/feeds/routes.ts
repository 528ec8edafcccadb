import { Readable } from 'node:stream'
import { z } from '@hono/zod-openapi'
import { etag } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, PageQuery, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { checkFeedUrl } from './check-feed-url.ts'
import { type FlawRow, listImportFlaws, readReport } from './list-import-flaws.ts'
import { getImport, listImports } from './list-imports.ts'
import { reportText } from './quarantine-report.ts'
import { FlawsQuery, Import, ImportFlaw, StartImport } from './schemas.ts'
import { type ImportRow, startImport } from './start-import.ts'

const tags = ['feeds']
const IdParam = z.object({ id: z.uuid() })

const FlawsPage = z.object({ items: z.array(ImportFlaw), nextCursor: z.number().int().nullable() })
const text = { schema: z.string() }

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/imports',
      operationId: 'startImport',
      summary: 'Take in a feed: HSDS as tables, JSON or a live API, or any table with a column map',
      description:
        'Answers at once; the import goes on by itself. Read it at Location until its state is `done` or `failed`. A provider’s import may write only for the provider’s own organization.',
      tags,
      request: { headers: IdempotencyHeader, body: body(StartImport) },
      responses: { 202: json('Queued', Import), ...refusalsOfChange },
    },
    async (c) => {
      const wanted = c.req.valid('json')
      await checkFeedUrl(c.get('ctx'), wanted.url)
      return idempotently(c, async (ctx) => {
        const row = await startImport(ctx, wanted)
        const headers = { Location: `/v1/imports/${row.id}`, ...etag(row.version) }
        return { body: toImport(row), status: 202, headers }
      })
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/imports',
      operationId: 'listImports',
      summary: 'List the imports within reach, newest first',
      tags,
      request: { query: PageQuery },
      responses: { 200: json('A page', pageOf(Import)), ...refusals },
    },
    async (c) => c.json(mapPage(await listImports(c.get('ctx'), c.req.valid('query')), toImport), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/imports/{id}',
      operationId: 'getImport',
      summary: 'Read an import: its progress, and what became of every record and row',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The import', Import), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getImport(c.get('ctx'), c.req.valid('param').id)
      return c.json(toImport(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/imports/{id}/flaws',
      operationId: 'listImportFlaws',
      summary: 'Read the quarantine report of an import: every row that was refused or taken with a flaw',
      tags,
      request: { params: IdParam, query: FlawsQuery },
      responses: {
        200: {
          description: 'A page, or the whole report as a file',
          content: {
            'application/json': { schema: FlawsPage },
            'application/x-ndjson': text,
            'text/csv': text,
          },
        },
        ...refusalsOfObject,
      },
    },
    async (c) => {
      const { id } = c.req.valid('param')
      const { format, ...wanted } = c.req.valid('query')
      const page = await listImportFlaws(c.get('ctx'), id, wanted)
      if (format === 'json') return c.json({ ...page, items: page.items.map(toFlaw) }, 200)
      const report = reportText(readReport(c.get('ctx'), id, wanted.outcome), format)
      const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson'
      return c.body(toStream(report), 200, { 'Content-Type': type }) as never
    },
  ),
] as const

function toStream(text: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return Readable.toWeb(
    Readable.from(text).map((part: string) => Buffer.from(part)),
  ) as ReadableStream<Uint8Array>
}

function toImport(row: ImportRow): Import {
  const { id, feedId, feed, source, dryRun, state, progress, result, failure, version } = row
  return {
    id,
    feedId,
    feed,
    source: { format: source.format, url: source.url ?? null, encoding: source.encoding ?? null },
    dryRun,
    state,
    progress,
    result,
    failure,
    version,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}

function toFlaw({ importId: _import, ...flaw }: FlawRow): ImportFlaw {
  return flaw
}
