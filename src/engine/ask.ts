import type { ProblemRows } from './problem.ts'
import type { ResidentSolver } from './resident.ts'
import { FIGURE, type Workplace } from './workplace.ts'

/**
 * The task of `JOB.ask`: solves the residents of a chunk; notes what they want, load, and are worth. A chunk
 * that is not asked this time loads what it wanted last.
 */
export function askChunk(place: Workplace, thread: number, solver: ResidentSolver, chunk: number): void {
  const { rows, figures, prices, wanted, chunks } = place
  const load = place.loads[thread]!
  if (place.loadRounds[thread] !== figures[FIGURE.round]) {
    place.loadRounds[thread] = figures[FIGURE.round]!
    load.fill(0)
  }
  const unit = figures[FIGURE.unit]!
  const nodes = figures[FIGURE.nodes]!
  const half = figures[FIGURE.half]!
  const last = chunks[chunk + 1]!
  if (half < 0 || chunk % 2 === half) {
    let total = 0
    for (let resident = chunks[chunk]!; resident < last; resident++) {
      total += solver.solve(resident, prices, unit, nodes, wanted)
    }
    place.chunkTotals[chunk] = total
  }
  addLoads(rows, wanted, rows.residentNeeds[chunks[chunk]!]!, rows.residentNeeds[last]!, load)
}

function addLoads(
  rows: ProblemRows,
  wanted: Int32Array,
  first: number,
  last: number,
  load: Float64Array,
): void {
  const { optionUses, useAccounts, useAmounts } = rows
  for (let need = first; need < last; need++) {
    const option = wanted[need]!
    if (option < 0) continue
    const lastUse = optionUses[option + 1]!
    for (let use = optionUses[option]!; use < lastUse; use++) {
      const account = useAccounts[use]!
      load[account] = load[account]! + useAmounts[use]!
    }
  }
}
