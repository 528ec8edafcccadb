import { eq } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { type FlaggedOrganization, flagOrganization } from './flag-organizations.ts'
import { permit } from './permissions.ts'
import { requireBodies } from './require-bodies.ts'
import { ChangeOrganization } from './schemas.ts'
import { organizations } from './tables.ts'

/**
 * Writes down an organization's name, the body it is a part of, and the second body that approves for it.
 * @throws Refusal `not_found`, `invalid_input` for bodies that cannot be, `duty_conflict` where its body would have
 *   supervised what it purchased.
 */
export function changeOrganization(
  ctx: Context,
  { id, ...input }: { id: string } & ChangeOrganization,
): Promise<FlaggedOrganization> {
  return attempted(ctx, { action: 'organization.change', objectId: id }, async (ctx) => {
    permit(ctx, 'organization.change')
    const wanted = parseInput(ChangeOrganization, input)
    const [before] = await ctx.tx
      .select()
      .from(organizations)
      .where(eq(organizations.id, id))
      .for('no key update')
    const { kind, name } = found(before, 'organization')
    const { bodyId, secondBodyId } = wanted
    await requireBodies(ctx, { id, kind, bodyId, secondBodyId })
    const [row] = await ctx.tx.update(organizations).set(wanted).where(eq(organizations.id, id)).returning()
    const facts = { bodyId, secondBodyId, renamed: wanted.name !== name }
    await record(ctx, 'organization.change', id, facts)
    await emit(ctx, 'organization.changed', id, id, facts)
    return flagOrganization(ctx, row!)
  })
}
