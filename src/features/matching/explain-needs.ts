/** Why each need of a run was met or not, from the run's final prices: data, no sentences. */
import type { Counterfactual } from '../../engine/counterfactual.ts'
import type { OptionView, UnmetOption } from '../../engine/explain.ts'
import { lot } from '../../engine/random.ts'
import type { BuiltProblem } from './build-problem.ts'
import type { Option } from './options.ts'
import type { Explanation, UnmetReason } from './schemas.ts'
import type { SolvedRun } from './solve-run.ts'

export interface ExplainedNeed {
  needId: string
  explanation: Explanation
}

type Entry = BuiltProblem['needs'][number]

/** Reasons by how close an offering came to being an option: the closest one is the need's reason. */
const CLOSEST_FIRST: readonly UnmetReason[] = [
  'over_wallet',
  'fund_exhausted',
  'no_capacity',
  'no_eligible_offering',
  'data_incomplete',
  'consent_missing',
  'out_of_reach',
  'no_offering',
]

/**
 * Unmet needs whose change is verified by re-solving, a few milliseconds each; the others' says what fits as things
 * stand.
 */
const VERIFIED_AT_MOST = 2000

/** One explanation per need, in the problem's order. */
export function explainNeeds(
  built: BuiltProblem,
  solved: Pick<SolvedRun, 'choice' | 'explain' | 'counterfactual'>,
  verifiedAtMost = VERIFIED_AT_MOST,
): ExplainedNeed[] {
  const verified = worthVerifying(built, solved.choice, verifiedAtMost)
  return built.needs.map((entry, index) => {
    const view = solved.explain(index)
    const explanation = view.met
      ? explainMatch(built, entry, view.chosen, view.runnerUp)
      : explainUnmet(
          built,
          entry,
          view.options,
          verified.has(index) ? solved.counterfactual(index) : undefined,
        )
    return { needId: entry.need.id, explanation }
  })
}

/** The unmet needs with most at stake; of equals, the lot decides. */
function worthVerifying({ problem }: BuiltProblem, choice: Int32Array, most: number): Set<number> {
  const unmet = [...choice.keys()].filter((need) => choice[need]! < 0)
  if (unmet.length <= most) return new Set(unmet)
  const stake = new Map(unmet.map((need) => [need, mostUtility(problem, need)]))
  unmet.sort((a, b) => stake.get(b)! - stake.get(a)! || lot(1, a) - lot(1, b))
  return new Set(unmet.slice(0, most))
}

function mostUtility({ needOptions, utilities }: BuiltProblem['problem'], need: number): number {
  let most = 0
  for (let option = needOptions[need]!; option < needOptions[need + 1]!; option++) {
    most = Math.max(most, utilities[option]!)
  }
  return most
}

function explainMatch(
  built: BuiltProblem,
  { found }: Entry,
  chosen: OptionView,
  runnerUp: OptionView | undefined,
): Explanation {
  return {
    outcome: 'matched',
    reason: null,
    considered: found.options.length,
    ruledOut: found.ruledOut,
    option: named(built, chosen),
    runnerUp: runnerUp ? named(built, runnerUp) : null,
    change: null,
  }
}

function explainUnmet(
  built: BuiltProblem,
  entry: Entry,
  options: readonly UnmetOption[],
  answer: Counterfactual | undefined,
): Explanation {
  const best = options[0]
  const { option, change } = answer ? verifiedChange(options, answer) : fittingChange(options)
  const missed = option ?? best
  return {
    outcome: 'unmet',
    reason: best ? reasonOf(built, entry, best) : closest(entry),
    considered: options.length,
    ruledOut: entry.found.ruledOut,
    option: missed ? named(built, missed) : null,
    runnerUp: null,
    change: change ? { ...accountOf(built, entry, change), by: change.by } : null,
    verified: answer !== undefined || options.length === 0,
  }
}

type NamedChange = Pick<UnmetOption, 'change'> & { option?: UnmetOption | undefined }

function verifiedChange(options: readonly UnmetOption[], answer: Counterfactual): NamedChange {
  if (answer.outcome === 'none') return {}
  return { option: options.find(({ option }) => option === answer.option), change: answer.change }
}

/** The best-priced option that one account alone keeps from fitting. */
function fittingChange(options: readonly UnmetOption[]): NamedChange {
  const option = options.find(({ change }) => change)
  return option?.change ? { option, change: option.change } : {}
}

function reasonOf(built: BuiltProblem, entry: Entry, best: UnmetOption): UnmetReason {
  const kinds = new Set(best.blockers.map((blocker) => accountOf(built, entry, blocker).kind))
  if (kinds.has('wallet')) return 'over_wallet'
  if (kinds.has('fund') || kinds.has('subsidy_cap')) return 'fund_exhausted'
  return 'outranked'
}

function closest({ found }: Entry): UnmetReason {
  return CLOSEST_FIRST.find((reason) => found.ruledOut[reason]) ?? 'no_offering'
}

function named(built: BuiltProblem, view: OptionView): NonNullable<Explanation['option']> {
  const { offering, program, utility } = built.options[view.option] as Option
  return { offeringId: offering.id, programId: program?.id ?? null, utility }
}

type Change = NonNullable<Explanation['change']>

function accountOf(
  built: BuiltProblem,
  { resident }: Entry,
  { kind, account }: { kind: 'shared' | 'private'; account: number },
): Pick<Change, 'kind' | 'accountId'> {
  if (kind === 'shared')
    return { kind: built.kindOfAccount[account]!, accountId: built.problem.names.accounts[account]! }
  const isWallet = built.problem.names.privateAccounts.at(account) === 'wallet'
  return isWallet
    ? { kind: 'wallet', accountId: resident.wallet?.accountId ?? null }
    : { kind: 'subsidy_cap', accountId: null }
}
