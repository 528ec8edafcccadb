import type { Context, TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { lockAccount } from '../../platform/ledger/accounts.ts'
import { permit } from '../identity/permissions.ts'
import type { ProgramRow } from './create-program.ts'
import type { FlaggedProgram } from './flag-programs.ts'
import { moveProgram, type ProgramVersion } from './move-program.ts'

/**
 * Closes a program for good, once nothing is held of its fund.
 * @throws Refusal `state_conflict` when it is not open or frozen, or when something is held still: how much is in its facts.
 */
export async function closeProgram(ctx: Context, wanted: ProgramVersion): Promise<FlaggedProgram> {
  permit(ctx, 'program.close')
  return moveProgram(ctx, 'close', wanted, async (ctx, program) => {
    const { spent } = await requireNothingHeld(ctx, program)
    return { facts: { budget: program.budget, spent } }
  })
}

async function requireNothingHeld(ctx: TransactionContext, { fundAccountId }: ProgramRow) {
  const fund = await lockAccount(ctx, fundAccountId!)
  const { held, spent } = fund
  if (held === 0) return fund
  const sentence = 'Services that it pays for are under way: something of its fund is held.'
  throw new Refusal('state_conflict', sentence, { facts: { held, spent } })
}
