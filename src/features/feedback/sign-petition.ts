import { and, eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { findResident } from '../residents/find-resident.ts'
import { getPetition, type PetitionView } from './list-petitions.ts'
import { SignPetition } from './petition-schemas.ts'
import { petitionSignatures, petitions } from './tables.ts'

/**
 * Puts a resident of the actor's app behind a petition; any partner's residents may sign.
 * @throws Refusal `not_found` for an unknown petition or another partner's resident, `duplicate` for who has signed.
 */
export async function signPetition(
  ctx: Context,
  { petitionId, ...input }: SignPetition,
): Promise<PetitionView> {
  permit(ctx, 'petition.sign')
  const { residentId } = parseInput(SignPetition, input)
  return inTransaction(ctx, async (ctx) => {
    const { organizationId } = await touchPetition(ctx, petitionId)
    const resident = await findResident(ctx, residentId)
    const signed = await ctx.tx
      .insert(petitionSignatures)
      .values({ petitionId, residentId, at: ctx.clock() })
      .onConflictDoNothing()
      .returning({ petitionId: petitionSignatures.petitionId })
    if (signed.length === 0) {
      const facts = { existingId: petitionId }
      throw new Refusal('duplicate', `Resident ${residentId} has signed this petition.`, { facts })
    }
    const petition = await getPetition(ctx, petitionId)
    await record(ctx, 'petition.sign', petitionId, { residentId })
    const { signatures } = petition
    await emit(ctx, 'petition.signed', petitionId, [organizationId, resident.organizationId], { signatures })
    return petition
  })
}

/**
 * Takes a resident's name off a petition, also of who began it; the petition stays for the others.
 * @throws Refusal `not_found` for another partner's resident, and for who has not signed.
 */
export async function withdrawSignature(
  ctx: Context,
  { petitionId, residentId }: { petitionId: string; residentId: string },
): Promise<PetitionView> {
  permit(ctx, 'petition.sign')
  return inTransaction(ctx, async (ctx) => {
    await touchPetition(ctx, petitionId)
    await findResident(ctx, residentId)
    const [withdrawn] = await ctx.tx
      .delete(petitionSignatures)
      .where(
        and(eq(petitionSignatures.petitionId, petitionId), eq(petitionSignatures.residentId, residentId)),
      )
      .returning()
    found(withdrawn, 'signature')
    await record(ctx, 'petition.withdraw_signature', petitionId, { residentId })
    return getPetition(ctx, petitionId)
  })
}

/** Locks the petition and counts its version on, for who signs is part of what readers see. */
async function touchPetition(ctx: TransactionContext, id: string): Promise<typeof petitions.$inferSelect> {
  const [row] = await ctx.tx
    .update(petitions)
    .set({ version: sql`${petitions.version} + 1` })
    .where(eq(petitions.id, id))
    .returning()
  return found(row, 'petition')
}
