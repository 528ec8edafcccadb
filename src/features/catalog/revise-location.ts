import { and, eq } from 'drizzle-orm'
import mergePatch from 'json-merge-patch'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { requireAreas } from '../communities/require-areas.ts'
import { permit } from '../identity/permissions.ts'
import type { LocationRow } from './create-location.ts'
import { EditableLocation, ReviseLocation } from './location-schemas.ts'
import { ownRows } from './own-rows.ts'
import { pointColumns, pointOf } from './point.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { locations } from './tables.ts'

/**
 * Edits a location of the actor's organization by a merge patch.
 * @throws Refusal `not_found` for a foreign one, `precondition_failed`, `invalid_input` where it would not be whole
 *   afterwards, or for an unknown area.
 */
export async function reviseLocation(
  ctx: Context,
  { locationId, version, ...input }: ReviseLocation & { locationId: string; version: number },
): Promise<LocationRow> {
  permit(ctx, 'location.revise')
  const patch = parseInput(ReviseLocation, input)
  return inTransaction(ctx, async (ctx) => {
    const [locked] = await ctx.tx
      .select()
      .from(locations)
      .where(and(eq(locations.id, locationId), ownRows(ctx, locations.organizationId)))
      .for('update')
    const row = found(locked, 'location')
    requireVersion(row, version)
    const { name, address, areaId, visibility, addressOf } = row
    const current = { name, address, areaId, visibility, addressOf, point: pointOf(row) }
    const { point, ...values } = parseInput(EditableLocation, mergePatch.apply(current, patch))
    if (patch.areaId) await requireAreas(ctx, [{ id: patch.areaId, path: ['areaId'] }])
    const [revised] = await ctx.tx
      .update(locations)
      .set({ ...values, ...pointColumns(point), version: version + 1 })
      .where(eq(locations.id, locationId))
      .returning()
    const fields = Object.keys(patch)
    // Not the values: the log is read by those whom a confidential address is kept from.
    await record(ctx, 'location.revise', locationId, { fields })
    await emit(ctx, 'location.revised', locationId, row.organizationId, { fields, version: version + 1 })
    await publishToDirectory(ctx, { locationIds: [locationId] })
    return revised!
  })
}
