import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { liesWithin } from './hierarchy.ts'
import { CreateArea } from './schemas.ts'
import { areas } from './tables.ts'

export type AreaRow = typeof areas.$inferSelect

/**
 * Adds an area to the tree.
 * @throws Refusal `invalid_input` when the parent is unknown or not of a larger kind, `duplicate` when the code is taken.
 */
export async function createArea(ctx: Context, input: CreateArea): Promise<AreaRow> {
  permit(ctx, 'area.create')
  const wanted = parseInput(CreateArea, input)
  return inTransaction(ctx, async (ctx) => {
    await requireParent(ctx, wanted)
    const [row] = await ctx.tx.insert(areas).values(toRow(ctx, wanted)).returning()
    await record(ctx, 'area.create', row!.id, { kind: wanted.kind })
    await emit(ctx, 'area.created', row!.id, null, { kind: wanted.kind })
    return row!
  })
}

async function requireParent(
  ctx: TransactionContext,
  { parentId, kind }: { parentId: string | null; kind: AreaRow['kind'] },
): Promise<void> {
  if (parentId === null) return
  const [parent] = await ctx.tx.select().from(areas).where(eq(areas.id, parentId))
  if (!parent) throw invalidInput([{ path: ['parentId'], message: 'there is no such area' }])
  if (!liesWithin(kind, parent.kind)) {
    throw invalidInput([{ path: ['parentId'], message: `a ${kind} does not lie in a ${parent.kind}` }])
  }
}

/** The row of a new area. */
export function toRow(ctx: Context, { point, ...area }: Required<CreateArea>): typeof areas.$inferInsert {
  return {
    id: ctx.newId(),
    ...area,
    latitude: point?.latitude ?? null,
    longitude: point?.longitude ?? null,
    createdAt: ctx.clock(),
  }
}
