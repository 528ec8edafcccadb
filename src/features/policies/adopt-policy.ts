import { eq, sql } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { everybody } from './everybody.ts'
import { type PolicyRow, reachPolicy } from './get-policy.ts'
import { nextPolicyState, phaseOf } from './policy-lifecycle.ts'
import { supersedeAdopted } from './policy-succession.ts'
import { policies } from './tables.ts'

/**
 * The second person's yes to a policy that everybody could speak to: it decides every run started from now on. The one
 * adopted so far is superseded and stays as it was.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` for what is not out for consultation or still is,
 *   `duty_conflict` for who drafted it.
 */
export async function adoptPolicy(
  ctx: Context,
  { id, expectedVersion }: { id: string; expectedVersion: number },
): Promise<PolicyRow> {
  return attempted(ctx, { action: 'policy.adopt', objectId: id }, async (ctx) => {
    permit(ctx, 'policy.adopt')
    const policy = await reachPolicy(ctx, id)
    await assumeDuty(ctx, id, 'approve')
    requireVersion(policy, expectedVersion)
    const state = nextPolicyState('adopt', policy.state)
    const now = ctx.clock()
    requireOver(policy, now)
    const superseded = await supersedeAdopted(ctx)
    const [row] = await ctx.tx
      .update(policies)
      .set({ state, adoptedAt: now, version: sql`${policies.version} + 1` })
      .where(eq(policies.id, id))
      .returning()
    const { number } = policy
    await record(ctx, 'policy.adopt', id, { number, superseded })
    await emit(ctx, 'policy.adopted', id, await everybody(ctx), { number, superseded })
    return row!
  })
}

/** Whoever was asked has been heard. */
function requireOver(policy: PolicyRow, now: Date): void {
  if (phaseOf(policy, now) === 'over') return
  const consultedUntil = policy.consultedUntil?.toISOString()
  throw new Refusal('state_conflict', `The consultation lasts until ${consultedUntil}.`, {
    facts: { consultedUntil },
  })
}
