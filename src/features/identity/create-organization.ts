import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from './permissions.ts'
import { CreateOrganization } from './schemas.ts'
import { organizations } from './tables.ts'

export type OrganizationRow = typeof organizations.$inferSelect

/** Registers an organization. @throws Refusal `duplicate` when its source reference is taken. */
export async function createOrganization(ctx: Context, input: CreateOrganization): Promise<OrganizationRow> {
  permit(ctx, 'organization.create')
  const wanted = parseInput(CreateOrganization, input)
  return inTransaction(ctx, async (ctx) => {
    const [row] = await ctx.tx
      .insert(organizations)
      .values({ id: ctx.newId(), ...wanted, createdAt: ctx.clock() })
      .returning()
    await record(ctx, 'organization.create', row!.id, { kind: wanted.kind })
    await emit(ctx, 'organization.created', row!.id, row!.id, { kind: wanted.kind })
    return row!
  })
}
