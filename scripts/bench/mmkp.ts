/**
 * Generated multiple-choice multidimensional knapsacks in the sizes of I01 .. I13 of Khan, Li, Manning & Akbar 2002
 * (_Solving the knapsack problem for adaptive multimedia systems_): exactly one item of every group, all items draw on all
 * resources.
 *
 * The recipe is the one their group published with its heuristics (Akbar, Manning, Shoja & Khan 2001): an item uses
 * 1 .. 10 units of every resource; correlated, its profit is Σ use × price + noise with prices in 1 .. 10 per resource and
 * noise below 3 / 100 × resources × 10 × 10; uncorrelated, it is drawn below resources × 5 × 5, scaled by the item's place
 * in its group. A resource has 5 units per group, so even items of mean use do not fit everywhere. (With uses in 0 .. 9,
 * the other reading of the recipe, hardly any resource of an uncorrelated problem is scarce.) Seeded.
 */
import { createProblemBuilder, type Problem } from '../../src/engine/problem.ts'
import { createRandom, type Random } from '../../src/engine/random.ts'

export interface MmkpPlan {
  groups: number
  items: number
  resources: number
  correlated: boolean
  seed: number
}

export interface GeneratedMmkp {
  name: string
  problem: Problem
  groups: number
  /** Utility = perGroup + profit, with perGroup so large that leaving a group out never pays. */
  perGroup: number
}

/** Groups, items per group and resources of I01 .. I13. */
export const KHAN_SIZES: readonly (readonly [groups: number, items: number, resources: number])[] = [
  [5, 5, 5],
  [10, 5, 5],
  [15, 10, 10],
  [20, 10, 10],
  [25, 10, 10],
  [30, 10, 10],
  ...[100, 150, 200, 250, 300, 350, 400].map((groups) => [groups, 10, 10] as const),
]

const MOST_USE = 10
const HIGHEST_PRICE = 10

interface Item {
  profit: number
  uses: number[]
}

/** One problem of the recipe. */
export function generateMmkp(plan: MmkpPlan): GeneratedMmkp {
  const { groups, items, resources, correlated, seed } = plan
  const random = createRandom(seed)
  const prices = Array.from({ length: resources }, () => 1 + random.below(HIGHEST_PRICE))
  const table = Array.from({ length: groups }, () =>
    Array.from({ length: items }, (_, place) => drawItem(random, plan, prices, place)),
  )
  const best = table.map((group) => Math.max(...group.map(({ profit }) => profit)))
  const perGroup = 1 + best.reduce((sum, profit) => sum + profit, 0)
  const builder = createProblemBuilder()
  for (let k = 0; k < resources; k++) builder.account(`resource ${k}`, (groups * MOST_USE) / 2)
  for (const [index, group] of table.entries()) {
    builder.resident(`group ${index}`)
    builder.need(`group ${index}`)
    for (const [place, { profit, uses }] of group.entries()) {
      builder.option(`item ${place}`, perGroup + profit, [...uses.entries()], [])
    }
  }
  const kind = correlated ? 'correlated' : 'uncorrelated'
  const name = `MMKP ${groups}x${items}x${resources} ${kind} seed ${seed}`
  return { name, problem: builder.build(), groups, perGroup }
}

function drawItem(
  random: Random,
  { items, resources, correlated }: MmkpPlan,
  prices: number[],
  place: number,
): Item {
  const uses = Array.from({ length: resources }, () => 1 + random.below(MOST_USE))
  if (!correlated) {
    const highest = (resources * MOST_USE * HIGHEST_PRICE * (place + 1)) / (4 * items)
    return { uses, profit: random.below(Math.max(1, Math.floor(highest))) }
  }
  const worth = uses.reduce((sum, use, k) => sum + use * prices[k]!, 0)
  return { uses, profit: worth + random.below((3 * resources * MOST_USE * HIGHEST_PRICE) / 100) }
}
