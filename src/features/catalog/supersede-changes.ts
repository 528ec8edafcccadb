import { and, eq, inArray, ne, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { changeRequests } from './tables.ts'

/**
 * Closes the pending change requests that an edit has overtaken: what they wanted to replace is gone.
 * @param edited.fields fields that were edited; without them, every request of the offering.
 * @param edited.approved the request whose approval is the edit.
 */
export async function supersedeChanges(
  ctx: TransactionContext,
  offering: { id: string; organizationId: string },
  edited: { fields?: string[]; approved?: string | undefined } = {},
): Promise<void> {
  const { fields, approved } = edited
  const pending = await ctx.tx
    .select()
    .from(changeRequests)
    .where(
      and(
        eq(changeRequests.offeringId, offering.id),
        eq(changeRequests.state, 'pending'),
        approved ? ne(changeRequests.id, approved) : undefined,
      ),
    )
    .orderBy(changeRequests.id)
    .for('update')
  const ids = pending
    .filter(({ changes }) => !fields || Object.keys(changes).some((field) => fields.includes(field)))
    .map(({ id }) => id)
  if (ids.length === 0) return
  await ctx.tx
    .update(changeRequests)
    .set({ state: 'superseded', decidedAt: ctx.clock(), version: sql`${changeRequests.version} + 1` })
    .where(inArray(changeRequests.id, ids))
  await emitAll(
    ctx,
    'change_request.superseded',
    ids.map((objectId) => ({
      objectId,
      audience: offering.organizationId,
      data: { offeringId: offering.id },
    })),
  )
}
