import type { Context } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { areaSubtree } from './area-subtree.ts'
import { requireAreas } from './require-areas.ts'

interface NamedArea {
  id: string
  path: (string | number)[]
}

/**
 * Makes sure that areas named in an input exist and lie where the actor may act.
 * @throws Refusal `invalid_input` with a pointer to every field that names no such area.
 */
export async function requireReach(ctx: Context, wanted: readonly NamedArea[]): Promise<void> {
  await requireAreas(ctx, wanted)
  const within = await reachableAreas(ctx)
  const beyond = within ? wanted.filter(({ id }) => !within.has(id)) : []
  if (beyond.length === 0) return
  throw invalidInput(beyond.map(({ path }) => ({ path, message: 'there is no such area within your reach' })))
}

/**
 * Makes sure that what the actor wants to change lies where the actor may act.
 * @throws Refusal `not_found`: what is beyond reach looks like what is not there.
 */
export async function refuseBeyond(ctx: Context, areaIds: readonly string[], what: string): Promise<void> {
  const within = await reachableAreas(ctx)
  if (within && !areaIds.every((id) => within.has(id))) {
    throw new Refusal('not_found', `There is no such ${what}.`)
  }
}

/** Null = every area. */
async function reachableAreas(ctx: Context): Promise<Set<string> | null> {
  const { areaId } = ctx.actor
  return areaId === null ? null : new Set(await areaSubtree(ctx, areaId))
}
