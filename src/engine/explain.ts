import { type Assignment, assignmentOf } from './assignment.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { reducedValue } from './repair.ts'
import type { Solution } from './solve.ts'

/** One account that stands in the way of an option. */
export interface Blocker {
  readonly kind: 'shared' | 'private'
  /** Index among the shared or the private accounts. */
  readonly account: number
  /** What the option uses. */
  readonly amount: number
  /** What is left in the account, beside everything the solution serves. */
  readonly room: number
  /** The account's limit. */
  readonly limit: number
}

/**
 * Why an option is not taken:
 * `fits` nothing blocks it (a need that is met, or an option without utility); `over_limit` it would not
 * fit even if nobody else were served; `private` the resident's own accounts are spent; `outranked` only
 * shared accounts block it, and others whose use of them is worth more hold that room.
 */
export type OptionStanding = 'fits' | 'over_limit' | 'private' | 'outranked'

/** An option seen at the final prices. */
export interface OptionView {
  readonly option: number
  readonly utility: number
  /** Utility minus what its shared uses are worth at the final prices. */
  readonly reducedValue: number
}

/** An option that an unmet need did not get. */
export interface UnmetOption extends OptionView {
  readonly standing: OptionStanding
  readonly blockers: readonly Blocker[]
  /** The smallest increase of one account that lets the option fit as things stand, if one suffices. */
  readonly change?: { readonly kind: 'shared' | 'private'; readonly account: number; readonly by: number }
}

/** What `explainNeed` says. */
export type Explanation =
  | { readonly met: true; readonly chosen: OptionView; readonly runnerUp?: OptionView }
  | {
      readonly met: false
      /** The option of highest reduced value; missing if the need has no options. */
      readonly best?: UnmetOption
      /** All options, by falling reduced value. */
      readonly options: readonly UnmetOption[]
    }

/** The price of one shared account. */
export interface ShadowPrice {
  readonly account: number
  /**
   * In utility per unit of the account. From 0 on: about what one more unit of the limit would add to the
   * total. Below 0, only where there is a floor: about what one unit less of the floor would add, negated;
   * the floor costs the total so much per unit.
   */
  readonly price: number
  readonly used: number
  readonly limit: number
  /** What had to be used; 0 where nothing was asked. */
  readonly floor: number
}

/** Prepares explanations of one solution; the room left is worked out once for all needs. */
export function createExplainer(rows: ProblemRows, solution: Solution): (need: number) => Explanation {
  const assignment = assignmentOf(rows, solution.choice)
  const prices = unitPrices(solution)
  return (need) => {
    if (!(Number.isInteger(need) && need >= 0 && need < needCount(rows))) {
      throw new RangeError(`There is no need number ${need}.`)
    }
    const views = viewOptions(rows, prices, need)
    return solution.choice[need]! >= 0
      ? explainMatch(views, solution.choice[need]!)
      : explainUnmet(rows, assignment, views)
  }
}

/**
 * Explains one need of a solution from its final prices. For many needs, `createExplainer` does the
 * preparation once. Throws `RangeError` for a need that does not exist.
 */
export function explainNeed(rows: ProblemRows, solution: Solution, need: number): Explanation {
  return createExplainer(rows, solution)(need)
}

/** Price, use, limit and floor of every shared account. */
export function shadowPrices(rows: ProblemRows, solution: Solution): ShadowPrice[] {
  const { room } = assignmentOf(rows, solution.choice)
  return Array.from(unitPrices(solution), (price, account) => {
    const limit = rows.limits[account]!
    return { account, price, used: limit - room[account]!, limit, floor: rows.floors[account]! }
  })
}

function unitPrices(solution: Solution): Float64Array {
  return solution.prices.map((price) => price / solution.scale)
}

function viewOptions(rows: ProblemRows, prices: Float64Array, need: number): OptionView[] {
  const views: OptionView[] = []
  for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
    const utility = rows.utilities[option]!
    views.push({ option, utility, reducedValue: reducedValue(rows, prices, option) })
  }
  return views.sort((a, b) => b.reducedValue - a.reducedValue || b.utility - a.utility || a.option - b.option)
}

function explainMatch(views: readonly OptionView[], option: number): Explanation {
  const chosen = views.find((view) => view.option === option)!
  const runnerUp = views.find((view) => view.option !== option)
  return { met: true, chosen, ...(runnerUp && { runnerUp }) }
}

function explainUnmet(rows: ProblemRows, assignment: Assignment, views: readonly OptionView[]): Explanation {
  const options = views.map((view) => unmetOption(rows, assignment, view))
  const best = options[0]
  return { met: false, options, ...(best && { best }) }
}

function unmetOption(rows: ProblemRows, assignment: Assignment, view: OptionView): UnmetOption {
  const blockers = blockersOf(rows, assignment, view.option)
  const single = blockers.length === 1 ? blockers[0] : undefined
  return {
    ...view,
    standing: standingOf(blockers),
    blockers,
    ...(single && {
      change: { kind: single.kind, account: single.account, by: single.amount - single.room },
    }),
  }
}

function standingOf(blockers: readonly Blocker[]): OptionStanding {
  if (blockers.length === 0) return 'fits'
  if (blockers.some((blocker) => blocker.amount > blocker.limit)) return 'over_limit'
  return blockers.some((blocker) => blocker.kind === 'private') ? 'private' : 'outranked'
}

function blockersOf(rows: ProblemRows, assignment: Assignment, option: number): Blocker[] {
  const blockers: Blocker[] = []
  for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
    const account = rows.useAccounts[use]!
    const amount = rows.useAmounts[use]!
    const room = assignment.room[account]!
    if (amount > room) blockers.push({ kind: 'shared', account, amount, room, limit: rows.limits[account]! })
  }
  for (let use = rows.optionPrivateUses[option]!; use < rows.optionPrivateUses[option + 1]!; use++) {
    const account = rows.privateUseAccounts[use]!
    const amount = rows.privateUseAmounts[use]!
    const room = assignment.privateRoom[account]!
    const limit = rows.privateLimits[account]!
    if (amount > room) blockers.push({ kind: 'private', account, amount, room, limit })
  }
  return blockers
}
