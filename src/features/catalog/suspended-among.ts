import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { organizations } from '../identity/tables.ts'
import { suspendedOfferings, suspendedProviders } from './tables.ts'

interface Published {
  id: string
  organizationId: string
}

/**
 * The ids of those among these offerings that are suspended, themselves or with their provider; they need not be there
 * yet. Providers are kept as they are until the transaction ends, so that nothing is published past a suspension that
 * comes at the same time.
 */
export async function suspendedAmong(
  ctx: TransactionContext,
  published: readonly Published[],
): Promise<Set<string>> {
  const providers = new Set<string>()
  const owners = [...new Set(published.map(({ organizationId }) => organizationId))].sort()
  for (const chunk of chunks(owners)) {
    await ctx.tx
      .select({ id: organizations.id })
      .from(organizations)
      .where(isOneOf(organizations.id, chunk))
      .orderBy(organizations.id)
      .for('key share')
    const rows = await ctx.tx
      .select({ id: suspendedProviders.organizationId })
      .from(suspendedProviders)
      .where(isOneOf(suspendedProviders.organizationId, chunk))
    for (const { id } of rows) providers.add(id)
  }
  const suspended = new Set<string>()
  for (const chunk of chunks(published)) {
    const ids = chunk.map(({ id }) => id)
    const rows = await ctx.tx
      .select({ id: suspendedOfferings.offeringId })
      .from(suspendedOfferings)
      .where(isOneOf(suspendedOfferings.offeringId, ids))
    for (const { id } of rows) suspended.add(id)
    for (const { id, organizationId } of chunk) if (providers.has(organizationId)) suspended.add(id)
  }
  return suspended
}

/** Locks a provider against whoever publishes for it, until the transaction ends. */
export async function lockProvider(ctx: TransactionContext, organizationId: string): Promise<void> {
  await ctx.tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for('update')
}
