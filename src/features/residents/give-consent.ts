import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { requireOrganizations } from '../identity/require-organizations.ts'
import { findResident } from './find-resident.ts'
import { GiveConsent } from './schemas.ts'
import { consents } from './tables.ts'

export type ConsentRow = typeof consents.$inferSelect

/**
 * Writes the receipt that a resident lets some facts be used for a purpose. Receipts add up.
 * @throws Refusal `not_found` for another partner's resident, `invalid_input` for an expiry that is past or an
 *   unknown recipient.
 */
export async function giveConsent(ctx: Context, { residentId, ...input }: GiveConsent): Promise<ConsentRow> {
  permit(ctx, 'consent.give')
  const { purpose, facts, recipientId, expiresAt } = parseInput(GiveConsent, input)
  const values = { purpose, facts, recipientId, expiresAt: expiryOf(ctx, expiresAt, ['expiresAt']) }
  return inTransaction(ctx, async (ctx) => {
    const { organizationId } = await findResident(ctx, residentId)
    if (recipientId) await requireOrganizations(ctx, [{ id: recipientId, path: ['recipientId'] }])
    const [row] = await ctx.tx
      .insert(consents)
      .values({ id: ctx.newId(), residentId, ...values, givenAt: ctx.clock() })
      .returning()
    await record(ctx, 'consent.give', row!.id, { residentId, purpose, recipientId, facts })
    await emit(ctx, 'consent.given', row!.id, organizationId, { residentId, purpose })
    return row!
  })
}

/** @throws Refusal `invalid_input` when it is not ahead. */
export function expiryOf(ctx: Context, expiresAt: string | null, path: (string | number)[]): Date | null {
  if (expiresAt === null) return null
  const expiry = new Date(expiresAt)
  if (expiry <= ctx.clock()) throw invalidInput([{ path, message: 'is not in the future' }])
  return expiry
}
