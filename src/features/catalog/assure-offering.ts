import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { enqueueJob } from '../../platform/jobs/enqueue-job.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { AssureOffering, RenewAssurance } from './assurance-schemas.ts'
import { getOffering, type OfferingDetail } from './get-offering.ts'
import { lapseAssuranceJob } from './lapse-assurance.ts'
import { type LockedOffering, lockOfferingWithinReach } from './lock-offering.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { offeringAssurances } from './tables.ts'

/**
 * Says that the actor's organization verified this version of an offering, and until when that holds.
 * @throws Refusal `not_found` beyond the actor's area, `duty_conflict` for an own offering, `precondition_failed`,
 *   `invalid_input` for a date that is over.
 */
export async function assureOffering(
  ctx: Context,
  { offeringId, version, ...input }: AssureOffering,
): Promise<OfferingDetail> {
  permit(ctx, 'offering.assure')
  const { what, lapsesAt } = parseInput(AssureOffering, input)
  return inTransaction(ctx, async (ctx) => {
    const offering = await lockToAssure(ctx, offeringId, version)
    await writeAssurance(ctx, offering, what, lapsesAt)
    await record(ctx, 'offering.assure', offeringId, { version, lapsesAt })
    await emit(ctx, 'offering.assured', offeringId, offering.organizationId, { lapsesAt })
    return getOffering(ctx, offeringId)
  })
}

/**
 * Says the same again, for longer. The offering is not edited: its version stays, and so does what people saw.
 * @throws Refusal as of `assureOffering`, `state_conflict` where nothing was ever verified, `invalid_input` also for a
 *   date before the one that holds.
 */
export async function renewAssurance(
  ctx: Context,
  { offeringId, version, ...input }: RenewAssurance,
): Promise<OfferingDetail> {
  permit(ctx, 'offering.assure')
  const { lapsesAt } = parseInput(RenewAssurance, input)
  return inTransaction(ctx, async (ctx) => {
    const offering = await lockToAssure(ctx, offeringId, version)
    const { assurance } = await getOffering(ctx, offeringId)
    if (!assurance) throw new Refusal('state_conflict', 'The offering was never assured.')
    if (new Date(lapsesAt) < assurance.lapsesAt) {
      throw invalidInput([{ path: ['lapsesAt'], message: 'is before the assurance lapses anyway' }])
    }
    await writeAssurance(ctx, offering, assurance.what, lapsesAt)
    await record(ctx, 'offering.assurance_renew', offeringId, { version, lapsesAt })
    await emit(ctx, 'offering.assurance_renewed', offeringId, offering.organizationId, { lapsesAt })
    return getOffering(ctx, offeringId)
  })
}

async function lockToAssure(
  ctx: TransactionContext,
  offeringId: string,
  version: number,
): Promise<LockedOffering> {
  const offering = await lockOfferingWithinReach(ctx, offeringId)
  requireVersion(offering, version)
  if (offering.organizationId === ctx.actor.organizationId) {
    throw new Refusal('duty_conflict', 'Another organization must assure an offering of yours.')
  }
  return offering
}

async function writeAssurance(
  ctx: TransactionContext,
  { id: offeringId, version }: LockedOffering,
  what: string,
  until: string,
): Promise<void> {
  const now = ctx.clock()
  const lapsesAt = new Date(until)
  if (lapsesAt <= now) throw invalidInput([{ path: ['lapsesAt'], message: 'is over' }])
  const { organizationId: assuredBy, principalId } = ctx.actor
  const said = {
    what,
    assuredVersion: version,
    assuredBy,
    principalId,
    assuredAt: now,
    lapsesAt,
    lapsedAt: null,
  }
  await ctx.tx
    .insert(offeringAssurances)
    .values({ offeringId, ...said })
    .onConflictDoUpdate({ target: offeringAssurances.offeringId, set: said })
  await publishToDirectory(ctx, { offeringIds: [offeringId] })
  // A renewal asks for a job of its own; the one that was asked for before finds that nothing is due.
  const key = `assurance.lapse ${offeringId} ${lapsesAt.toISOString()}`
  await enqueueJob(ctx, lapseAssuranceJob, { offeringId, lapsesAt: until }, { key, availableAt: lapsesAt })
}
