import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { type FlaggedOrganization, flagOrganization } from './flag-organizations.ts'
import { permit } from './permissions.ts'
import { requireBodies } from './require-bodies.ts'
import { CreateOrganization } from './schemas.ts'
import { organizations } from './tables.ts'

/**
 * Registers an organization.
 * @throws Refusal `duplicate` when its source reference is taken, `invalid_input` for bodies that cannot be.
 */
export async function createOrganization(
  ctx: Context,
  input: CreateOrganization,
): Promise<FlaggedOrganization> {
  permit(ctx, 'organization.create')
  const wanted = parseInput(CreateOrganization, input)
  return inTransaction(ctx, async (ctx) => {
    const id = ctx.newId()
    await requireBodies(ctx, { id, ...wanted })
    const [row] = await ctx.tx
      .insert(organizations)
      .values({ id, ...wanted, createdAt: ctx.clock() })
      .returning()
    await record(ctx, 'organization.create', row!.id, { kind: wanted.kind })
    await emit(ctx, 'organization.created', row!.id, row!.id, { kind: wanted.kind })
    return flagOrganization(ctx, row!)
  })
}
