/** Why each need of a run was met or not, from the run's final prices: data, no sentences. */
import type { Counterfactual } from '../../engine/counterfactual.ts'
import type { OptionView, UnmetOption } from '../../engine/explain.ts'
import { lot } from '../../engine/random.ts'
import { type BuiltProblem, type NearOption, type WidenedProblem, widenProblem } from './build-problem.ts'
import { nearOptions, optionsBeyondAccounts, WIDER_FACTOR } from './near-options.ts'
import { createOptionFinder, type NeedOptions, type Option } from './options.ts'
import { walkFor } from './reachable-offerings.ts'
import type { Explanation, UnmetReason } from './schemas.ts'
import type { Snapshot } from './snapshot.ts'
import type { SolvedRun } from './solve-run.ts'

export interface ExplainedNeed {
  needId: string
  explanation: Explanation
}

export type Entry = BuiltProblem['needs'][number]

/** Reasons by how close an offering came to being an option: the closest one is the need's reason. */
const CLOSEST_FIRST: readonly UnmetReason[] = [
  'excluded_by_review',
  'over_wallet',
  'fund_exhausted',
  'no_capacity',
  'schedule_conflict',
  'cooling_off',
  'preference_conflict',
  'no_eligible_offering',
  'data_incomplete',
  'unit_mismatch',
  'consent_missing',
  'out_of_reach',
  'no_offering',
]

/**
 * Unmet needs whose change is verified by re-solving, a few milliseconds each; the others' says what fits as things
 * stand.
 */
const VERIFIED_AT_MOST = 2000

/**
 * In larger runs only the household's own needs are thought of as making use of more than there is: everybody's further
 * options would be many times the problem.
 */
const MOST_RIVALS = 8_000

/** One explanation per need, in the problem's order. */
export function explainNeeds(
  snapshot: Snapshot,
  built: BuiltProblem,
  solved: Solved,
  verifiedAtMost = VERIFIED_AT_MOST,
): ExplainedNeed[] {
  const verified = worthVerifying(built, solved.choice, verifiedAtMost)
  const answerFor = createAnswers(snapshot, built, solved, verified)
  return built.needs.map((entry, index) => {
    const view = solved.explain(index)
    const explanation = view.met
      ? explainMatch(built, entry, view.chosen, view.runnerUp)
      : explainUnmet(built, entry, view.options, verified.has(index) ? answerFor(index) : undefined)
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

type Solved = Pick<SolvedRun, 'choice' | 'explain' | 'counterfactualsIn'>

/** What would have met an unmet need, in a problem that has also the options that a change would make. */
export interface Answer {
  counterfactual: Counterfactual
  widened: WidenedProblem
}

/**
 * Prepares to say what would have met some unmet needs: more of an account, or one thing that is no account (a longer
 * walk, another rule). Each answer comes from solving the need's neighborhood again.
 */
export function createAnswers(
  snapshot: Snapshot,
  built: BuiltProblem,
  solved: Pick<SolvedRun, 'choice' | 'counterfactualsIn'>,
  unmet: ReadonlySet<number>,
): (need: number) => Answer {
  const { candidatesOf } = createOptionFinder(snapshot)
  const asked = new Set([...unmet].map((need) => built.needs[need]!.resident))
  const nearOf = (index: number): NearOption[] => {
    const { need, resident } = built.needs[index]!
    if (built.needs.length > MOST_RIVALS && !asked.has(resident)) return []
    const more = optionsBeyondAccounts(snapshot, need, resident, candidatesOf(need, resident))
    if (!unmet.has(index)) return more
    const { most } = walkFor(snapshot.policy, need, resident, 'onsite')
    const minutes = Math.max(most, snapshot.policy.reach.homeMinutes) * WIDER_FACTOR
    return [...more, ...nearOptions(snapshot, need, resident, candidatesOf(need, resident, { minutes }))]
  }
  const widened = widenProblem(snapshot, built, nearOf)
  const ask = solved.counterfactualsIn(widened.problem, choiceIn(widened, built, solved.choice))
  return (need) => ({ counterfactual: ask(need), widened })
}

/** Each need's own options come first, so a choice moves by as much as the options before the need have grown. */
function choiceIn({ problem }: WidenedProblem, built: BuiltProblem, choice: Int32Array): Int32Array {
  return choice.map((chosen, need) => {
    if (chosen < 0) return -1
    return chosen + problem.needOptions[need]! - built.problem.needOptions[need]!
  })
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
  answer: Answer | undefined,
): Explanation {
  const best = options[0]
  const { option, change } = answer ? verifiedChange(entry, answer) : fittingChange(built, entry, options)
  const missed = option ?? (best && named(built, best))
  return {
    outcome: 'unmet',
    reason: best ? reasonOf(built, entry, best) : closestReason(entry.found.ruledOut),
    considered: options.length,
    ruledOut: entry.found.ruledOut,
    option: missed ?? null,
    runnerUp: null,
    change: change ?? null,
    verified: answer !== undefined,
  }
}

interface NamedChange {
  option?: NonNullable<Explanation['option']>
  change?: Change
}

function verifiedChange(entry: Entry, { counterfactual, widened }: Answer): NamedChange {
  if (counterfactual.outcome === 'none') return {}
  const { option, change } = counterfactual
  return { option: namedOption(widened.options[option]!), change: changeOf(widened, entry, change) }
}

/** The best-priced option that one account alone keeps from fitting. */
function fittingChange(built: BuiltProblem, entry: Entry, options: readonly UnmetOption[]): NamedChange {
  const option = options.find(({ change }) => change)
  if (!option?.change) return {}
  return {
    option: named(built, option),
    change: { ...accountOf(built, entry, option.change), by: option.change.by },
  }
}

/** A change of an account, or of what a gate stands for. */
export function changeOf(
  widened: WidenedProblem,
  entry: Entry,
  change: { kind: 'shared' | 'private'; account: number; by: number },
): Change {
  const gate = change.kind === 'private' ? widened.gates.get(change.account) : undefined
  if (!gate) return { ...accountOf(widened, entry, change), by: change.by }
  const { kind, by, fact } = gate
  return { kind, accountId: null, programId: null, fact, by: by === null ? null : change.by }
}

function reasonOf(built: BuiltProblem, entry: Entry, best: UnmetOption): UnmetReason {
  const kinds = new Set(best.blockers.map((blocker) => accountOf(built, entry, blocker).kind))
  if (kinds.has('wallet')) return 'over_wallet'
  if (kinds.has('fund') || kinds.has('subsidy_cap')) return 'fund_exhausted'
  return 'outranked'
}

/** Of the reasons for which offerings were ruled out, that of the ones that came closest. */
export function closestReason(ruledOut: NeedOptions['ruledOut']): UnmetReason {
  return CLOSEST_FIRST.find((reason) => ruledOut[reason]) ?? 'no_offering'
}

function named(built: BuiltProblem, view: OptionView): NonNullable<Explanation['option']> {
  return namedOption(built.options[view.option]!)
}

function namedOption({ offering, program, utility }: Option): NonNullable<Explanation['option']> {
  return { offeringId: offering.id, programId: program?.id ?? null, utility }
}

type Change = NonNullable<Explanation['change']>

function accountOf(
  built: BuiltProblem,
  { resident }: Entry,
  { kind, account }: { kind: 'shared' | 'private'; account: number },
): Omit<Change, 'by'> {
  const unknown = { accountId: null, programId: null, fact: null }
  if (kind === 'shared') {
    const ofAccount = built.kindOfAccount[account]!
    // A floor has room for all of its group and never stands in the way: it is named only where nothing had to change.
    if (ofAccount === 'floor') return { ...unknown, kind: 'capacity' }
    return { ...unknown, kind: ofAccount, accountId: built.problem.names.accounts[account]! }
  }
  const name = built.problem.names.privateAccounts.at(account)
  return name === 'wallet'
    ? { ...unknown, kind: 'wallet', accountId: resident.wallet?.accountId ?? null }
    : { ...unknown, kind: 'subsidy_cap', programId: name ?? null }
}
