import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type Sandbox, type TransactionContext } from '../../platform/context.ts'
import { afterCommit } from '../../platform/db/client.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { nudge } from '../../platform/jobs/nudges.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { ClockTime } from './get-clock.ts'
import { turnTo } from './open-sandbox.ts'
import { TurnClock } from './schemas.ts'
import { sandboxClock } from './tables.ts'

/** Months and keys are counted in years of four digits. */
const LAST = new Date('2200-01-01T00:00:00Z')

/**
 * Turns the clock of a sandbox forward, for everybody: jobs that are due by then start, and time never runs backwards.
 * @throws Refusal `not_found` outside a sandbox, `invalid_input` for an instant that is before the sandbox's, and for
 *   the year 2200 or later.
 */
export async function turnClock(ctx: Context, input: TurnClock): Promise<ClockTime> {
  permit(ctx, 'clock.turn')
  const sandbox = found(ctx.sandbox, 'clock')
  const wanted = parseInput(TurnClock, input)
  return inTransaction(ctx, async (ctx) => {
    const ahead = await lockAhead(ctx)
    const machine = ctx.clock().getTime() - sandbox.aheadMs
    const aheadMs = aheadAfter(wanted, machine, ahead)
    await ctx.tx.update(sandboxClock).set({ aheadMs })
    await record(ctx, 'clock.turn', ctx.newId(), { aheadMs })
    await emit(ctx, 'clock.turned', ctx.newId(), ctx.actor.organizationId, { aheadMs })
    afterCommit(() => applyTurn(ctx, sandbox, aheadMs))
    return { now: new Date(machine + aheadMs), aheadMs }
  })
}

function applyTurn(ctx: Context, sandbox: Sandbox, aheadMs: number): void {
  turnTo(sandbox, aheadMs)
  nudge(ctx.db)
}

/** What the database says, which another process may have turned since, with its row locked. */
async function lockAhead(ctx: TransactionContext): Promise<number> {
  await ctx.tx.insert(sandboxClock).values({ aheadMs: 0 }).onConflictDoNothing()
  const [row] = await ctx.tx.select().from(sandboxClock).for('update')
  return row!.aheadMs
}

function aheadAfter({ advanceSeconds, now }: TurnClock, machine: number, ahead: number): number {
  const path = [now === undefined ? 'advanceSeconds' : 'now']
  const aheadMs = now === undefined ? ahead + (advanceSeconds ?? 0) * 1000 : new Date(now).getTime() - machine
  if (aheadMs < ahead) {
    const message = `is before the sandbox’s now, ${new Date(machine + ahead).toISOString()}`
    throw invalidInput([{ path, message }])
  }
  if (machine + aheadMs >= LAST.getTime()) {
    throw invalidInput([{ path, message: `leads beyond ${LAST.toISOString()}` }])
  }
  return aheadMs
}
