import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import type { ProgramRow } from './create-program.ts'
import { type FlaggedProgram, flagProgram } from './flag-programs.ts'
import { reachProgram } from './get-program.ts'
import { nextProgramState, type ProgramEvent } from './program-lifecycle.ts'
import { programs } from './tables.ts'

/** A program, and the version of it that the change was decided on. */
export interface ProgramVersion {
  id: string
  expectedVersion: number
}

/** What a move does besides: columns it sets, facts for the audit log, and whom else it concerns. */
interface Besides {
  set?: Partial<ProgramRow>
  facts?: Record<string, string | number | null>
  audience?: string[]
}

/** What the events call a move. */
const HAPPENED = {
  submit: 'program.submitted',
  approve: 'program.approved',
  open: 'program.opened',
  freeze: 'program.frozen',
  thaw: 'program.thawed',
  close: 'program.closed',
} as const

/**
 * Moves a program that the actor reaches to its next state; the verbs that call it ask for permission.
 * @param before what else must hold and be done first.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict`, and whatever `before` throws.
 */
export function moveProgram(
  ctx: Context,
  event: Exclude<ProgramEvent, 'revise'>,
  { id, expectedVersion }: ProgramVersion,
  before: (ctx: TransactionContext, program: ProgramRow) => Promise<Besides> = async () => ({}),
): Promise<FlaggedProgram> {
  return inTransaction(ctx, async (ctx) => {
    const program = await reachProgram(ctx, id)
    requireVersion(program, expectedVersion)
    const state = nextProgramState(event, program.state)
    const { set = {}, facts = {}, audience = [] } = await before(ctx, program)
    const [row] = await ctx.tx
      .update(programs)
      .set({ ...set, state, version: sql`${programs.version} + 1` })
      .where(eq(programs.id, id))
      .returning()
    await record(ctx, `program.${event}`, id, facts)
    await emit(ctx, HAPPENED[event], id, [program.organizationId, ...audience])
    return flagProgram(ctx, row!)
  })
}
