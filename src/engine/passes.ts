import { type Assignment, assignmentOf } from './assignment.ts'
import { missingUnits } from './floors.ts'
import { refineRounds } from './lane.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { drawRegions, type Links, linkResidents, regionCount } from './regions.ts'
import type { Team } from './team.ts'
import { FIGURE, JOB, type Workplace } from './workplace.ts'

/** How long to improve. */
export interface PassesPlan {
  /** Improvement rounds; see `ImprovePlan`. */
  readonly rounds: number
  /** Regions to divide the residents into; by default as many as suit the problem. */
  readonly regions?: number
  /** Once the value reaches it, the search ends. */
  readonly goal: number
  /** Asked before every pass. */
  stopped(): boolean
  /** Told the rounds of every pass and the best value so far. */
  onPass(rounds: number, value: number): void
}

/** Rounds in which regions stay as they are drawn. */
const ROUNDS_PER_PASS = 2
/** Rounds of refining between two looks at the clock. */
const ROUNDS_PER_REFINING = 25
/** Assignments that are improved side by side where the problem is too small to be divided, or small at all. */
const LANES = 2
const SMALL_LANES = 4
const SMALL_NEEDS = 2000

/** Assignments that `improveInPasses` works on: one, or more where the problem is a single region. */
export function laneCount(rows: ProblemRows): number {
  if (regionCount(rows) > 1) return 1
  return needCount(rows) <= SMALL_NEEDS ? SMALL_LANES : LANES
}

/**
 * Improves a feasible choice in passes. In each, the residents are divided into regions of neighbors anew,
 * and threads improve the regions independently: a region may use what its needs hold and its part of what
 * is left, so whatever the regions do fits together. A problem of one region is improved several times with
 * different random moves instead, and the best one counts. Returns the best choice, never worse than `start`.
 *
 * The prices in place are those that guide the search.
 */
export function improveInPasses(team: Team, start: Int32Array, plan: PassesPlan): Assignment {
  const { place, crew } = team
  const { rows, figures, assigned } = place
  const regions = plan.regions ?? regionCount(rows)
  const lanes = assigned.length / Math.max(1, needCount(rows))
  for (let lane = 0; lane < lanes; lane++) assigned.set(start, lane * start.length)
  crew.run(JOB.list, place.chunkTotals.length)
  const links = regions === 1 ? undefined : linkResidents(place)
  const best: Best = {
    choice: Int32Array.from(start),
    value: Number.NEGATIVE_INFINITY,
    missing: 0,
  }
  keepBest(place, lanes, best)
  figures[FIGURE.regions] = regions
  figures[FIGURE.goal] = plan.goal
  figures[FIGURE.pass] = 0
  runPasses(place, plan, best, plan.rounds, ROUNDS_PER_PASS, () => {
    divide(team, links, regions)
    crew.run(JOB.improve, lanes * regions)
    keepBest(place, lanes, best)
  })
  runPasses(
    place,
    plan,
    best,
    regions === 1 ? refineRounds(rows, plan.rounds) : 0,
    ROUNDS_PER_REFINING,
    () => {
      crew.run(JOB.refine, lanes)
      keepBest(place, lanes, best)
    },
  )
  return assignmentOf(rows, best.choice)
}

/** Makes passes of a few rounds each until there are enough, the goal is reached, or time is over. */
function runPasses(
  place: Workplace,
  plan: PassesPlan,
  best: Best,
  total: number,
  most: number,
  pass: () => void,
): void {
  const { figures } = place
  let stopped = false
  for (let done = 0; done < total && !stopped && !(best.missing === 0 && best.value >= plan.goal); ) {
    stopped = plan.stopped()
    // Whoever has no time left gets one round without tolerance: midway the search stands below its best.
    const rounds = stopped ? 1 : Math.min(most, total - done)
    figures[FIGURE.rounds] = rounds
    figures[FIGURE.before] = stopped ? total - 1 : done
    figures[FIGURE.after] = stopped ? 0 : total - done - rounds
    pass()
    figures[FIGURE.pass] = figures[FIGURE.pass]! + 1
    done += rounds
    plan.onPass(rounds, best.value)
  }
}

interface Best {
  readonly choice: Int32Array
  value: number
  /** Units below floors. */
  missing: number
}

/** Draws the regions of a pass, and has them say which accounts they could use. */
function divide({ place, crew }: Team, links: Links | undefined, regions: number): void {
  if (links === undefined) {
    for (let resident = 0; resident < place.order.length; resident++) place.order[resident] = resident
    place.regionStarts[1] = place.order.length
    return
  }
  drawRegions(place, links, regions, place.figures[FIGURE.pass]!)
  place.users.fill(0)
  place.owners.fill(0)
  crew.run(JOB.survey, regions)
}

/** Takes stock of all assignments, and remembers the best one. */
function keepBest(place: Workplace, lanes: number, best: Best): void {
  const { rows, assigned, room } = place
  for (let lane = 0; lane < lanes; lane++) {
    const choice = assigned.subarray(lane * best.choice.length, (lane + 1) * best.choice.length)
    const left = room.subarray(lane * rows.limits.length, (lane + 1) * rows.limits.length)
    const value = takeStock(rows, choice, left)
    const missing = missingUnits(rows, left)
    const known = best.value > Number.NEGATIVE_INFINITY
    if (known && (missing > best.missing || (missing === best.missing && value <= best.value))) continue
    best.choice.set(choice)
    best.value = value
    best.missing = missing
  }
}

/** Writes what a choice leaves of every account into `room`; returns its utility. */
function takeStock(rows: ProblemRows, choice: Int32Array, room: Float64Array): number {
  room.set(rows.limits)
  let value = 0
  for (const option of choice) {
    if (option < 0) continue
    value += rows.utilities[option]!
    const last = rows.optionUses[option + 1]!
    for (let use = rows.optionUses[option]!; use < last; use++) {
      const account = rows.useAccounts[use]!
      room[account] = room[account]! - rows.useAmounts[use]!
    }
  }
  return value
}
