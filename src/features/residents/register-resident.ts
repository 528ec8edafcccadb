import { and, eq } from 'drizzle-orm'
import type { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { requireOrganizations } from '../identity/require-organizations.ts'
import { coarsePoint } from './coarse-point.ts'
import type { ResidentRow } from './find-resident.ts'
import { expiryOf, giveConsent } from './give-consent.ts'
import { homeAreas } from './home-areas.ts'
import { RegisterResident } from './schemas.ts'
import { createReferenceSeal, type ReferenceSeal } from './sealed-reference.ts'
import { residents } from './tables.ts'

/**
 * Registers a resident of the actor's app under the app's own reference.
 * @throws Refusal `duplicate` naming the resident that has the reference, `invalid_input` for an unknown area, a birth
 *   year to come, or a consent that is over.
 */
export async function registerResident(ctx: Context, input: RegisterResident): Promise<ResidentRow> {
  permit(ctx, 'resident.register')
  const { consent, ...wanted } = parseInput(RegisterResident, input)
  refuseUnborn(ctx, wanted.birthYear, ['birthYear'])
  if (consent) expiryOf(ctx, consent.expiresAt, ['consent', 'expiresAt'])
  return inTransaction(ctx, async (ctx) => {
    const [areaId] = await homeAreas(ctx, [{ ...wanted, path: ['areaId'] }])
    if (consent?.recipientId) {
      await requireOrganizations(ctx, [{ id: consent.recipientId, path: ['consent', 'recipientId'] }])
    }
    const seal = createReferenceSeal(ctx.encryptionKey)
    const { organizationId } = ctx.actor
    const values = toRow(ctx, seal, { ...wanted, organizationId, areaId: areaId! })
    const [row] = await ctx.tx.insert(residents).values(values).onConflictDoNothing().returning()
    if (!row) throw await taken(ctx, values)
    await record(ctx, 'resident.register', row.id)
    await emit(ctx, 'resident.registered', row.id, row.organizationId)
    if (consent) await giveConsent(ctx, { residentId: row.id, ...consent })
    return row as ResidentRow
  })
}

type Fields = Omit<z.output<typeof RegisterResident>, 'consent'> & { organizationId: string; areaId: string }
type NewRow = typeof residents.$inferInsert & { referenceHash: string }

/** The row of a new resident: the reference sealed, the home rounded. */
export function toRow(ctx: Context, seal: ReferenceSeal, { reference, point, ...fields }: Fields): NewRow {
  const id = ctx.newId()
  return {
    id,
    ...fields,
    referenceHash: seal.hash(fields.organizationId, reference),
    referenceSealed: seal.seal(id, reference),
    ...coarsePoint(point),
    createdAt: ctx.clock(),
  }
}

/** @throws Refusal `invalid_input` for a birth year after the current one. */
export function refuseUnborn(ctx: Context, birthYear: number | null, path: (string | number)[]): void {
  const year = ctx.clock().getUTCFullYear()
  if (birthYear !== null && birthYear > year) throw invalidInput([{ path, message: `is after ${year}` }])
}

async function taken(ctx: TransactionContext, { organizationId, referenceHash }: NewRow): Promise<Refusal> {
  const [first] = await ctx.tx
    .select({ id: residents.id })
    .from(residents)
    .where(and(eq(residents.organizationId, organizationId), eq(residents.referenceHash, referenceHash)))
  return duplicateReference(first?.id)
}

/** Says whose the reference is. */
export function duplicateReference(existingId: string | undefined): Refusal {
  return new Refusal('duplicate', `The reference is that of resident ${existingId}.`, {
    facts: { existingId },
  })
}
