import { sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { MOST_LISTED, type RunComparison } from './comparison-schemas.ts'
import { getRun } from './get-run.ts'
import { isSolved } from './require-snapshot.ts'
import type { RunRow } from './start-run.ts'

type Compared = Pick<RunComparison, 'onlyHere' | 'onlyThere' | 'moved' | 'same'>

/**
 * Two runs side by side, as they were solved: what came out, and whose needs one met and the other did not.
 * @throws Refusal `not_found` where either is beyond the actor's reach, `state_conflict` where one is not solved.
 */
export async function compareRuns(ctx: Context, runId: string, otherId: string): Promise<RunComparison> {
  permit(ctx, 'run.read')
  const [run, other] = [await getRun(ctx, runId), await getRun(ctx, otherId)]
  return { run: figuresOf(run), other: figuresOf(other), ...(await compareNeeds(ctx, runId, otherId)) }
}

function figuresOf({ id: runId, policyId, period, state, result }: RunRow): RunComparison['run'] {
  // Of a run that was given up after it had been solved, the evidence is gone.
  if (!result || !isSolved(state))
    throw new Refusal('state_conflict', 'Only runs that are solved can be compared.')
  const { needs, matched, value, bound, gap, byTier, byCategory, byIncomeClass, funds, floors } = result
  const figures = { needs, matched, value, bound, gap, byTier, byCategory, byIncomeClass, funds }
  return { runId, policyId, period, ...figures, ...(floors && { floors }) }
}

/** By the evidence of each run, which stays as it was solved whatever reviewers and residents made of its matches. */
async function compareNeeds(ctx: Context, runId: string, otherId: string): Promise<Compared> {
  const met = (id: string) => sql`select need_id, explanation -> 'option' ->> 'offeringId' as offering_id
    from run_needs where run_id = ${id} and reason is null`
  const { rows } = (await query(ctx).execute(sql`
    with compared as (
      select need_id, case
        when there.offering_id is null then 'onlyHere'
        when here.offering_id is null then 'onlyThere'
        when here.offering_id <> there.offering_id then 'moved'
        else 'same' end as kind
      from (${met(runId)}) here full join (${met(otherId)}) there using (need_id)
    )
    select kind, count(*)::int as count,
      (array_agg(need_id order by need_id))[1:${sql.raw(String(MOST_LISTED))}] as "needIds"
    from compared group by kind`)) as unknown as {
    rows: { kind: keyof Compared; count: number; needIds: string[] }[]
  }
  const none = () => ({ count: 0, needIds: [] })
  const compared: Compared = { onlyHere: none(), onlyThere: none(), moved: none(), same: none() }
  for (const { kind, count, needIds } of rows) compared[kind] = { count, needIds }
  return compared
}
