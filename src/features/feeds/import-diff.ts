import { sql } from 'drizzle-orm'
import { canonicalJson } from '../../platform/audit/canonical-json.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { type JsonValue, LINK_NAMES, type RecordKind } from '../directory/record.ts'
import { type Links, toRecord } from '../directory/record-row.ts'
import { ACCEPTED } from './judge-staged.ts'
import type { RecordChange } from './schemas.ts'
import { stagingTableOf } from './staged-columns.ts'

/** Changes of each kind that a dry run shows. */
const SHOWN = 100

interface ChangeRow {
  kind: RecordKind
  id: string
  after: { fields: Record<string, JsonValue> } & Links
  before: ({ fields: Record<string, JsonValue> } & Links) | null
}

const asJson = (alias: string) =>
  sql.raw(
    `jsonb_build_object('fields', ${alias}.fields, ${LINK_NAMES.map((name) => `'${name}', ${alias}.${name}`).join(', ')})`,
  )

/** What applying the staged records would change: the first hundred records of each kind, field by field. */
export async function sampleChanges(ctx: TransactionContext, importId: string): Promise<RecordChange[]> {
  const table = sql.identifier(stagingTableOf(importId))
  const { rows } = (await ctx.tx.execute(sql`
    select staged.kind, staged.id, ${asJson('staged')} as after,
      case when record.id is null then null else ${asJson('record')} end as before
    from (
      select staged.*, row_number() over (partition by staged.kind order by staged.ordinal) as number
      from ${table} staged
      where ${ACCEPTED} and not exists (select from directory_records same
        where same.kind = staged.kind and same.id = staged.id and same.digest = staged.digest)) staged
    left join directory_records record on record.kind = staged.kind and record.id = staged.id
    where staged.number <= ${SHOWN} order by staged.kind, staged.ordinal`)) as unknown as {
    rows: ChangeRow[]
  }
  return rows.map(({ kind, id, before, after }) => ({
    kind,
    id,
    change: before === null ? 'create' : 'update',
    fields: changedFields(
      before === null ? {} : toRecord({ kind, id, ...before }).fields,
      toRecord({ kind, id, ...after }).fields,
    ),
  }))
}

/** Fields whose values differ; a value that is not there is null. */
export function changedFields(
  before: Record<string, JsonValue>,
  after: Record<string, JsonValue>,
): RecordChange['fields'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names
    .filter((name) => canonicalJson(before[name]) !== canonicalJson(after[name]))
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
}
