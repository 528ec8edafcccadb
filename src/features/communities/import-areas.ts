import { isDeepStrictEqual } from 'node:util'
import { getTableColumns, inArray, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { type AreaImport, ImportAreas } from './area-import-schemas.ts'
import type { AreaRow } from './create-area.ts'
import { boxOf, type Outline } from './geometry.ts'
import { liesWithin } from './hierarchy.ts'
import { type LayersReading, type ReadArea, readLayers } from './read-layers.ts'
import type { AreaKind } from './schemas.ts'
import { areaOutlines, areas } from './tables.ts'

type AreaInsert = typeof areas.$inferInsert

/** Outlines are large: fewer of them go into a statement than of other rows. */
const OUTLINES_PER_STATEMENT = 100

/**
 * Imports a part of the tree of areas from GeoJSON: areas with outlines and population, and what they lie in. Areas
 * are known by their code: a repeated import changes nothing, one with other names, figures or outlines updates.
 * Nothing is deleted. Every feature is imported or stands in the notes.
 * @throws Refusal `invalid_input` where the file is no sound GeoJSON, a code stands in it twice, or the kinds don't fit.
 */
export async function importAreas(ctx: Context, input: ImportAreas): Promise<AreaImport> {
  permit(ctx, 'area.create')
  const { kind, parentKind, layers } = parseInput(ImportAreas, input)
  if (!liesWithin(kind, parentKind)) {
    throw invalidInput([{ path: ['kind'], message: `a ${kind} does not lie in a ${parentKind}` }])
  }
  const reading = readLayers(layers)
  refuseTwins(reading.areas, layers[0]!.map.code!)
  return inTransaction(ctx, async (ctx) => {
    const batchId = ctx.newId()
    const parents = await ensureParents(ctx, reading, parentKind)
    const written = await writeAreas(ctx, reading, kind, parents.idByCode)
    const counts = layers.map(({ collection }, layer) => countOf(layer, collection.features.length, reading))
    const changes = { ...written, parentsCreated: parents.created }
    await record(ctx, 'areas.import', batchId, changes)
    await emit(ctx, 'areas.imported', batchId, null, changes)
    return { ...changes, layers: counts, notes: reading.notes }
  })
}

function refuseTwins(read: readonly ReadArea[], property: string): void {
  const seen = new Set<string>()
  const flaws = read.flatMap(({ code, index }) => {
    const path = ['layers', 0, 'collection', 'features', index, 'properties', property]
    const flaw = seen.has(code) ? [{ path, message: `the code ${code} stands here twice` }] : []
    seen.add(code)
    return flaw
  })
  if (flaws.length > 0) throw invalidInput(flaws)
}

function countOf(layer: number, features: number, { notes }: LayersReading): AreaImport['layers'][number] {
  const refused = notes.filter((note) => note.layer === layer && note.outcome === 'refused').length
  return { features, imported: features - refused, refused }
}

/** Creates the parents that are not there; those that are stay as they are. */
async function ensureParents(ctx: TransactionContext, { areas: read }: LayersReading, kind: AreaKind) {
  const wanted = new Map(read.flatMap(({ parent }) => (parent ? [[parent.code, parent.name]] : [])))
  const rows = [...wanted].map(([code, name]) => newRow(ctx, { kind, code: code!, name: name! }))
  let created = 0
  for (const chunk of chunks(rows)) {
    const inserted = await ctx.tx
      .insert(areas)
      .values(chunk)
      .onConflictDoNothing({ target: areas.code })
      .returning({ id: areas.id })
    created += inserted.length
  }
  const idByCode = new Map<string, string>()
  for (const row of await areasByCode(ctx, [...wanted.keys()] as string[])) {
    if (row.kind === kind) idByCode.set(row.code, row.id)
  }
  return { idByCode, created }
}

async function areasByCode(ctx: TransactionContext, codes: readonly string[]): Promise<AreaRow[]> {
  const rows: AreaRow[] = []
  for (const chunk of chunks(codes)) {
    rows.push(...(await ctx.tx.select().from(areas).where(inArray(areas.code, chunk))))
  }
  return rows
}

function newRow(ctx: Context, area: Pick<AreaInsert, 'kind' | 'code' | 'name'>): AreaInsert {
  return { id: ctx.newId(), ...area, createdAt: ctx.clock() }
}

async function writeAreas(
  ctx: TransactionContext,
  reading: LayersReading,
  kind: AreaKind,
  parents: ReadonlyMap<string, string>,
): Promise<Pick<AreaImport, 'created' | 'updated' | 'unchanged'>> {
  const codes = reading.areas.map(({ code }) => code)
  const known = new Map((await areasByCode(ctx, codes)).map((row) => [row.code, row]))
  const outlines = await outlinesOf(ctx, [...known.values()])
  const sound = reading.areas.filter((area) => {
    const reason = whyNot(area, kind, known.get(area.code), parents)
    for (const { layer, index } of reason ? [{ layer: 0, index: area.index }, ...area.joined] : []) {
      reading.notes.push({ layer, index, field: null, reason: reason!, outcome: 'refused' })
    }
    return !reason
  })
  const changed = sound.flatMap((area) => {
    const before = known.get(area.code)
    const after = rowOf(ctx, area, kind, parents, before)
    const same = before && isDeepStrictEqual(before, after)
    return same && isDeepStrictEqual(outlines.get(before.id), area.outline) ? [] : [{ area, after }]
  })
  await upsert(ctx, changed)
  const created = changed.filter(({ area }) => !known.has(area.code)).length
  return { created, updated: changed.length - created, unchanged: sound.length - changed.length }
}

/** An area that stands in the tree as something else, or whose parent does, is listed and left as it is. */
function whyNot(
  { code, parent }: ReadArea,
  kind: AreaKind,
  known: AreaRow | undefined,
  parents: ReadonlyMap<string, string>,
): string | null {
  if (known && known.kind !== kind) return `the code ${code} is that of a ${known.kind}`
  if (!parent || parents.has(parent.code)) return null
  return `the code ${parent.code} of what it lies in is that of another kind of area`
}

function rowOf(
  ctx: Context,
  { code, name, parent, point, population }: ReadArea,
  kind: AreaKind,
  parents: ReadonlyMap<string, string>,
  before: AreaRow | undefined,
): AreaRow {
  return {
    id: before?.id ?? ctx.newId(),
    // An import that maps no parents and no counts leaves those that are there.
    parentId: parent ? parents.get(parent.code)! : (before?.parentId ?? null),
    kind,
    code,
    name,
    ...point,
    population: population ?? before?.population ?? null,
    createdAt: before?.createdAt ?? ctx.clock(),
  }
}

async function outlinesOf(ctx: TransactionContext, rows: readonly AreaRow[]): Promise<Map<string, Outline>> {
  const outlines = new Map<string, Outline>()
  for (const chunk of chunks(rows.map(({ id }) => id))) {
    const found = await ctx.tx.select().from(areaOutlines).where(inArray(areaOutlines.areaId, chunk))
    for (const { areaId, outline } of found) outlines.set(areaId, outline)
  }
  return outlines
}

async function upsert(ctx: TransactionContext, changed: readonly { area: ReadArea; after: AreaRow }[]) {
  for (const chunk of chunks(changed)) {
    await ctx.tx
      .insert(areas)
      .values(chunk.map(({ after }) => after))
      .onConflictDoUpdate({ target: areas.id, set: excluded(areas, ['id', 'createdAt']) })
  }
  for (const chunk of chunks(changed, OUTLINES_PER_STATEMENT)) {
    await ctx.tx
      .insert(areaOutlines)
      .values(chunk.map(({ area, after }) => outlineRow(after.id, area.outline)))
      .onConflictDoUpdate({ target: areaOutlines.areaId, set: excluded(areaOutlines, ['areaId']) })
  }
}

function outlineRow(areaId: string, outline: Outline): typeof areaOutlines.$inferInsert {
  return { areaId, outline, ...boxOf(outline) }
}

/** The new values of every column but the named ones, as an upsert's `set` names them. */
function excluded(table: typeof areas | typeof areaOutlines, but: readonly string[]) {
  const columns = Object.entries(getTableColumns(table)).filter(([name]) => !but.includes(name))
  return Object.fromEntries(columns.map(([name, column]) => [name, sql.raw(`excluded."${column.name}"`)]))
}
