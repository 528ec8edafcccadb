import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { requireAreas } from '../communities/require-areas.ts'
import { permit } from '../identity/permissions.ts'
import { CreateLocation } from './location-schemas.ts'
import { pointColumns } from './point.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { locations } from './tables.ts'

export type LocationRow = typeof locations.$inferSelect

/**
 * Registers a place where the actor's organization offers services.
 * @throws Refusal `invalid_input` for an unknown area, `duplicate` when the source reference is taken.
 */
export async function createLocation(ctx: Context, input: CreateLocation): Promise<LocationRow> {
  permit(ctx, 'location.create')
  const { point, ...wanted } = parseInput(CreateLocation, input)
  const { organizationId } = ctx.actor
  return inTransaction(ctx, async (ctx) => {
    if (wanted.areaId) await requireAreas(ctx, [{ id: wanted.areaId, path: ['areaId'] }])
    const [row] = await ctx.tx
      .insert(locations)
      .values({
        id: ctx.newId(),
        organizationId,
        ...wanted,
        ...pointColumns(point),
        createdAt: ctx.clock(),
      })
      .returning()
    await record(ctx, 'location.create', row!.id, { areaId: wanted.areaId })
    await emit(ctx, 'location.created', row!.id, organizationId, { areaId: wanted.areaId })
    await publishToDirectory(ctx, { locationIds: [row!.id] })
    return row!
  })
}
