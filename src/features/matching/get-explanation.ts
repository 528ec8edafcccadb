import { and, desc, eq, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { offerings } from '../catalog/tables.ts'
import { permit } from '../identity/permissions.ts'
import { type Facts, type Rule, traceRule } from '../policies/eligibility.ts'
import { programs } from '../programs/tables.ts'
import type { NeedRow } from '../residents/register-need.ts'
import { closestReason } from './explain-needs.ts'
import { namesIn } from './explain-run-need.ts'
import type { NeedExplanation } from './explanation-schemas.ts'
import { explanationSentence } from './explanation-sentence.ts'
import type { MatchRow } from './get-run.ts'
import { findAmongAll } from './instant/find-options.ts'
import { readAsking } from './instant/read-asking.ts'
import { nearOptions } from './near-options.ts'
import { optionsAmong } from './options.ts'
import type { Explanation } from './schemas.ts'
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
  const names = await namesIn(ctx, [explanation])
  const inWords = (language: keyof NeedExplanation['sentences']) =>
    explanationSentence(explanation, names, language)
  return {
    needId,
    state: row.state,
    basis,
    runId,
    explanation,
    match: match && heldOf(match),
    trace: await traceOf(ctx, explanation.option, resident.facts),
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
  if (match && match.runId === null) {
    return { basis: 'booking', runId: null, explanation: bookedAs(match), match }
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
    .where(and(eq(runNeeds.needId, needId), inArray(matchRuns.state, ['proposed', 'approved'])))
    .orderBy(desc(runNeeds.runId))
    .limit(1)
  return row
}

function bookedAs({ offeringId, programId, utility }: MatchRow): Explanation {
  return {
    ...NOTHING,
    outcome: 'booked',
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
  const [nearest] = nearOptions(market, need, resident, near)
  const reason = closestReason(ruledOut)
  if (!nearest) return { ...waiting, reason }
  const { offering, program, utility } = nearest.option
  const { kind, accountId, programId, by, fact } = nearest.barrier
  const option = { offeringId: offering.id, programId: program?.id ?? null, utility }
  return { ...waiting, reason, option, change: { kind, accountId, programId, by, fact } }
}

function heldOf({
  id,
  price,
  subsidy,
  copayment,
  utility,
  parts,
}: MatchRow): NonNullable<NeedExplanation['match']> {
  return { matchId: id, price, subsidy, copayment, utility, parts: withAllParts(parts) }
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
