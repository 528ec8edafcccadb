import { attempted } from '../../platform/audit/attempted.ts'
import type { Context } from '../../platform/context.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import type { FlaggedProgram } from './flag-programs.ts'
import { reachProgram } from './get-program.ts'
import { moveProgram, type ProgramVersion } from './move-program.ts'

/**
 * The second person's yes to a submitted program; where the purchasing body also provides, a second body's.
 * @throws Refusal `duty_conflict` for the person who drafted it and for a body that would approve for itself,
 *   `state_conflict` when it is not submitted.
 */
export function approveProgram(ctx: Context, wanted: ProgramVersion): Promise<FlaggedProgram> {
  const { id } = wanted
  return attempted(ctx, { action: 'program.approve', objectId: id }, async (ctx) => {
    permit(ctx, 'program.approve')
    await reachProgram(ctx, id)
    await assumeDuty(ctx, id, 'approve')
    return moveProgram(ctx, 'approve', wanted, async (_ctx, { budget, currency }) => ({
      facts: { budget, currency },
    }))
  })
}
