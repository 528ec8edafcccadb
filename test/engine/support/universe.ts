import { createProblemBuilder, type Problem } from '../../../src/engine/problem.ts'

/** An option: its utility, what it uses of every shared account, and what it costs its resident's wallet. */
export type Kind = readonly [utility: number, uses: readonly number[], cost?: number]

/** A resident: the options of every need, and what the wallet holds, if there is one. */
export interface Household {
  readonly needs: readonly (readonly Kind[])[]
  readonly wallet?: number
}

/** Limits of the shared accounts, and their floors, if there are any. */
export interface Market {
  readonly limits: readonly number[]
  readonly floors?: readonly number[]
}

/** All subsets of at most `most` items, each in the order of the list. */
export function subsets<T>(items: readonly T[], most: number): T[][] {
  const [first, ...rest] = items
  if (first === undefined || most === 0) return [[]]
  return [...subsets(rest, most), ...subsets(rest, most - 1).map((subset) => [first, ...subset])]
}

/** All ways to draw `size` items, any of them more than once, regardless of order. */
export function multisets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]]
  return items.flatMap((item, i) => multisets(items.slice(i), size - 1).map((others) => [item, ...others]))
}

/** All tuples with one item of each list. */
export function tuples<T>(...lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((made, list) => made.flatMap((tuple) => list.map((x) => [...tuple, x])), [[]])
}

/** The integers `from` .. `to`. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** The problem of these households, over `accounts` shared accounts without a limit to speak of. */
export function problemOf(households: readonly Household[], accounts: number): Problem {
  const builder = createProblemBuilder()
  for (let k = 0; k < accounts; k++) builder.account(`a${k}`, 1000)
  households.forEach(({ needs, wallet }, r) => {
    builder.resident(`r${r}`)
    const own = wallet === undefined ? undefined : builder.privateAccount('wallet', wallet)
    needs.forEach((kinds, n) => {
      builder.need(`r${r}n${n}`)
      kinds.forEach(([utility, uses, cost = 0], o) => {
        const shared = uses.map((amount, account) => [account, amount] as const)
        builder.option(`o${o}`, utility, shared, own === undefined ? [] : [[own, cost]])
      })
    })
  })
  return builder.build()
}

/**
 * The most utility that any assignment has, by plain enumeration from the description alone, without a line of
 * the engine; undefined where no assignment meets all floors.
 */
export function optimumOf(
  households: readonly Household[],
  { limits, floors = [] }: Market,
): number | undefined {
  const needs = households.flatMap(({ needs }, resident) => needs.map((kinds) => ({ kinds, resident })))
  const used = limits.map(() => 0)
  const spent = households.map(() => 0)
  let best: number | undefined
  const visit = (at: number, value: number): void => {
    const need = needs[at]
    if (need === undefined) {
      const met = used.every((amount, k) => amount >= (floors[k] ?? 0))
      if (met) best = Math.max(best ?? 0, value)
      return
    }
    visit(at + 1, value)
    const { kinds, resident } = need
    const wallet = households[resident]!.wallet ?? Number.POSITIVE_INFINITY
    for (const [utility, uses, cost = 0] of kinds) {
      if (spent[resident]! + cost > wallet || uses.some((amount, k) => used[k]! + amount > limits[k]!))
        continue
      uses.forEach((amount, k) => {
        used[k]! += amount
      })
      spent[resident]! += cost
      visit(at + 1, value + utility)
      uses.forEach((amount, k) => {
        used[k]! -= amount
      })
      spent[resident]! -= cost
    }
  }
  visit(0, 0)
  return best
}

/** The problem under other limits and floors, without building it anew. */
export function under(problem: Problem, { limits, floors }: Market): Problem {
  return {
    ...problem,
    limits: Int32Array.from(limits),
    floors: Int32Array.from(floors ?? limits.map(() => 0)),
  }
}
