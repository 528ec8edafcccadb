/** A problem some time later: a few limits have changed, all else is as it was. */
import { type Amounts, amountColumn } from '../../src/engine/column.ts'
import type { Problem } from '../../src/engine/problem.ts'
import { createRandom, type Random } from '../../src/engine/random.ts'

const CAPACITIES_CHANGED = 0.02
const WALLETS_CHANGED = 0.01
/** Of the limit, up or down. */
const LARGEST_CHANGE = 0.2

export interface ChangedTown {
  problem: Problem
  capacities: number
  wallets: number
}

/** Changes 2 % of the accounts `capacity:…` and 1 % of the wallets, drawn by `seed`, by up to 20 %. */
export function changeTown(problem: Problem, seed: number): ChangedTown {
  const random = createRandom(seed)
  const { accounts, privateAccounts } = problem.names
  const capacities = indicesOf(accounts, (name) => name.startsWith('capacity:'))
  const wallets = indicesOf(privateAccounts, (name) => name === 'wallet')
  const full = draw(capacities, Math.ceil(capacities.length * CAPACITIES_CHANGED), random)
  const poor = draw(wallets, Math.ceil(wallets.length * WALLETS_CHANGED), random)
  return {
    problem: {
      ...problem,
      limits: changed(problem.limits, full, random),
      privateLimits: changed(problem.privateLimits, poor, random),
    },
    capacities: full.length,
    wallets: poor.length,
  }
}

function indicesOf(names: Iterable<string>, wanted: (name: string) => boolean): number[] {
  const found: number[] = []
  let index = 0
  for (const name of names) {
    if (wanted(name)) found.push(index)
    index++
  }
  return found
}

/** So many of them, none twice. */
function draw(from: readonly number[], count: number, random: Random): number[] {
  const left = [...from]
  for (let place = 0; place < count; place++) {
    const other = place + random.below(left.length - place)
    const taken = left[other]!
    left[other] = left[place]!
    left[place] = taken
  }
  return left.slice(0, count)
}

/** In a column of its own: threads share the columns of a problem. */
function changed(limits: Amounts, places: readonly number[], random: Random): Amounts {
  const values = Float64Array.from(limits)
  for (const place of places) values[place] = changedLimit(values[place]!, random)
  const column = amountColumn()
  for (const value of values) column.push(value)
  return column.trimmed()
}

/** Never the same limit again. */
function changedLimit(limit: number, random: Random): number {
  const most = Math.max(1, Math.floor(limit * LARGEST_CHANGE))
  const amount = 1 + random.below(most)
  return random.below(2) === 0 ? limit + amount : Math.max(0, limit - amount)
}
