import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import { residents } from '../residents/tables.ts'
import { getPetition, type PetitionView } from './list-petitions.ts'
import { AnswerPetition } from './petition-schemas.ts'
import { petitionAnswers, petitionSignatures, petitions } from './tables.ts'

/**
 * Says something to a petition in the name of the actor's organization; it may be said more than once, by many.
 * @throws Refusal `not_found`, `forbidden` for a purchaser whose area the petition lies beyond.
 */
export async function answerPetition(
  ctx: Context,
  { petitionId, ...input }: AnswerPetition,
): Promise<PetitionView> {
  permit(ctx, 'petition.answer')
  const { text } = parseInput(AnswerPetition, input)
  return inTransaction(ctx, async (ctx) => {
    const petition = await lockPetition(ctx, petitionId)
    await requireReach(ctx, petition.areaId)
    const { organizationId } = ctx.actor
    const answer = { id: ctx.newId(), petitionId, organizationId, text, at: ctx.clock() }
    await ctx.tx.insert(petitionAnswers).values(answer)
    await ctx.tx
      .update(petitions)
      .set({ state: 'answered', version: petition.version + 1 })
      .where(eq(petitions.id, petitionId))
    await record(ctx, 'petition.answer', petitionId, { answerId: answer.id })
    const audience = [petition.organizationId, organizationId, ...(await partnersBehind(ctx, petitionId))]
    await emit(ctx, 'petition.answered', petitionId, audience, { answerId: answer.id, organizationId })
    return getPetition(ctx, petitionId)
  })
}

async function lockPetition(ctx: TransactionContext, id: string): Promise<typeof petitions.$inferSelect> {
  const [row] = await ctx.tx.select().from(petitions).where(eq(petitions.id, id)).for('update')
  return found(row, 'petition')
}

/** Everybody reads petitions, so one that is out of reach is not hidden. */
async function requireReach(ctx: TransactionContext, petitionAreaId: string): Promise<void> {
  const { areaId } = ctx.actor
  if (areaId === null || (await areaSubtree(ctx, areaId)).includes(petitionAreaId)) return
  throw new Refusal('forbidden', 'The petition lies beyond the area that this key acts in.')
}

/** The partners whose residents have signed. */
async function partnersBehind(ctx: TransactionContext, petitionId: string): Promise<string[]> {
  const rows = await ctx.tx
    .selectDistinct({ id: residents.organizationId })
    .from(petitionSignatures)
    .innerJoin(residents, eq(residents.id, petitionSignatures.residentId))
    .where(eq(petitionSignatures.petitionId, petitionId))
  return rows.map(({ id }) => id)
}
