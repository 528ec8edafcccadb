import { type Board, createBoard } from './crew.ts'
import { isDense } from './dense.ts'
import { needCount, optionCount, type ProblemRows, residentCount } from './problem.ts'
import { createScratch, type Scratch } from './scratch.ts'

/**
 * All that the threads of one run share. Every array lies in shared memory, so that a thread that is
 * handed this object works on the same numbers. Within a job, tasks write to places of their own.
 */
export interface Workplace {
  readonly rows: ProblemRows
  readonly seed: number
  /** Threads that may join, the leader included. */
  readonly threads: number
  readonly board: Board
  /** Figures of the job at hand; see `FIGURE`. */
  readonly figures: Float64Array
  /** Option → 1 if it fits into the empty accounts on its own; any other is part of no assignment. */
  readonly usable: Uint8Array
  /** Account → mean amount of the usable options that use it, 0 without any. */
  readonly typicalUses: Float64Array
  /** Account → utility per unit over the usable options that use it: the order of magnitude of a price. */
  readonly typicalPrices: Float64Array
  /** Chunk → range of residents. */
  readonly chunks: Int32Array
  /** Chunk → what its residents are worth at the prices. */
  readonly chunkTotals: Float64Array
  /** The prices in question, in utility per unit of the account. */
  readonly prices: Float64Array
  /** Need → option that it wants at the prices, or −1. */
  readonly wanted: Int32Array
  /** Thread → uses of every account by the residents that it asked. */
  readonly loads: readonly Float64Array[]
  /** Thread → the round that its loads are of. */
  readonly loadRounds: Int32Array
  /** Need → its options of highest reduced value, best first; −1 where there are no more. */
  readonly shortlist: Int32Array
  /** Assignments that are being improved: need → option or −1, one after the other. */
  readonly assigned: Int32Array
  /** What each of them leaves of every account. */
  readonly room: Float64Array
  /** Residents, region by region. */
  readonly order: Int32Array
  /** Region → range of `order`. */
  readonly regionStarts: Int32Array
  /** Account → regions that could use it. */
  readonly users: Int32Array
  /** Account → the region among them that is drawn to have what cannot be divided, as drawn lot. */
  readonly owners: Int32Array
}

/** Places of `figures`. */
export const FIGURE = {
  /** Number of the pricing round. */
  round: 0,
  /** What one unit of utility counts. */
  unit: 1,
  /** Most search nodes per resident. */
  nodes: 2,
  /** Which chunks are asked: all if below 0, else the even (0) or the odd ones (1). */
  half: 3,
  /** Number of regions. */
  regions: 4,
  /** Number of the pass over the regions. */
  pass: 5,
  /** Improvement rounds of this pass, before it, and after it. */
  rounds: 6,
  before: 7,
  after: 8,
  /** A value that ends the search. */
  goal: 9,
} as const

/** The jobs that a crew does, and what their tasks are. */
export const JOB = {
  /** Chunks: what the residents want at the prices. */
  ask: 0,
  /** Chunks: every need's best-priced options. */
  list: 1,
  /** Regions: which accounts each could use. */
  survey: 2,
  /** Lanes × regions: improves each on its own. */
  improve: 3,
  /** Lanes: refines each as a whole. */
  refine: 4,
} as const

/** Options per need that the search looks at. */
export const SHORTLIST = 12
/** Options per chunk, about: enough that fetching a task costs nothing, few enough to share evenly. */
const CHUNK_OPTIONS = 8000

/** What a thread keeps between regions. */
export interface Desk {
  /** Account → its number in the region at hand, or −1. */
  readonly local: Int32Array
  /** The accounts of the region at hand. */
  readonly accounts: Int32Array
  accountCount: number
  /** For the arrays of the region at hand. */
  readonly scratch: Scratch
}

/** An empty desk. */
export function createDesk(place: Workplace): Desk {
  const count = place.rows.limits.length
  return {
    local: new Int32Array(count).fill(-1),
    accounts: new Int32Array(count),
    accountCount: 0,
    scratch: createScratch(),
  }
}

/** Regions that the draw of an owner can tell apart. */
export const MOST_REGIONS = 4096

/** The region that was drawn to have what cannot be divided of an account. */
export const ownerOf = ({ owners }: Workplace, account: number): number => owners[account]! % MOST_REGIONS

/** Lays out the workplace of a run with `lanes` assignments. */
export function createWorkplace(rows: ProblemRows, seed: number, threads: number, lanes: number): Workplace {
  const accounts = rows.limits.length
  const residents = residentCount(rows)
  const needs = rows.needOptions.length - 1
  const chunks = chunkStarts(residents, optionCount(rows))
  const usable = new Uint8Array(new SharedArrayBuffer(optionCount(rows)))
  return {
    rows,
    seed,
    threads,
    board: createBoard(),
    figures: doubles(Object.keys(FIGURE).length),
    usable,
    ...surveyOptions(rows, usable),
    chunks,
    chunkTotals: doubles(chunks.length - 1),
    prices: doubles(accounts),
    wanted: integers(needs).fill(-1),
    loads: Array.from({ length: threads }, () => doubles(accounts)),
    loadRounds: integers(threads).fill(-1),
    shortlist: integers(needs * SHORTLIST),
    assigned: integers(lanes * needs).fill(-1),
    room: doubles(lanes * accounts),
    order: integers(residents),
    regionStarts: integers(residents + 1),
    users: integers(accounts),
    owners: integers(accounts),
  }
}

const doubles = (length: number) => new Float64Array(new SharedArrayBuffer(length * 8))
const integers = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4))

function chunkStarts(residents: number, options: number): Int32Array {
  const count = Math.max(1, Math.min(residents, Math.ceil(options / CHUNK_OPTIONS)))
  const starts = integers(count + 1)
  for (let chunk = 0; chunk <= count; chunk++) starts[chunk] = Math.floor((chunk * residents) / count)
  return starts
}

/** Marks the usable options and takes the measure of the accounts by them. */
function surveyOptions(rows: ProblemRows, usable: Uint8Array) {
  const typicalUses = doubles(rows.limits.length)
  const typicalPrices = doubles(rows.limits.length)
  const sums = sumOptions(rows, usable)
  const meanUtility = sums.options > 0 ? sums.total / sums.options : 0
  for (let account = 0; account < typicalUses.length; account++) {
    if (sums.times[account] === 0) continue
    typicalUses[account] = sums.amounts[account]! / sums.times[account]!
    const worth = sums.spreads[account]! > 0 ? sums.spreads[account]! : sums.utilities[account]!
    typicalPrices[account] = worth / sums.amounts[account]!
    // Only a floor asks for uses that have no utility; to reward them takes as much as others are worth.
    if (worth === 0 && rows.floors[account]! > 0) typicalPrices[account] = meanUtility / typicalUses[account]!
  }
  return { typicalUses, typicalPrices }
}

function sumOptions(rows: ProblemRows, usable: Uint8Array) {
  const count = rows.limits.length
  const [amounts, utilities, spreads] = [0, 1, 2].map(() => new Float64Array(count)) as Triple
  const sums = { amounts, utilities, spreads, times: new Int32Array(count), options: 0, total: 0 }
  // What the options of a need have in common says nothing about prices where the need can go everywhere, unless
  // floors draw it somewhere at any price.
  const dense = isDense(rows) && rows.floors.every((floor: number) => floor === 0)
  for (let need = 0; need < needCount(rows); need++) {
    const least = dense ? leastUtility(rows, need) : Number.POSITIVE_INFINITY
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (!fitsAlone(rows, option)) continue
      usable[option] = 1
      const utility = rows.utilities[option]!
      if (utility > 0) sums.options++
      sums.total += utility
      for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
        const account = rows.useAccounts[use]!
        amounts[account] = amounts[account]! + rows.useAmounts[use]!
        utilities[account] = utilities[account]! + utility
        spreads[account] = spreads[account]! + Math.max(0, utility - least)
        sums.times[account] = sums.times[account]! + 1
      }
    }
  }
  return sums
}
type Triple = [Float64Array, Float64Array, Float64Array]

function leastUtility(rows: ProblemRows, need: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
    least = Math.min(least, rows.utilities[option]!)
  }
  return least
}

function fitsAlone(rows: ProblemRows, option: number): boolean {
  const lastUse = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < lastUse; use++) {
    if (rows.useAmounts[use]! > rows.limits[rows.useAccounts[use]!]!) return false
  }
  const lastPrivate = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < lastPrivate; use++) {
    if (rows.privateUseAmounts[use]! > rows.privateLimits[rows.privateUseAccounts[use]!]!) return false
  }
  return true
}
