/**
 * Generated generalized assignment problems of the types that the literature compares on (Chu & Beasley 1997; Yagiura,
 * Ibaraki & Glover 2004 and 2006): items to agents of limited capacity at least cost, every item needs an agent.
 *
 *   C: uses in 5 .. 25, costs in 10 .. 50, independent.
 *   D: uses in 1 .. 100, cost = 111 − use + noise in −10 .. 10: what is cheap uses much.
 *   E: use = 1 − 10 ln x, cost = 1000 / use − 10 y for x, y uniform in (0, 1], rounded: the same, far more uneven.
 *
 * Capacity is 0.8 of what an agent would need for its share of all items, rounded down. Seeded.
 */
import { createProblemBuilder, type Problem } from '../../src/engine/problem.ts'
import { createRandom, type Random } from '../../src/engine/random.ts'

export interface GapPlan {
  type: 'C' | 'D' | 'E'
  agents: number
  items: number
  seed: number
}

export interface GeneratedGap {
  name: string
  problem: Problem
  items: number
  /** Utility = perItem − cost, with perItem so large that leaving an item out never pays. */
  perItem: number
}

interface Assigning {
  use: number
  cost: number
}

/** One problem of a type. */
export function generateGap({ type, agents, items, seed }: GapPlan): GeneratedGap {
  const random = createRandom(seed)
  const table = Array.from({ length: agents }, () => Array.from({ length: items }, () => DRAWS[type](random)))
  const most = Math.max(...table.map((row) => Math.max(...row.map(({ cost }) => cost))))
  const perItem = items * most
  const builder = createProblemBuilder()
  for (const [agent, row] of table.entries()) {
    const uses = row.reduce((sum, { use }) => sum + use, 0)
    builder.account(`agent ${agent}`, Math.floor((0.8 * uses) / agents))
  }
  for (let item = 0; item < items; item++) {
    builder.resident(`item ${item}`)
    builder.need(`item ${item}`)
    for (const [agent, row] of table.entries()) {
      const { use, cost } = row[item]!
      builder.option(`agent ${agent}`, perItem - cost, [[agent, use]], [])
    }
  }
  return { name: `${type} ${agents}x${items} seed ${seed}`, problem: builder.build(), items, perItem }
}

const DRAWS: Record<GapPlan['type'], (random: Random) => Assigning> = {
  C: (random) => ({ use: 5 + random.below(21), cost: 10 + random.below(41) }),
  D(random) {
    const use = 1 + random.below(100)
    return { use, cost: 111 - use + random.below(21) - 10 }
  },
  E(random) {
    const use = 1 - 10 * Math.log(share(random))
    return { use: Math.round(use), cost: Math.max(1, Math.round(1000 / use - 10 * share(random))) }
  },
}

/** Uniform in (0, 1]. */
const share = (random: Random) => (random.next() + 1) / 2 ** 32
