import type { Context } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'

export interface ClockTime {
  now: Date
  /** How far it is ahead of the machine's clock. */
  aheadMs: number
}

/** @throws Refusal `not_found` outside a sandbox. */
export async function getClock(ctx: Context): Promise<ClockTime> {
  permit(ctx, 'clock.read')
  const { aheadMs } = found(ctx.sandbox, 'clock')
  return { now: ctx.clock(), aheadMs }
}
