/**
 * Groups of items for knapsacks, flat: the items of group `g` are `starts[g] .. starts[g + 1]`. Of every
 * group at most one item may be packed (a need takes one option).
 */
export interface ItemGroups {
  readonly starts: Int32Array
  /** Positive integers. */
  readonly weights: Int32Array
}

/** Solves multiple-choice knapsacks; holds their scratch memory. */
export interface KnapsackSolver {
  /**
   * The largest total value of items of the groups `from .. to`, at most one of each, that together weigh
   * no more than `capacity`. Writes the item packed of every such group, or −1, into `packed`.
   *
   * Values may be any doubles; those ≤ 0 are never packed. With integers whose sum stays below 2^53 the
   * total is exact.
   */
  maximum(
    groups: ItemGroups,
    from: number,
    to: number,
    capacity: number,
    values: Float64Array,
    packed: Int32Array,
  ): number
}

/** Work of one knapsack: table cells, one for every group and every unit of capacity. */
export const knapsackCells = (groupCount: number, capacity: number): number => groupCount * (capacity + 1)

/**
 * A solver for knapsacks of up to `mostCells` cells (`knapsackCells`) and capacities of up to
 * `mostCapacity`, by dynamic programming over the capacity (Kellerer, Pferschy & Pisinger 2004, _Knapsack
 * Problems_, section 11.5).
 */
export function createKnapsackSolver(mostCells: number, mostCapacity: number): KnapsackSolver {
  const scratch = {
    /** Best total within each weight, over the groups so far; behind it, the same before the current group. */
    totals: new Float64Array(2 * (mostCapacity + 1)),
    /** Group × weight → place of the packed item in its group, from 1; 0 for none. */
    picks: new Uint16Array(mostCells),
  }
  return {
    maximum(groups, from, to, capacity, values, packed) {
      const free = takeFavorites(groups, from, to, capacity, values, packed)
      if (free >= 0) return free
      fillTable(scratch, groups, from, to, capacity, values)
      readBack(scratch, groups, from, to, capacity, packed)
      return scratch.totals[capacity]!
    },
  }
}
interface Scratch {
  readonly totals: Float64Array
  readonly picks: Uint16Array
}

/** Every group's most valuable item, and their total if all of them fit; −1 if they do not. */
function takeFavorites(
  { starts, weights }: ItemGroups,
  from: number,
  to: number,
  capacity: number,
  values: Float64Array,
  packed: Int32Array,
): number {
  let total = 0
  let weight = 0
  for (let group = from; group < to; group++) {
    let favorite = -1
    let most = 0
    for (let item = starts[group]!; item < starts[group + 1]!; item++) {
      const value = values[item]!
      if (value < most || value <= 0) continue
      if (value === most && weights[item]! >= weights[favorite]!) continue
      most = value
      favorite = item
    }
    packed[group] = favorite
    total += most
    if (favorite >= 0) weight += weights[favorite]!
  }
  return weight <= capacity ? total : -1
}

function fillTable(
  scratch: Scratch,
  groups: ItemGroups,
  from: number,
  to: number,
  capacity: number,
  values: Float64Array,
): void {
  const { starts, weights } = groups
  const width = capacity + 1
  const { totals, picks } = scratch
  totals.fill(0, 0, width)
  for (let group = from; group < to; group++) {
    const row = (group - from) * width
    picks.fill(0, row, row + width)
    let isCopied = false
    for (let item = starts[group]!; item < starts[group + 1]!; item++) {
      if (weights[item]! > capacity || isDominated(groups, group, item, values)) continue
      // The items of a group must not build on each other.
      if (!isCopied) totals.copyWithin(width, 0, width)
      isCopied = true
      offer(scratch, weights[item]!, values[item]!, capacity, row, item - starts[group]! + 1)
    }
  }
}

/** Tries to pack one more item at every weight. */
function offer(
  { totals, picks }: Scratch,
  weight: number,
  value: number,
  capacity: number,
  row: number,
  pick: number,
): void {
  const shift = capacity + 1 - weight
  for (let used = weight; used <= capacity; used++) {
    const total = totals[used + shift]! + value
    if (total <= totals[used]!) continue
    totals[used] = total
    picks[row + used] = pick
  }
}

/** Whether another item of the group is worth as much and weighs no more; of equals the first stays. */
function isDominated(
  { starts, weights }: ItemGroups,
  group: number,
  item: number,
  values: Float64Array,
): boolean {
  const value = values[item]!
  const weight = weights[item]!
  if (value <= 0) return true
  for (let other = starts[group]!; other < starts[group + 1]!; other++) {
    if (weights[other]! > weight || values[other]! < value) continue
    if (weights[other]! < weight || values[other]! > value || other < item) return true
  }
  return false
}

function readBack(
  { picks }: Scratch,
  { starts, weights }: ItemGroups,
  from: number,
  to: number,
  capacity: number,
  packed: Int32Array,
): void {
  let left = capacity
  for (let group = to - 1; group >= from; group--) {
    const pick = picks[(group - from) * (capacity + 1) + left]!
    packed[group] = pick === 0 ? -1 : starts[group]! + pick - 1
    if (pick > 0) left -= weights[packed[group]!]!
  }
}
