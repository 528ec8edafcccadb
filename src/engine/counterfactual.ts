import { type Assignment, assignmentOf } from './assignment.ts'
import {
  type AccountRef,
  closeNeighborhood,
  createNeighborhoodProblem,
  openNeighborhood,
} from './neighborhood-problem.ts'
import { createNeighborhoodSearch, type Move } from './neighborhood-search.ts'
import { createNeighborhoods } from './neighborhoods.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { lot } from './random.ts'
import type { Solution } from './solve.ts'

/** A higher limit of one account. */
export interface Change extends AccountRef {
  /** In units of the account. */
  readonly by: number
}

/** What would have met an unmet need. */
export type Counterfactual =
  | {
      /**
       * `change`: with it the need is met, with one unit less it is not. `unneeded`: it could be met as
       * things are, `by` is 0; the solution is not the best in this neighborhood.
       */
      readonly outcome: 'change' | 'unneeded'
      readonly need: number
      readonly change: Change
      /** What meets the need. */
      readonly option: number
      /** Who else then holds something else. */
      readonly others: readonly Move[]
      /** Most needs that were allowed to move, the need itself among them. */
      readonly size: number
    }
  | {
      /** No raise of any one account that the need's options use meets it, however large. */
      readonly outcome: 'none'
      /**
       * `blocked`: every option lacks room in other accounts too, whatever the neighbors give up;
       * `outranked`: what would have to be given up for it, or what others make of the raise, is worth more.
       */
      readonly reason: 'blocked' | 'outranked'
      readonly need: number
      readonly size: number
    }

/** How thoroughly to look. */
export interface CounterfactualPlan {
  /** Most needs that may move in a re-solve, the need itself among them. Default 12. */
  readonly size?: number
  /** Steps after which a search is given up and a neighborhood a third smaller is taken. Default 50,000. */
  readonly nodes?: number
  /** Seed of the lot between accounts whose raise costs the same. Default 1. */
  readonly seed?: number
}

/** Needs in a neighborhood, unless the plan says otherwise. */
export const NEIGHBORHOOD = 12
const NODES = 50_000

/**
 * Prepares to say what would have met the unmet needs of one solution. A need that is met, or does not exist,
 * is refused with a `RangeError`.
 */
export function createCounterfactuals(
  rows: ProblemRows,
  solution: Solution,
  plan: CounterfactualPlan = {},
): (need: number) => Counterfactual {
  const state = createState(rows, solution, plan.size ?? NEIGHBORHOOD, plan.nodes ?? NODES, plan.seed ?? 1)
  return (need) => {
    refuseMet(rows, solution, need)
    for (let size = state.size; ; size = Math.max(1, Math.floor((size * 2) / 3))) {
      const answer = smallestChange(state, need, size)
      // Alone, a need tries each of its options once: no reason to give up.
      if (state.search.finished() || size === 1) return answer
    }
  }
}

function refuseMet(rows: ProblemRows, solution: Solution, need: number): void {
  if (!(Number.isInteger(need) && need >= 0 && need < needCount(rows))) {
    throw new RangeError(`There is no need number ${need}.`)
  }
  if (solution.choice[need]! >= 0) throw new RangeError(`Need number ${need} is met.`)
}

function createState(rows: ProblemRows, solution: Solution, size: number, nodes: number, seed: number) {
  const assignment: Assignment = assignmentOf(rows, solution.choice)
  const problem = createNeighborhoodProblem(rows, solution, assignment, size)
  return {
    rows,
    solution,
    size,
    seed,
    problem,
    search: createNeighborhoodSearch(problem, nodes),
    neighborhoods: createNeighborhoods(rows, solution, assignment),
    members: new Int32Array(size),
  }
}
type State = ReturnType<typeof createState>

/** Opens the neighborhood of a need and an account; false if nothing there can serve the need. */
function open(state: State, need: number, raised: AccountRef, size: number): boolean {
  const count = state.neighborhoods.gather(need, raised, size, state.members)
  return openNeighborhood(state.problem, state.members, count, raised)
}

interface Answer {
  readonly change: Change
  readonly moves: readonly Move[]
  readonly cost: number
  /** Share of the raised limit that is new. */
  readonly share: number
}

function smallestChange(state: State, need: number, size: number): Counterfactual {
  let best: Answer | undefined
  let open = false
  for (const raised of accountsOf(state.rows, need)) {
    const most = affordable(state, raised, best)
    const answer = raiseOf(state, need, raised, size, most)
    if (answer === BLOCKED) continue
    open = true
    if (answer !== OUTRANKED && (best === undefined || isCheaper(state, answer, best))) best = answer
    if (best?.change.by === 0) break
  }
  if (best === undefined) return { outcome: 'none', reason: open ? 'outranked' : 'blocked', need, size }
  const { change, moves } = best
  const outcome = change.by === 0 ? 'unneeded' : 'change'
  return { outcome, need, change, option: moves[0]!.to, others: moves.slice(1), size }
}

const BLOCKED = 'blocked'
const OUTRANKED = 'outranked'

/**
 * The smallest raise of one account that meets the need. What serves it must be worth more than everything
 * without it at the same raise: so whatever the best without it at one raise is worth, the next raise to look
 * at is the smallest at which serving it is worth more. In between nothing can meet it, because the best
 * without it never falls as the limit rises.
 */
function raiseOf(
  state: State,
  need: number,
  raised: AccountRef,
  size: number,
  most: number,
): Answer | typeof BLOCKED | typeof OUTRANKED {
  const { search, problem } = state
  if (!open(state, need, raised, size)) return BLOCKED
  let answer: Answer | typeof OUTRANKED = OUTRANKED
  for (let above = problem.standing; answer === OUTRANKED; ) {
    const by = search.smallestRaise(above, most)
    if (by < 0) break
    const without = search.highest(false, by, above)
    if (without >= 0) {
      above = without
      continue
    }
    // Found once already: only a search that is cut off does not find it again.
    if (search.highest(true, by, above) < 0) break
    answer = answerOf(state, { ...raised, by }, search.moves())
  }
  closeNeighborhood(problem)
  return answer
}

/**
 * What a raise costs, in utility. A shared account's units are charged at their final price: that much the
 * others could make of them. Nobody else bids for a private account; doubling it is charged with all that the
 * need gains by it.
 */
function answerOf({ rows, solution }: State, change: Change, moves: readonly Move[]): Answer {
  const shared = change.kind === 'shared'
  const limit = (shared ? rows.limits : rows.privateLimits)[change.account]!
  const share = change.by / Math.max(1, limit + change.by)
  if (shared) return { change, moves, cost: priceOf(solution, change.account) * change.by, share }
  return { change, moves, cost: (rows.utilities[moves[0]!.to]! * change.by) / Math.max(1, limit), share }
}

/** A negative price (of a floor) does not make more room a gift. */
function priceOf({ prices, scale }: Solution, account: number): number {
  return Math.max(0, prices[account]! / scale)
}

/** Cost, then the share of the raised limit that is new; then the lot. */
function isCheaper({ seed }: State, a: Answer, b: Answer): boolean {
  const drawn = ({ change }: Answer) => lot(seed, change.account * 2 + (change.kind === 'shared' ? 0 : 1))
  return (a.cost - b.cost || a.share - b.share || drawn(a) - drawn(b)) < 0
}

/** The largest raise that costs no more than the best answer so far. */
function affordable(state: State, raised: AccountRef, best: Answer | undefined): number {
  const price = raised.kind === 'shared' ? priceOf(state.solution, raised.account) : 0
  return best === undefined || price === 0 ? Number.POSITIVE_INFINITY : Math.floor(best.cost / price)
}

/** The accounts that a need's options use, each once, in the order of the options. */
function accountsOf(rows: ProblemRows, need: number): AccountRef[] {
  const shared = new Set<number>()
  const own = new Set<number>()
  const first = rows.needOptions[need]!
  const last = rows.needOptions[need + 1]!
  for (let use = rows.optionUses[first]!; use < rows.optionUses[last]!; use++)
    shared.add(rows.useAccounts[use]!)
  for (let use = rows.optionPrivateUses[first]!; use < rows.optionPrivateUses[last]!; use++) {
    own.add(rows.privateUseAccounts[use]!)
  }
  return [
    ...Array.from(shared, (account) => ({ kind: 'shared', account }) as const),
    ...Array.from(own, (account) => ({ kind: 'private', account }) as const),
  ]
}

/** What re-solving said of an answer. */
export interface Verification {
  /** Whether the re-solves say what the answer says. */
  readonly holds: boolean
  /** Met with the change; for `none`, met with a boundless raise of some account. */
  readonly met: boolean
  /** Met with one unit less; false where there is no less. */
  readonly metWithLess: boolean
}

/** A search for a verification may take longer: it must not give up where the first one did not. */
const PATIENCE = 50

/**
 * Checks answers by solving their neighborhoods again, with the change and with one unit less: an answer
 * holds if the need is met by the one and not by the other, and where no change was found, if a boundless
 * raise of no account meets it. Prepared once for a solution, like `createCounterfactuals`; its answers must
 * come from a plan of no larger size, or are refused with a `RangeError`.
 */
export function createVerifier(
  rows: ProblemRows,
  solution: Solution,
  plan: CounterfactualPlan = {},
): (answer: Counterfactual) => Verification {
  const state = createState(rows, solution, plan.size ?? NEIGHBORHOOD, (plan.nodes ?? NODES) * PATIENCE, 1)
  return (answer) => {
    refuseMet(rows, solution, answer.need)
    if (answer.size > state.size) {
      throw new RangeError(`An answer about ${answer.size} needs takes a verifier of that size.`)
    }
    if (answer.outcome === 'none') {
      const met = accountsOf(rows, answer.need).some((raised) => {
        return resolves(state, answer.need, { ...raised, by: Number.POSITIVE_INFINITY }, answer.size)
      })
      return { holds: !met && state.search.finished(), met, metWithLess: false }
    }
    return verifyWith(state, answer.need, answer.change, answer.size)
  }
}

function verifyWith(state: State, need: number, change: Change, size: number): Verification {
  const met = resolves(state, need, change, size)
  const metWithLess = change.by > 0 && resolves(state, need, { ...change, by: change.by - 1 }, size)
  return { holds: met && !metWithLess && state.search.finished(), met, metWithLess }
}

/**
 * Re-solves the neighborhood of one named change, with it and with one unit less. For many answers of one
 * solution, `createVerifier` does the preparation once.
 */
export function verifyChange(
  rows: ProblemRows,
  solution: Solution,
  need: number,
  change: Change,
  size = NEIGHBORHOOD,
): Verification {
  refuseMet(rows, solution, need)
  return verifyWith(createState(rows, solution, size, NODES * PATIENCE, 1), need, change, size)
}

/** Whether every best assignment of the neighborhood under the change serves the need. */
function resolves(state: State, need: number, change: Change, size: number): boolean {
  const { problem, search } = state
  if (!open(state, need, change, size)) return false
  const by = Math.min(change.by, problem.boundless)
  const without = Math.max(problem.standing, search.highest(false, by, problem.standing))
  const met = search.highest(true, by, without) >= 0
  closeNeighborhood(problem)
  return met
}
