import type { Context } from '../../platform/context.ts'
import { openAccount } from '../../platform/ledger/accounts.ts'
import { permit } from '../identity/permissions.ts'
import type { FlaggedProgram } from './flag-programs.ts'
import { moveProgram, type ProgramVersion } from './move-program.ts'

/**
 * Opens an approved program: its budget becomes a fund account, and runs may draw on it.
 * @throws Refusal `state_conflict` when it is not approved.
 */
export async function openProgram(ctx: Context, wanted: ProgramVersion): Promise<FlaggedProgram> {
  permit(ctx, 'program.open')
  return moveProgram(ctx, 'open', wanted, async (ctx, { id, period, currency, budget }) => {
    const fund = await openAccount(ctx, { kind: 'fund', ownerId: id, period, unit: currency }, budget)
    return { set: { fundAccountId: fund.id }, facts: { fundAccountId: fund.id, budget, currency } }
  })
}
