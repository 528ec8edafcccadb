/** Why each need of a run was met or not, from the run's final prices: data, no sentences. */
import { createExplainer, type OptionView, type UnmetOption } from '../../engine/explain.ts'
import { rowsOf } from '../../engine/problem.ts'
import type { Solution } from '../../engine/solve.ts'
import type { BuiltProblem } from './build-problem.ts'
import type { Option } from './options.ts'
import type { Explanation, UnmetReason } from './schemas.ts'

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

/** One explanation per need, in the problem's order. */
export function explainNeeds(built: BuiltProblem, solution: Solution): ExplainedNeed[] {
  const explain = createExplainer(rowsOf(built.problem), solution)
  return built.needs.map((entry, index) => {
    const view = explain(index)
    const explanation = view.met
      ? explainMatch(built, entry, view.chosen, view.runnerUp)
      : explainUnmet(built, entry, view.options)
    return { needId: entry.need.id, explanation }
  })
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

function explainUnmet(built: BuiltProblem, entry: Entry, options: readonly UnmetOption[]): Explanation {
  const best = options[0]
  const open = options.find((option) => option.change)
  return {
    outcome: 'unmet',
    reason: best ? reasonOf(built, entry, best) : closest(entry),
    considered: options.length,
    ruledOut: entry.found.ruledOut,
    option: open || best ? named(built, (open ?? best)!) : null,
    runnerUp: null,
    change: open?.change ? { ...accountOf(built, entry, open.change), by: open.change.by } : null,
  }
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
