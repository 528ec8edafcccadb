import { type SQL, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { linksOf } from '../directory/kinds.ts'
import { LINK_NAMES, type LinkName, RECORD_KIND_NAMES, type RecordKind } from '../directory/record.ts'
import { stagingTableOf } from './staged-columns.ts'

/** Rows that would be put: not a repeat, and not refused. */
export const ACCEPTED: SQL = sql.raw('not staged.is_repeat and staged.refusal is null')

export interface Judged {
  importId: string
  feedId: string
  /** The organization that the import may write for; null = all. */
  boundTo: string | null
  /** Rows in the report so far. */
  flaws: number
}

/**
 * Decides which staged records are not applied, and writes why into the report: those that belong to somebody else,
 * and in an import that is bound to one organization, those of others. Then flags links that lead nowhere.
 * @returns how many rows came to the report.
 */
export async function judgeStaged(ctx: TransactionContext, judged: Judged): Promise<number> {
  const table = sql.identifier(stagingTableOf(judged.importId))
  await retireUnited(ctx, table)
  await refuseForeign(ctx, table, judged.feedId)
  if (judged.boundTo !== null) await refuseUnbound(ctx, table, judged.feedId, judged.boundTo)
  await spreadRefusals(ctx, table)
  const refused = await reportRefusals(ctx, table, judged)
  const links = await usedLinks(ctx, table)
  const orphans = await reportOrphans(ctx, table, links, { ...judged, flaws: judged.flaws + refused })
  return refused + orphans
}

type Table = ReturnType<typeof sql.identifier>

/** Of a record that was united, the sightings themselves are not put. */
async function retireUnited(ctx: TransactionContext, table: Table): Promise<void> {
  await ctx.tx.execute(sql`update ${table} sighting set is_repeat = true from ${table} united
    where united.is_united and not sighting.is_united and not sighting.is_repeat
      and sighting.kind = united.kind and sighting.id = united.id`)
}

/** A record belongs to the feed that brought it, or to who published it here: nobody else changes it. */
async function refuseForeign(ctx: TransactionContext, table: Table, feedId: string): Promise<void> {
  await ctx.tx.execute(sql`update ${table} staged set refusal =
      case when record.feed_id is null then 'was published here: feeds do not change it'
        else 'belongs to another feed: not changed' end
    from directory_records record
    where ${ACCEPTED} and record.kind = staged.kind and record.id = staged.id
      and record.feed_id is distinct from ${feedId}::uuid and record.digest <> staged.digest`)
}

const SHARED: ReadonlySet<RecordKind | null> = new Set(['taxonomy', 'taxonomy_term', 'unit'])

/** Links into shared vocabularies bind nobody. */
const isBinding = (name: LinkName) => !SHARED.has(kindNamedBy(name))

/**
 * An import for one organization brings that organization and what hangs below it: a link of a record leads to the
 * organization, to a record of this feed, or into a vocabulary. What is refused takes along what links to it.
 */
async function refuseUnbound(
  ctx: TransactionContext,
  table: Table,
  feedId: string,
  organizationId: string,
): Promise<void> {
  const own = sql`${organizationId}::uuid`
  await ctx.tx.execute(sql`update ${table} staged set refusal = 'is of another organization'
    where ${ACCEPTED} and (staged.kind = 'organization' and staged.id <> ${own}
      or staged.organization_id <> ${own} or staged.parent_organization_id <> ${own})`)
  for (;;) {
    const { rows } = (await ctx.tx.execute(sql`with refused as (
      update ${table} staged set refusal = 'names a record that is not of this organization'
      from (${namedBy(table, LINK_NAMES.filter(isBinding))}) named
      where ${ACCEPTED} and staged.ordinal = named.ordinal and staged.is_united = named.is_united
        and named.target <> ${own}
        and not exists (select from ${table} other where other.id = named.target and not other.is_repeat
          and other.refusal is null and ${ofKind('other')})
        and not exists (select from directory_records record where record.id = named.target
          and record.feed_id = ${feedId}::uuid and ${ofKind('record')})
      returning 1) select count(*)::int as count from refused`)) as unknown as { rows: { count: number }[] }
    if (rows[0]!.count === 0) return
  }
}

/** A repeat of a record that is refused is refused with it. */
async function spreadRefusals(ctx: TransactionContext, table: Table): Promise<void> {
  await ctx.tx.execute(sql`update ${table} staged set refusal = judged.refusal from ${table} judged
    where staged.is_repeat and not judged.is_repeat and judged.refusal is not null
      and judged.kind = staged.kind and judged.id = staged.id`)
}

async function reportRefusals(ctx: TransactionContext, table: Table, judged: Judged): Promise<number> {
  return report(
    ctx,
    judged,
    sql`select staged.ordinal, staged.file, staged.line, 'id' as field, 'the ' || staged.kind || ' ' || staged.refusal
        as reason, staged.id::text as value, 'refused'::flaw_outcome as outcome
      from ${table} staged where staged.refusal is not null and not staged.is_united`,
  )
}

/** A link to nothing is kept, and flagged: what it names may come with another feed. */
async function reportOrphans(
  ctx: TransactionContext,
  table: Table,
  links: readonly LinkName[],
  judged: Judged,
): Promise<number> {
  if (links.length === 0) return 0
  return report(
    ctx,
    judged,
    sql`select named.ordinal, named.file, named.line, named.field,
        case when named.from_kind = 'service_at_location' and named.field in ('service_id', 'location_id')
          then 'names no record of the feed or the directory: kept, but not offered'
          else 'names no record of the feed or the directory: kept' end as reason,
        named.target::text as value, 'kept'::flaw_outcome as outcome
      from (${namedBy(table, links)}) named
      where not exists (select from ${table} staged where ${ACCEPTED} and staged.id = named.target
          and ${ofKind('staged')})
        and not exists (select from directory_records record where record.id = named.target
          and ${ofKind('record')})`,
  )
}

const ofKind = (alias: string) => sql.raw(`(named.kind = ${alias}.kind or named.kind is null)`)

/** Every link of the accepted records: where it stands, its field, the kind (null = any) and the id it names. */
function namedBy(table: Table, names: readonly LinkName[]): SQL {
  const links = names.map((name) => `('${name}', ${kindInSql(kindNamedBy(name))}, staged.${name})`)
  return sql`select staged.ordinal, staged.is_united, staged.file, staged.line, staged.kind as from_kind,
      link.field, link.kind, link.target
    from ${table} staged cross join lateral (values ${sql.raw(links.join(', '))}) link (field, kind, target)
    where ${ACCEPTED} and link.target is not null`
}

/** The links that the feed has at all, a few of them: each costs a row per record to follow. */
async function usedLinks(ctx: TransactionContext, table: Table): Promise<LinkName[]> {
  const used = LINK_NAMES.map((name) => `count(${name}) > 0 as ${name}`).join(', ')
  const { rows } = (await ctx.tx.execute(sql`select ${sql.raw(used)} from ${table}`)) as unknown as {
    rows: Record<LinkName, boolean>[]
  }
  return LINK_NAMES.filter((name) => rows[0]![name])
}

const kindInSql = (kind: RecordKind | null) =>
  kind === null ? 'null::directory_kind' : `'${kind}'::directory_kind`

/** The kind that a link names, whatever record it stands in; null where that depends on the record. */
function kindNamedBy(name: LinkName): RecordKind | null {
  for (const kind of RECORD_KIND_NAMES) {
    const found = linksOf(kind).find(([field]) => field === name)
    if (found) return found[1].link === 'any' ? null : (found[1].link ?? null)
  }
  return null
}

/** Appends what a query finds to the report, in the order of the feed. @returns how many rows. */
async function report(ctx: TransactionContext, { importId, flaws }: Judged, found: SQL): Promise<number> {
  const { rows } = (await ctx.tx.execute(sql`with written as (
    insert into import_flaws (import_id, ordinal, file, line, field, reason, value, outcome)
    select ${importId}::uuid, ${flaws}::int + row_number() over (order by found.ordinal, found.field),
      found.file, found.line, found.field, found.reason, found.value, found.outcome
    from (${found}) found returning 1)
    select count(*)::int as count from written`)) as unknown as { rows: { count: number }[] }
  return rows[0]!.count
}
