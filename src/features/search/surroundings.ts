/**
 * What questions are read with besides the offerings: how far people walk, and what lies in an area. Remembered until
 * an event says that either may have changed; whoever asks with an older one is answered as of then.
 */
import type { Context } from '../../platform/context.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import { adoptedPolicy } from '../policies/adopted-policy.ts'
import type { PolicyDocument } from '../policies/schemas.ts'

export interface Surroundings {
  reach: PolicyDocument['reach'] | null
  /** Area → its id and those of everything in it. Areas that do not exist are not remembered. */
  readonly subtrees: Map<string, ReadonlySet<string>>
}

/** Nothing remembered yet. */
export function createSurroundings(): Surroundings {
  return { reach: null, subtrees: new Map() }
}

/**
 * Walking speeds and detours of the policy in force.
 * @throws Refusal `state_conflict` before a policy is adopted.
 */
export async function reachNow(ctx: Context, surroundings: Surroundings): Promise<PolicyDocument['reach']> {
  permit(ctx, 'policy.read')
  surroundings.reach ??= (await adoptedPolicy(ctx)).document.reach
  return surroundings.reach
}

/** Ids of the area and of everything in it; empty for an unknown area. */
export async function areasWithin(
  ctx: Context,
  { subtrees }: Surroundings,
  areaId: string,
): Promise<ReadonlySet<string>> {
  const known = subtrees.get(areaId)
  if (known) return known
  const read = new Set(await areaSubtree(ctx, areaId))
  if (read.size > 0) subtrees.set(areaId, read)
  return read
}
