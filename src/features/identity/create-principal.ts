import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from './permissions.ts'
import { CreatePrincipal } from './schemas.ts'
import { organizations, principals } from './tables.ts'

export type PrincipalRow = typeof principals.$inferSelect

/**
 * Adds a person or an app to an organization.
 * @throws Refusal `not_found` for the organization, `invalid_input` when the role does not fit its kind.
 */
export async function createPrincipal(
  ctx: Context,
  { organizationId, ...input }: CreatePrincipal,
): Promise<PrincipalRow> {
  permit(ctx, 'principal.create')
  const wanted = parseInput(CreatePrincipal, input)
  return inTransaction(ctx, async (ctx) => {
    const [organization] = await ctx.tx
      .select()
      .from(organizations)
      .where(eq(organizations.id, organizationId))
    const { kind } = found(organization, 'organization')
    if (wanted.role.split('.')[0] !== kind) {
      throw new Refusal(
        'invalid_input',
        `The role ${wanted.role} does not fit an organization of kind ${kind}.`,
        {
          errors: [{ pointer: '/role', message: `does not fit an organization of kind ${kind}` }],
        },
      )
    }
    const [row] = await ctx.tx
      .insert(principals)
      .values({ id: ctx.newId(), organizationId, organizationKind: kind, ...wanted, createdAt: ctx.clock() })
      .returning()
    await record(ctx, 'principal.create', row!.id, { organizationId, role: wanted.role })
    await emit(ctx, 'principal.created', row!.id, organizationId, { role: wanted.role })
    return row!
  })
}
