import type { Context } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import type { FlaggedProgram } from './flag-programs.ts'
import { moveProgram, type ProgramVersion } from './move-program.ts'

/**
 * Lets a frozen program pay for new things again.
 * @throws Refusal `state_conflict` when it is not frozen.
 */
export async function thawProgram(ctx: Context, wanted: ProgramVersion): Promise<FlaggedProgram> {
  permit(ctx, 'program.thaw')
  return moveProgram(ctx, 'thaw', wanted)
}
