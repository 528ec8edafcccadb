import { and, desc, eq, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { offerings } from '../catalog/tables.ts'
import { withheldWays } from '../catalog/withheld-ways.ts'
import { permit } from '../identity/permissions.ts'
import { type Facts, type Rule, traceRule } from '../policies/eligibility.ts'
import { programs } from '../programs/tables.ts'
import type { NeedRow } from '../residents/register-need.ts'
import { type Excluded, excludedAmong } from './barriers.ts'
import { closestReason } from './explain-needs.ts'
import { namesIn } from './explain-run-need.ts'
import type { NeedExplanation } from './explanation-schemas.ts'
import { explanationSentence } from './explanation-sentence.ts'
import type { MatchRow } from './get-run.ts'
import { findAmongAll } from './instant/find-options.ts'
import { readAsking } from './instant/read-asking.ts'
import { optionsAmong } from './options.ts'
import type { Explanation, UnmetReason } from './schemas.ts'
import { matches, matchRuns, runNeeds } from './tables.ts'
import { withAllParts } from './utility.ts'

/**
 * Why a need was met or not, and what single change would have met it; of a need that waits, what there is for it now.
 * @throws Refusal `not_found`, also for a need of another partner's resident.
 */
export async function getExplanation(ctx: Context, needId: string): Promise<NeedExplanation> {
  permit(ctx, 'explanation.read')
  const { row, resident } = await readAsking(ctx, needId)
  const { explanation, basis, runId, match } = await foundFor(ctx, row)
  const { option, runnerUp } = explanation
  const told = [match, option, runnerUp].flatMap((one) => one?.offeringId ?? [])
  const withheld = await withheldWays(ctx, told)
  const names = { ...(await namesIn(ctx, [explanation])), withheld }
  const inWords = (language: keyof NeedExplanation['sentences']) =>
    explanationSentence(explanation, names, language)
  return {
    needId,
    state: row.state,
    basis,
    runId,
    explanation: tellable(explanation, withheld),
    match: match && heldOf(match, withheld),
    trace: await traceOf(ctx, option, resident.facts),
    sentences: { en: inWords('en'), 'zh-Hant': inWords('zh-Hant'), 'zh-Hans': inWords('zh-Hans') },
  }
}

interface Found extends Pick<NeedExplanation, 'basis' | 'runId' | 'explanation'> {
  match: MatchRow | null
}

async function foundFor(ctx: Context, need: NeedRow): Promise<Found> {
  const [match = null] = await query(ctx)
    .select()
    .from(matches)
    .where(and(eq(matches.needId, need.id), inArray(matches.state, ['proposed', 'approved'])))
  if (match?.origin === 'backfill') {
    return { basis: 'backfill', runId: match.runId, explanation: takenAs('backfilled', match), match }
  }
  if (match && match.runId === null) {
    return { basis: 'booking', runId: null, explanation: takenAs('booked', match), match }
  }
  const said = await lastRunOn(ctx, need.id)
  // A match that was excluded or given back is no answer any more: the need waits again.
  if (said && (match !== null || said.explanation.outcome === 'unmet') && need.state !== 'in_run') {
    return { basis: 'run', runId: said.runId, explanation: said.explanation, match }
  }
  return { basis: 'now', runId: null, explanation: await explainNow(ctx, need.id), match }
}

async function lastRunOn(ctx: Context, needId: string) {
  const [row] = await query(ctx)
    .select({ runId: runNeeds.runId, explanation: runNeeds.explanation })
    .from(runNeeds)
    .innerJoin(matchRuns, eq(matchRuns.id, runNeeds.runId))
    .where(and(eq(runNeeds.needId, needId), inArray(matchRuns.state, ['proposed', 'returned', 'approved'])))
    .orderBy(desc(runNeeds.runId))
    .limit(1)
  return row
}

function takenAs(outcome: Explanation['outcome'], { offeringId, programId, utility }: MatchRow): Explanation {
  return {
    ...NOTHING,
    outcome,
    option: { offeringId, programId, utility },
  }
}

const NOTHING = {
  reason: null,
  considered: 0,
  ruledOut: {},
  option: null,
  runnerUp: null,
  change: null,
} as const satisfies Partial<Explanation>

/** The best options at this moment; where there are none, the one that a single change would make. */
async function explainNow(ctx: Context, needId: string): Promise<Explanation> {
  const { found, candidates } = await findAmongAll(ctx, needId)
  const { market, asking } = found
  const { need, resident } = asking
  const { offerings: near, outOfSight } = candidates
  const { options, ruledOut } = optionsAmong(market, need, resident, near, outOfSight)
  const waiting = { ...NOTHING, outcome: 'waiting', considered: options.length, ruledOut } as const
  const [best, second] = options.map(({ offering, program, utility }) => ({
    offeringId: offering.id,
    programId: program?.id ?? null,
    utility,
  }))
  if (best) return { ...waiting, option: best, runnerUp: second ?? null }
  const reason = closestReason(ruledOut)
  const nearest = nearestOf(excludedAmong(market, need, resident, near), reason)
  if (!nearest) return { ...waiting, reason }
  const { offering, program, utility } = nearest.alone
  const { kind, accountId, programId, by, fact } = nearest.barrier
  const option = { offeringId: offering.id, programId: program?.id ?? null, utility }
  return { ...waiting, reason, option, change: { kind, accountId, programId, by, fact } }
}

/** The offering that one change alone would make an option: of the given reason, if one is, and asking for least. */
function nearestOf(excluded: readonly Excluded[], reason: UnmetReason) {
  const near = excluded.flatMap(({ barriers, alone }) => (alone ? [{ barrier: barriers[0]!, alone }] : []))
  const isOther = ({ barrier }: (typeof near)[number]) => (barrier.reason === reason ? 0 : 1)
  near.sort(
    (a, b) =>
      isOther(a) - isOther(b) ||
      (a.barrier.by ?? 1) - (b.barrier.by ?? 1) ||
      b.alone.utility - a.alone.utility,
  )
  return near[0]
}

function heldOf(
  { id, offeringId, price, subsidy, copayment, utility, parts }: MatchRow,
  withheld: ReadonlySet<string>,
): NonNullable<NeedExplanation['match']> {
  const terms = { matchId: id, price, subsidy, copayment }
  if (withheld.has(offeringId)) return { ...terms, utility: null, parts: null }
  return { ...terms, utility, parts: withAllParts(parts) }
}

/** Without the figures that tell how long a way is: what the options are worth, and how much longer it would have to be. */
function tellable(explanation: Explanation, withheld: ReadonlySet<string>): Explanation {
  const { option, runnerUp, change } = explanation
  const told = (one: Explanation['option']) =>
    one && withheld.has(one.offeringId) ? { ...one, utility: null } : one
  const isWay = option !== null && withheld.has(option.offeringId) && change?.kind === 'reach'
  return {
    ...explanation,
    option: told(option),
    runnerUp: told(runnerUp),
    change: change && isWay ? { ...change, by: null } : change,
  }
}

/** The rules of what the explanation names, comparison by comparison. */
async function traceOf(
  ctx: Context,
  option: Explanation['option'],
  facts: Facts,
): Promise<NeedExplanation['trace']> {
  if (!option) return []
  const { offeringId, programId } = option
  const [offering] = await query(ctx)
    .select({ rule: offerings.eligibility })
    .from(offerings)
    .where(eq(offerings.id, offeringId))
  const [program] = programId
    ? await query(ctx).select({ rule: programs.eligibility }).from(programs).where(eq(programs.id, programId))
    : []
  return [
    ...comparisons('offering', offeringId, offering?.rule ?? null, facts),
    ...comparisons('program', programId ?? '', program?.rule ?? null, facts),
  ]
}

function comparisons(
  of: 'offering' | 'program',
  objectId: string,
  rule: Rule | null,
  facts: Facts,
): NeedExplanation['trace'] {
  if (!rule) return []
  const hant = traceRule(rule, facts, 'zh-Hant')
  const hans = traceRule(rule, facts, 'zh-Hans')
  return traceRule(rule, facts).map(({ fact, verdict, sentence }, at) => {
    const sentences = { en: sentence, 'zh-Hant': hant[at]!.sentence, 'zh-Hans': hans[at]!.sentence }
    return { of, objectId, fact, verdict, sentences }
  })
}
