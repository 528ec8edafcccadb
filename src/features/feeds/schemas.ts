import { z } from '@hono/zod-openapi'
import { RECORD_KIND_NAMES } from '../directory/record.ts'
import { Sector } from '../identity/schemas.ts'
import { ENCODINGS } from './tabular/encoding.ts'

export const ImportState = z.enum(['queued', 'running', 'done', 'failed'])
export type ImportState = z.infer<typeof ImportState>

export const FlawOutcome = z.enum(['kept', 'refused'])

/** `auto` looks at the name and the first bytes. */
export const FeedFormat = z.enum(['auto', 'tabular', 'zip', 'json', 'ndjson', 'api'])
export type FeedFormat = z.infer<typeof FeedFormat>

const Encoding = z.enum(ENCODINGS)

/** Where a feed is read from: one of a path of this machine (commands only), an address, or content sent along. */
export const FeedSource = z.object({
  format: FeedFormat,
  path: z.string().optional(),
  url: z.string().optional(),
  encoding: Encoding.optional(),
})
export type FeedSource = z.infer<typeof FeedSource>

export const ImportProgress = z.object({
  phase: z.enum(['queued', 'reading', 'applying', 'finished']),
  file: z.string().nullable().openapi({ description: 'The file being read' }),
  records: z.number().int().openapi({ description: 'Records read so far' }),
})
export type ImportProgress = z.infer<typeof ImportProgress>

export const KindCounts = z.object({
  created: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  refused: z.number().int(),
  missing: z.number().int().openapi({
    description: 'Of this feed in the directory, and not in what was read; nothing is deleted',
  }),
})
export type KindCounts = z.infer<typeof KindCounts>

export const RecordChange = z.object({
  kind: z.enum(RECORD_KIND_NAMES),
  id: z.uuid(),
  change: z.enum(['create', 'update']),
  fields: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
})
export type RecordChange = z.infer<typeof RecordChange>

export const ImportResult = z
  .object({
    total: KindCounts,
    kinds: z.partialRecord(z.enum(RECORD_KIND_NAMES), KindCounts),
    files: z.array(
      z.object({
        file: z.string(),
        rows: z.number().int().openapi({ description: 'imported + refused' }),
        imported: z.number().int(),
        refused: z.number().int(),
      }),
    ),
    flaws: z.object({ kept: z.number().int(), refused: z.number().int() }),
    offerings: z.number().int().openapi({ description: 'Services at locations that matching can use now' }),
    changes: z.array(RecordChange).optional().openapi({
      description: 'Of a dry run: the first hundred changes of each kind',
    }),
  })
  .openapi('ImportResult')
export type ImportResult = z.infer<typeof ImportResult>

export const FeedName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u,
    'letters, digits, spaces, dots, hyphens and underscores are expected',
  )

const LONGEST_URL = 2000

/** A column map; what is in it, its reader checks. */
const ColumnMap = z.record(z.string(), z.unknown()).openapi({
  description: 'How the columns of files that are no HSDS become records',
})

export const StartImport = z
  .strictObject({
    feed: FeedName.openapi({ description: 'Name of the feed; ids that are no uuids stand within it' }),
    format: FeedFormat.default('auto'),
    url: z
      .url({ protocol: /^https?$/ })
      .max(LONGEST_URL)
      .optional(),
    content: z
      .string()
      .min(1)
      .refine(
        (text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text),
        'must not hold NUL or a lone surrogate',
      )
      .optional()
      .openapi({ description: 'JSON, NDJSON, or with a map CSV, instead of `url`' }),
    encoding: Encoding.optional().openapi({ description: 'Of tabular files; found out by default' }),
    map: ColumnMap.optional(),
    sector: Sector.optional().openapi({ description: 'Of the feed’s organizations that name none' }),
    ownSourceId: z.string().min(1).max(200).optional().openapi({
      description: 'Id under which the feed lists the caller’s own organization',
    }),
    dryRun: z.boolean().default(false).openapi({ description: 'Only say what would change' }),
  })
  .refine(({ url, content }) => (url === undefined) !== (content === undefined), {
    path: ['url'],
    message: 'either url or content is expected',
  })
  .openapi('StartImport')
export type StartImport = z.input<typeof StartImport>

export const Import = z
  .object({
    id: z.uuid(),
    feedId: z.uuid(),
    feed: z.string(),
    source: z.object({ format: FeedFormat, url: z.string().nullable(), encoding: Encoding.nullable() }),
    dryRun: z.boolean(),
    state: ImportState,
    progress: ImportProgress,
    // A union, because `.nullable()` of a named schema is lost in the document.
    result: z.union([ImportResult, z.null()]),
    failure: z.string().nullable(),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('Import')
export type Import = z.infer<typeof Import>

export const ImportFlaw = z
  .object({
    ordinal: z.number().int(),
    file: z.string(),
    line: z.number().int().openapi({ description: '1-based; 0 = the file as a whole' }),
    field: z.string().nullable(),
    reason: z.string(),
    value: z.string().nullable(),
    outcome: FlawOutcome.openapi({
      description: 'refused: the row is not imported; kept: it is, as the reason says',
    }),
  })
  .openapi('ImportFlaw')
export type ImportFlaw = z.infer<typeof ImportFlaw>

export const ReportFormat = z.enum(['json', 'ndjson', 'csv'])
export type ReportFormat = z.infer<typeof ReportFormat>

export const FlawsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).openapi({ description: 'Most items of a page' }),
  cursor: z.coerce
    .number()
    .int()
    .min(0)
    .max(2_147_483_647)
    .optional()
    .openapi({ description: '`nextCursor` of the page before' }),
  outcome: FlawOutcome.optional(),
  format: ReportFormat.default('json').openapi({
    description: 'json: a page; ndjson and csv: the whole report, whatever limit and cursor say',
  }),
})
export type FlawsQuery = z.infer<typeof FlawsQuery>
