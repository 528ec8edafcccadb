import { and, eq, or } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { areaLineage } from '../communities/area-lineage.ts'
import { permit } from '../identity/permissions.ts'
import { findOptions } from '../matching/instant/find-options.ts'
import { findResident } from '../residents/find-resident.ts'
import { getNeed } from '../residents/list-needs.ts'
import type { NeedRow } from '../residents/register-need.ts'
import { getPetition, type PetitionView } from './list-petitions.ts'
import { BeginPetition } from './petition-schemas.ts'
import { petitionSignatures, petitions } from './tables.ts'

/**
 * Puts a need that nobody serves before everybody, and signs it in the resident's name. Of the resident it tells the
 * community alone.
 * @throws Refusal `not_found` for a need of another partner's resident, `state_conflict` for one that is being served,
 *   is over or has options, `duplicate` naming the petition there is for this need, or an open one for the same in
 *   the same community: that one can be signed.
 */
export async function beginPetition(ctx: Context, input: BeginPetition): Promise<PetitionView> {
  permit(ctx, 'petition.begin')
  const { needId, text } = parseInput(BeginPetition, input)
  return inTransaction(ctx, async (ctx) => {
    const need = await getNeed(ctx, needId)
    requireUnserved(need)
    await requireNoOption(ctx, needId)
    const resident = await findResident(ctx, need.residentId)
    const { category, term, tier } = need
    const asked = { needId, areaId: await communityOf(ctx, resident.areaId), category, term }
    const now = ctx.clock()
    const [row] = await ctx.tx
      .insert(petitions)
      .values({
        id: ctx.newId(),
        organizationId: resident.organizationId,
        ...asked,
        tier,
        text,
        state: 'open',
        createdAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: petitions.id })
    if (!row) throw await begunBefore(ctx, asked)
    await ctx.tx.insert(petitionSignatures).values({ petitionId: row.id, residentId: resident.id, at: now })
    await record(ctx, 'petition.begin', row.id, { needId })
    await emit(ctx, 'petition.begun', row.id, resident.organizationId, { signatures: 1 })
    return getPetition(ctx, row.id)
  })
}

/** @throws Refusal `state_conflict` unless the need waits. */
function requireUnserved({ state }: NeedRow): void {
  if (state === 'registered' || state === 'unmet') return
  throw new Refusal('state_conflict', `The need is ${state}; a petition is for one that nobody serves.`)
}

/** Who could be served at once needs no petition. */
async function requireNoOption(ctx: TransactionContext, needId: string): Promise<void> {
  const { options } = await findOptions(ctx, needId)
  if (options.length === 0) return
  const facts = { options: options.length }
  throw new Refusal('state_conflict', 'There are options for this need.', { facts })
}

/** The smallest area around a home that doesn't tell where it is: the first that is larger than a grid. */
async function communityOf(ctx: TransactionContext, areaId: string): Promise<string> {
  const lineage = await areaLineage(ctx, areaId)
  return (lineage.find(({ kind }) => kind !== 'grid') ?? lineage.at(-1)!).id
}

type Asked = Pick<typeof petitions.$inferSelect, 'needId' | 'areaId' | 'category' | 'term'>

async function begunBefore(
  ctx: TransactionContext,
  { needId, areaId, category, term }: Asked,
): Promise<Refusal> {
  const sameNeed = eq(petitions.needId, needId)
  const sameKind = and(
    eq(petitions.areaId, areaId),
    eq(petitions.category, category),
    eq(petitions.term, term),
    eq(petitions.state, 'open'),
  )
  const [first] = await ctx.tx
    .select({ id: petitions.id })
    .from(petitions)
    .where(or(sameNeed, sameKind))
    .orderBy(petitions.id)
  const facts = { existingId: first?.id }
  return new Refusal('duplicate', `Petition ${first?.id} asks for this; it can be signed.`, { facts })
}
