import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { requireReach } from './require-reach.ts'
import { CreateStation } from './station-schemas.ts'
import { stations } from './tables.ts'

export type StationRow = typeof stations.$inferSelect

/**
 * Makes a location of the catalog a station. The location's id is taken as it is: the catalog lies to the right.
 * @throws Refusal `invalid_input` for an area beyond reach, `duplicate` where the location is a station already.
 */
export async function createStation(ctx: Context, input: CreateStation): Promise<StationRow> {
  permit(ctx, 'station.create')
  const wanted = parseInput(CreateStation, input)
  return inTransaction(ctx, async (ctx) => {
    await requireReach(ctx, [{ id: wanted.areaId, path: ['areaId'] }])
    const [row] = await ctx.tx
      .insert(stations)
      .values({ id: ctx.newId(), ...wanted, createdAt: ctx.clock() })
      .returning()
    const { areaId, level, locationId } = wanted
    await record(ctx, 'station.create', row!.id, { areaId, level, locationId })
    await emit(ctx, 'station.created', row!.id, null, { areaId, level, locationId })
    return row!
  })
}
