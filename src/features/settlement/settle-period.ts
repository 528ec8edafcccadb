import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import {
  releaseBundles,
  revertCommits,
  settleCommits,
  unsettleCommits,
} from '../../platform/ledger/post-transfers.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { reachProgram } from '../programs/get-program.ts'
import { clearSettled } from '../referrals/clear-settled.ts'
import { markSettled } from '../referrals/mark-settled.ts'
import { GOES_ON } from '../referrals/settle-dispute.ts'
import { type DueRow, lockDue } from './due-deliveries.ts'
import { requireClosable } from './require-closable.ts'
import { SettlePeriod } from './schemas.ts'
import { type SettlementRow, writeStatements } from './write-statements.ts'

/**
 * Closes a program's month: every delivery before its end that no settlement has paid for goes into its provider's
 * statement, those recorded too late for earlier months among them, and what was paid for and annulled since is
 * taken back. All of it or nothing; what is settled never changes again.
 * @throws Refusal `not_found` for a program beyond the actor's reach, `duty_conflict` for who created, approved or
 *   supervises it, `duplicate` for a month that is settled, `state_conflict` for one that is not over, that comes before
 *   a settled one, has open disputes, or comes after a month with deliveries that waits to be settled.
 */
export async function settlePeriod(ctx: Context, input: SettlePeriod): Promise<SettlementRow> {
  const { programId, period } = parseInput(SettlePeriod, input)
  return attempted(ctx, { action: 'period.settle', objectId: programId }, async (ctx) => {
    permit(ctx, 'period.settle')
    const program = await reachProgram(ctx, programId)
    await assumeDuty(ctx, programId, 'settle')
    const end = await requireClosable(ctx, program, period)
    const due = await lockDue(ctx, programId, end)
    const settlement = await writeStatements(ctx, program, { period, due })
    await pay(ctx, due.deliveries)
    await takeBack(ctx, due.corrections, settlement.id)
    const { id, price, subsidy, copayment } = settlement
    const counts = { deliveries: due.deliveries.length, corrections: due.corrections.length }
    await record(ctx, 'period.settle', id, { programId, period, ...counts, price, subsidy, copayment })
    const providers = [...due.deliveries, ...due.corrections].map(({ providerId }) => providerId)
    await emit(ctx, 'period.settled', id, [program.organizationId, ...new Set(providers)], {
      programId,
      period,
    })
    return settlement
  })
}

async function pay(ctx: TransactionContext, deliveries: readonly DueRow[]): Promise<void> {
  await settleCommits(ctx, deliveries.map(commitOf))
  const ids = deliveries.map(({ id }) => id)
  await markSettled(ctx, ids, ctx.clock())
}

/** What a referral that is over gets back is free; what goes on may deliver it once more. */
async function takeBack(
  ctx: TransactionContext,
  corrections: readonly DueRow[],
  settlementId: string,
): Promise<void> {
  const commits = corrections.map(commitOf)
  const over = corrections.filter(({ status }) => !GOES_ON.includes(status))
  await unsettleCommits(ctx, commits)
  await revertCommits(ctx, commits)
  await releaseBundles(ctx, [...new Set(over.map(({ matchId }) => matchId))], settlementId)
  const ids = corrections.map(({ id }) => id)
  await clearSettled(ctx, ids)
}

const commitOf = ({ id, matchId }: DueRow) => ({ bundleId: matchId, key: id })
