import { eq, inArray, or } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { invalidInput } from '../../platform/http/router.ts'
import type { OrganizationRow } from './flag-organizations.ts'
import { organizations } from './tables.ts'

type Bodies = Pick<OrganizationRow, 'id' | 'kind' | 'bodyId' | 'secondBodyId'>

/**
 * Makes sure that a body has parts and parts have none, and that a second body is a purchaser of another body. The
 * triggers of `organizations` are what keeps it so; this explains their refusals.
 * @throws Refusal `invalid_input` with a pointer to the field.
 */
export async function requireBodies(ctx: TransactionContext, wanted: Bodies): Promise<void> {
  const rows = await related(ctx, wanted)
  const flaw = flawOfBody(rows, wanted)
  if (flaw) throw invalidInput([{ path: ['bodyId'], message: flaw }])
  requireOtherThan(rows, wanted)
}

/** The organizations that it names, its parts, and those it is the second body of. */
function related(ctx: TransactionContext, { id, bodyId, secondBodyId }: Bodies): Promise<OrganizationRow[]> {
  const named = [id, bodyId, secondBodyId].filter((one) => one !== null)
  const { id: ownId, bodyId: bodyOf, secondBodyId: secondOf } = organizations
  return ctx.tx
    .select()
    .from(organizations)
    .where(or(inArray(ownId, named), eq(bodyOf, id), eq(secondOf, id)))
}

function flawOfBody(rows: readonly OrganizationRow[], { id, bodyId }: Bodies): string | null {
  if (bodyId === null) return null
  const body = rows.find((row) => row.id === bodyId)
  if (!body) return 'there is no such organization'
  if (bodyId === id) return 'an organization is no part of itself: send null for a body of its own'
  if (body.bodyId !== null) return 'it is a part of a body itself: name the body'
  return rows.some((row) => row.bodyId === id) ? 'this organization has parts itself' : null
}

function requireOtherThan(
  rows: readonly OrganizationRow[],
  { id, kind, bodyId, secondBodyId }: Bodies,
): void {
  const own = bodyId ?? id
  const bodyOf = (row: OrganizationRow) => row.bodyId ?? row.id
  const flaw = (message: string) => invalidInput([{ path: ['secondBodyId'], message }])
  if (rows.some((row) => row.secondBodyId === id && row.id !== id && bodyOf(row) === own)) {
    throw flaw('this organization is the second body of one that it would be of the same body as')
  }
  if (secondBodyId === null) return
  if (kind !== 'purchaser') throw flaw('only a purchaser has a second body')
  const second = rows.find((row) => row.id === secondBodyId)
  if (second?.kind !== 'purchaser') throw flaw('there is no such purchaser')
  if (second.id === id || bodyOf(second) === own) throw flaw('it is of the same body')
}
