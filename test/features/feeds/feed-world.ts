/** A world with a provider, and the ways to take a feed into it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import type { RecordKind } from '../../../src/features/directory/record.ts'
import { toRecord } from '../../../src/features/directory/record-row.ts'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { readReport } from '../../../src/features/feeds/list-import-flaws.ts'
import { getImport } from '../../../src/features/feeds/list-imports.ts'
import { type Performance, performImport } from '../../../src/features/feeds/perform-import.ts'
import type { StartImport } from '../../../src/features/feeds/schemas.ts'
import { type ImportRow, orderImport, startImport } from '../../../src/features/feeds/start-import.ts'
import { type Context, inTransaction } from '../../../src/platform/context.ts'
import type { Rung } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'

type Rows = Record<string, unknown>[]

/** Tables by kind's file, as one JSON document. */
export type Tables = Partial<Record<`${string}.csv`, Rows>>

export interface FeedWorld extends Neighborhood {
  /** Orders an import of tables, performs it, and reads it back. */
  take(tables: Tables, more?: Partial<StartImport>, ctx?: Context): Promise<ImportRow>
  /** The same with files of a directory, as a command does. */
  takeFiles(files: Record<string, string>, feed?: string): Promise<ImportRow>
  records(kind: RecordKind): Promise<{ id: string; fields: Record<string, unknown> }[]>
  flaws(importId: string): Promise<object[]>
  /** Staging tables that are left. */
  leftovers(): Promise<number>
}

/** A performance without a queue. */
export function performing(ctx: Context, more: Partial<Performance> = {}): Performance {
  return {
    signal: new AbortController().signal,
    finish: async (work) => {
      await inTransaction(ctx, work)
      return true
    },
    ...more,
  }
}

export async function openFeedWorld(rung: Rung): Promise<FeedWorld> {
  const world = await openNeighborhood(rung)
  const { system } = world
  const directory = mkdtempSync(join(tmpdir(), 'lifecircle-feed-test-'))
  const perform = async (ctx: Context, id: string) => {
    await performImport(ctx, id, performing(ctx))
    return getImport(system, id)
  }
  return {
    ...world,
    async take(tables, more = {}, ctx = system) {
      const input = { feed: 'city', content: JSON.stringify(tables), ...more }
      return perform(ctx, (await startImport(ctx, input)).id)
    },
    async takeFiles(files, feed = 'city') {
      const path = mkdtempSync(join(directory, 'feed-'))
      for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
      const ordered = {
        feed,
        source: { format: 'auto' as const, path },
        content: null,
        map: null,
        dryRun: false,
      }
      const { id } = await inTransaction(system, (ctx) => orderImport(ctx, { ...ordered, attended: true }))
      return perform(system, id)
    },
    async records(kind) {
      const rows = await world.db.root.select().from(directoryRecords).orderBy(directoryRecords.position)
      return rows.filter((row) => row.kind === kind).map(toRecord)
    },
    async flaws(importId) {
      const found = []
      for await (const batch of readReport(system, importId)) found.push(...batch)
      return found.map(({ importId: _import, ordinal: _ordinal, ...flaw }) => flaw)
    },
    async leftovers() {
      const { rows } = (await world.db.root.execute(
        sql`select count(*)::int as count from pg_class where relname ~ '^staged_[0-9a-f]{32}$'`,
      )) as unknown as { rows: { count: number }[] }
      return rows[0]!.count
    },
    async close() {
      rmSync(directory, { recursive: true })
      await world.close()
    },
  }
}

/** One organization with a service at a place, and a telephone: five records. */
export function smallFeed(more: Rows = []): Tables {
  return {
    'organizations.csv': [{ id: 'o1', name: 'Care House', description: 'Cares' }],
    'services.csv': [{ id: 's1', organization_id: 'o1', name: 'Day care', status: 'active' }, ...more],
    'locations.csv': [{ id: 'l1', organization_id: 'o1', name: 'Hall', location_type: 'physical' }],
    'service_at_location.csv': [{ id: 'p1', service_id: 's1', location_id: 'l1' }],
    'phones.csv': [{ id: 't1', service_id: 's1', number: '123' }],
  }
}
