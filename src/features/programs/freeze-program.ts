import type { Context } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import type { FlaggedProgram } from './flag-programs.ts'
import { moveProgram, type ProgramVersion } from './move-program.ts'

/**
 * Stops a program from paying for anything new, for the time being. What it pays for already goes on.
 * @throws Refusal `state_conflict` when it is not open.
 */
export async function freezeProgram(ctx: Context, wanted: ProgramVersion): Promise<FlaggedProgram> {
  permit(ctx, 'program.freeze')
  return moveProgram(ctx, 'freeze', wanted)
}
