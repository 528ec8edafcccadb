import { inArray } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { toRow } from './create-area.ts'
import { liesWithin } from './hierarchy.ts'
import { CreateArea } from './schemas.ts'
import { areas } from './tables.ts'

const CreateAreas = z.array(CreateArea)

/** What an import did: the ids stand in the order of the input, those of areas that were there already too. */
export interface CreatedAreas {
  ids: string[]
  created: number
  existing: number
}

/**
 * Adds many areas; their parents must be there already. An area whose code is known is left as it is.
 * @throws Refusal `invalid_input` as `createArea` does, with the place of the area in the list.
 */
export async function createAreas(ctx: Context, input: readonly CreateArea[]): Promise<CreatedAreas> {
  permit(ctx, 'area.create')
  const wanted = parseInput(CreateAreas, input)
  return inTransaction(ctx, async (ctx) => {
    await requireParents(ctx, wanted)
    const rows = wanted.map((area) => toRow(ctx, area))
    let created = 0
    const idByCode = new Map<string, string>()
    for (const chunk of chunks(rows)) {
      const inserted = await ctx.tx
        .insert(areas)
        .values(chunk)
        .onConflictDoNothing({ target: areas.code })
        .returning({ id: areas.id })
      created += inserted.length
      const codes = chunk.map((row) => row.code)
      const found = await ctx.tx.select().from(areas).where(inArray(areas.code, codes))
      for (const { code, id } of found) idByCode.set(code, id)
    }
    const batchId = ctx.newId()
    await record(ctx, 'areas.create', batchId, { created, existing: rows.length - created })
    await emit(ctx, 'areas.created', batchId, null, { created })
    return { ids: rows.map((row) => idByCode.get(row.code)!), created, existing: rows.length - created }
  })
}

async function requireParents(ctx: TransactionContext, wanted: readonly z.output<typeof CreateArea>[]) {
  const ids = [...new Set(wanted.flatMap(({ parentId }) => (parentId ? [parentId] : [])))]
  const parents = new Map<string, (typeof areas.$inferSelect)['kind']>()
  for (const chunk of chunks(ids)) {
    const rows = await ctx.tx.select().from(areas).where(inArray(areas.id, chunk))
    for (const { id, kind } of rows) parents.set(id, kind)
  }
  const flaws = wanted.flatMap(({ parentId, kind }, at) => {
    if (parentId === null) return []
    const parentKind = parents.get(parentId)
    if (parentKind && liesWithin(kind, parentKind)) return []
    const message = parentKind ? `a ${kind} does not lie in a ${parentKind}` : 'there is no such area'
    return [{ path: [at, 'parentId'], message }]
  })
  if (flaws.length > 0) throw invalidInput(flaws)
}
