import type { Context } from '../../platform/context.ts'
import { secondBodyOf } from '../identity/bodies.ts'
import { permit } from '../identity/permissions.ts'
import type { FlaggedProgram } from './flag-programs.ts'
import { moveProgram, type ProgramVersion } from './move-program.ts'

/**
 * Puts a draft before those who approve, as it stands; a second body that has to is told.
 * @throws Refusal `state_conflict` when it is no draft.
 */
export async function submitProgram(ctx: Context, wanted: ProgramVersion): Promise<FlaggedProgram> {
  permit(ctx, 'program.submit')
  return moveProgram(ctx, 'submit', wanted, async (ctx, { organizationId, budget, currency }) => {
    const second = await secondBodyOf(ctx, organizationId)
    return { facts: { budget, currency }, audience: second ? [second] : [] }
  })
}
