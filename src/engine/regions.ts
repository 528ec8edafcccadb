import { needCount, type ProblemRows, residentCount } from './problem.ts'
import { lot } from './random.ts'
import { MOST_REGIONS, SHORTLIST, type Workplace } from './workplace.ts'

/**
 * Needs per region, about. Smaller ones stay in a processor's cache, but have more borders: with 100,000 needs and
 * 20 rounds, regions of 12,500 end 0.04 points of gap above regions of 25,000.
 */
const REGION_NEEDS = 25_000
/** Needs from which a problem is divided at all: with 10,000, two regions end 0.03 points above one. */
const DIVISIBLE_NEEDS = 20_000

/** How many regions a problem is divided into: from two on, for two threads. */
export function regionCount(rows: ProblemRows): number {
  const needs = needCount(rows)
  if (needs < DIVISIBLE_NEEDS) return 1
  return Math.max(2, Math.min(MOST_REGIONS, Math.round(needs / REGION_NEEDS)))
}

/** Which residents would use an account: `residents[starts[k] .. starts[k + 1]]`. */
export interface Links {
  readonly starts: Int32Array
  readonly residents: Int32Array
}

/** Options per need that make a link: a resident's best-priced ones are near enough. */
const LINKING = 2

/**
 * Links accounts and residents by the best options of the shortlists: each option by that account of its own
 * which the fewest could use, because that tells most about who is near whom. A fund tells nothing.
 */
export function linkResidents(place: Workplace): Links {
  const { rows } = place
  const popularity = new Int32Array(rows.limits.length)
  eachBestOption(place, (option) => {
    for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
      const account = rows.useAccounts[use]!
      popularity[account] = popularity[account]! + 1
    }
  })
  const starts = new Int32Array(rows.limits.length + 1)
  eachBestOption(place, (option) => {
    const account = rarestAccount(rows, popularity, option)
    if (account >= 0) starts[account + 1] = starts[account + 1]! + 1
  })
  for (let account = 0; account < rows.limits.length; account++) {
    starts[account + 1] = starts[account + 1]! + starts[account]!
  }
  const next = starts.slice()
  const residents = new Int32Array(starts.at(-1)!)
  eachBestOption(place, (option, resident) => {
    const account = rarestAccount(rows, popularity, option)
    if (account < 0) return
    residents[next[account]!] = resident
    next[account] = next[account]! + 1
  })
  return { starts, residents }
}

function rarestAccount(rows: ProblemRows, popularity: Int32Array, option: number): number {
  let rarest = -1
  for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
    const account = rows.useAccounts[use]!
    if (rarest < 0 || popularity[account]! < popularity[rarest]!) rarest = account
  }
  return rarest
}

function eachBestOption(
  { rows, shortlist }: Workplace,
  visit: (option: number, resident: number) => void,
): void {
  for (let resident = 0; resident < residentCount(rows); resident++) {
    for (let need = rows.residentNeeds[resident]!; need < rows.residentNeeds[resident + 1]!; need++) {
      for (let rank = 0; rank < LINKING; rank++) {
        const option = shortlist[need * SHORTLIST + rank]!
        if (option >= 0) visit(option, resident)
      }
    }
  }
}

/**
 * Divides the residents into regions of neighbors: residents whose needs want the same accounts. A region
 * grows from one resident over the accounts, nearest first, until it is full; the next one starts at its
 * border (greedy graph growing: Karypis & Kumar 1998). Every pass starts elsewhere, so that what is a
 * border in one is inside in another.
 */
export function drawRegions(place: Workplace, links: Links, regions: number, pass: number): void {
  const { rows, order, regionStarts } = place
  const growth = startGrowth(place, pass)
  const full = needCount(rows) / regions
  let needs = 0
  let region = 0
  regionStarts[0] = 0
  for (let at = 0; at < order.length; at++) {
    if (at === growth.end) seedAnywhere(growth, order)
    const resident = order[at]!
    growth.state[resident] = TAKEN
    needs += rows.residentNeeds[resident + 1]! - rows.residentNeeds[resident]!
    enqueueNeighbors(rows, links, growth, place, resident, region)
    if (needs < full * (region + 1) || region + 1 === regions) continue
    regionStarts[++region] = at + 1
    // Of those in line only the first stays, and a new region grows around it.
    for (let waiting = at + 2; waiting < growth.end; waiting++) growth.state[order[waiting]!] = FREE
    growth.end = Math.min(growth.end, at + 2)
  }
  while (region < regions) regionStarts[++region] = order.length
}

const FREE = 0
const WAITING = 1
const TAKEN = 2

function startGrowth({ rows, seed }: Workplace, pass: number) {
  const residents = residentCount(rows)
  return {
    state: new Uint8Array(residents),
    /** Account → 1 + the region that has last grown over it. */
    grown: new Int32Array(rows.limits.length),
    /** Where the next resident in line is to be written. */
    end: 0,
    /** Where to look for somebody out of reach of all regions so far. */
    scan: lot(lot(seed, pass), residents) % Math.max(1, residents),
  }
}
type Growth = ReturnType<typeof startGrowth>

function seedAnywhere(growth: Growth, order: Int32Array): void {
  while (growth.state[growth.scan] !== FREE) growth.scan = (growth.scan + 1) % growth.state.length
  growth.state[growth.scan] = WAITING
  order[growth.end++] = growth.scan
}

function enqueueNeighbors(
  rows: ProblemRows,
  { starts, residents }: Links,
  growth: Growth,
  { order, shortlist }: Workplace,
  resident: number,
  region: number,
): void {
  for (let need = rows.residentNeeds[resident]!; need < rows.residentNeeds[resident + 1]!; need++) {
    for (let rank = 0; rank < LINKING; rank++) {
      const option = shortlist[need * SHORTLIST + rank]!
      if (option < 0) break
      for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
        const account = rows.useAccounts[use]!
        // An account that is nobody's rarest has no links: passing it costs nothing.
        if (growth.grown[account] === region + 1) continue
        growth.grown[account] = region + 1
        for (let link = starts[account]!; link < starts[account + 1]!; link++) {
          const neighbor = residents[link]!
          if (growth.state[neighbor] !== FREE) continue
          growth.state[neighbor] = WAITING
          order[growth.end++] = neighbor
        }
      }
    }
  }
}
