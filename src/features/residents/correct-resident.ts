import { and, eq, ne } from 'drizzle-orm'
import type { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { requireAreas } from '../communities/require-areas.ts'
import { permit } from '../identity/permissions.ts'
import { coarsePoint } from './coarse-point.ts'
import { CorrectResident } from './fact-schemas.ts'
import { ownResidents, type ResidentRow } from './find-resident.ts'
import { homeAreas } from './home-areas.ts'
import { duplicateReference, refuseUnborn } from './register-resident.ts'
import { createReferenceSeal } from './sealed-reference.ts'
import { residents } from './tables.ts'

type Corrections = z.output<typeof CorrectResident>

/**
 * Corrects what is known of a resident; what is not named stays as it is. Whoever moves without naming the area is
 * counted to the one that holds the new home.
 * @throws Refusal `not_found` for another partner's resident, `precondition_failed`, `duplicate` naming the resident
 *   that has the reference, `invalid_input` for an unknown area or a birth year to come.
 */
export async function correctResident(
  ctx: Context,
  { residentId, version, ...input }: CorrectResident & { residentId: string; version: number },
): Promise<ResidentRow> {
  permit(ctx, 'resident.correct')
  const corrections = parseInput(CorrectResident, input)
  refuseUnborn(ctx, corrections.birthYear ?? null, ['birthYear'])
  return inTransaction(ctx, async (ctx) => {
    const [locked] = await ctx.tx
      .select()
      .from(residents)
      .where(and(eq(residents.id, residentId), ownResidents(ctx)))
      .for('update')
    const resident = found(locked, 'resident') as ResidentRow
    requireVersion(resident, version)
    const { point, areaId, reference, ...facts } = corrections
    const values = {
      ...facts,
      ...(reference === undefined ? {} : await sealed(ctx, resident, reference)),
      ...(await moved(ctx, { point, areaId })),
    }
    const [row] = await ctx.tx
      .update(residents)
      .set({ ...values, version: version + 1 })
      .where(eq(residents.id, residentId))
      .returning()
    await record(ctx, 'resident.correct', residentId, { version: version + 1 })
    await emit(ctx, 'resident.corrected', residentId, resident.organizationId, { version: version + 1 })
    return row as ResidentRow
  })
}

async function moved(ctx: Context, { point, areaId }: Pick<Corrections, 'point' | 'areaId'>) {
  if (areaId) await requireAreas(ctx, [{ id: areaId, path: ['areaId'] }])
  if (!point) return areaId ? { areaId } : {}
  const [around] = areaId ? [areaId] : await homeAreas(ctx, [{ areaId: null, point, path: ['areaId'] }])
  return { areaId: around!, ...coarsePoint(point) }
}

async function sealed(
  ctx: TransactionContext,
  { id, organizationId }: ResidentRow,
  reference: string,
): Promise<{ referenceHash: string; referenceSealed: string }> {
  const seal = createReferenceSeal(ctx.encryptionKey)
  const referenceHash = seal.hash(organizationId, reference)
  const [first] = await ctx.tx
    .select({ id: residents.id })
    .from(residents)
    .where(
      and(
        eq(residents.organizationId, organizationId),
        eq(residents.referenceHash, referenceHash),
        ne(residents.id, id),
      ),
    )
  if (first) throw duplicateReference(first.id)
  return { referenceHash, referenceSealed: seal.seal(id, reference) }
}
