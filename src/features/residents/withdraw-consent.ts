import { and, eq, getTableColumns } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { permit } from '../identity/permissions.ts'
import { ownResidents } from './find-resident.ts'
import type { ConsentRow } from './give-consent.ts'
import { consents, residents } from './tables.ts'

/**
 * Ends a consent now. Needs no If-Match and may be repeated: taking a consent back must never fail on a formality.
 * @throws Refusal `not_found`, also for a consent of another partner's resident.
 */
export async function withdrawConsent(ctx: Context, consentId: string): Promise<ConsentRow> {
  permit(ctx, 'consent.withdraw')
  return inTransaction(ctx, async (ctx) => {
    const [locked] = await ctx.tx
      .select({ consent: getTableColumns(consents), organizationId: residents.organizationId })
      .from(consents)
      .innerJoin(residents, eq(residents.id, consents.residentId))
      .where(and(eq(consents.id, consentId), ownResidents(ctx)))
      .for('update', { of: consents })
    const { consent, organizationId } = found(locked, 'consent')
    if (consent.withdrawnAt) return consent
    const [row] = await ctx.tx
      .update(consents)
      .set({ withdrawnAt: ctx.clock() })
      .where(eq(consents.id, consentId))
      .returning()
    const { residentId, purpose } = consent
    await record(ctx, 'consent.withdraw', consentId, { residentId, purpose })
    await emit(ctx, 'consent.withdrawn', consentId, organizationId, { residentId, purpose })
    return row!
  })
}
