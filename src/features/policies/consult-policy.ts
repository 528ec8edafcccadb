import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { DAY_MS } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { everybody } from './everybody.ts'
import { type PolicyRow, reachPolicy } from './get-policy.ts'
import { nextPolicyState } from './policy-lifecycle.ts'
import { ConsultPolicy } from './schemas.ts'
import { policies } from './tables.ts'

/** A window shorter than a day is none, and after a year nobody remembers the question. */
const SHORTEST_MS = DAY_MS
const LONGEST_MS = 366 * DAY_MS

/**
 * Puts a draft before everybody, for comments and votes between two dates. It does not change any more.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` for what is no draft any more, `invalid_input`
 *   for a window that has begun, or is shorter than a day or longer than a year.
 */
export async function consultPolicy(
  ctx: Context,
  { id, expectedVersion, ...input }: ConsultPolicy & { id: string; expectedVersion: number },
): Promise<PolicyRow> {
  permit(ctx, 'policy.consult')
  const window = windowOf(parseInput(ConsultPolicy, input), ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    const policy = await reachPolicy(ctx, id)
    requireVersion(policy, expectedVersion)
    const state = nextPolicyState('consult', policy.state)
    const [row] = await ctx.tx
      .update(policies)
      .set({ state, ...window, version: sql`${policies.version} + 1` })
      .where(eq(policies.id, id))
      .returning()
    const { number } = policy
    const from = window.consultedFrom.toISOString()
    const until = window.consultedUntil.toISOString()
    await record(ctx, 'policy.consult', id, { number, from, until })
    await emit(ctx, 'policy.consulted', id, await everybody(ctx), { number, from, until })
    return row!
  })
}

/** @throws Refusal `invalid_input`. */
function windowOf(input: { from?: string | undefined; until: string }, now: Date) {
  const from = input.from === undefined ? now : new Date(input.from)
  const until = new Date(input.until)
  const flaw = (field: string, message: string) => invalidInput([{ path: [field], message }])
  if (from < now) throw flaw('from', 'is over')
  const length = until.getTime() - from.getTime()
  if (length < SHORTEST_MS) throw flaw('until', 'leaves less than a day')
  if (length > LONGEST_MS) throw flaw('until', 'is more than a year away')
  return { consultedFrom: from, consultedUntil: until }
}
