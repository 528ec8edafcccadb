import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packCharges } from '../../src/engine/certify-knapsack.ts'
import { createKnapsackSolver, type ItemGroups, knapsackCells } from '../../src/engine/knapsack.ts'

interface Item {
  readonly weight: number
  readonly value: number
}

const item = (value: fc.Arbitrary<number>): fc.Arbitrary<Item> =>
  fc.record({ weight: fc.integer({ min: 1, max: 9 }), value })
const groupsOf = (value: fc.Arbitrary<number>) =>
  fc.array(fc.array(item(value), { maxLength: 4 }), { maxLength: 6 })
const capacity = fc.integer({ min: 0, max: 24 })

/** The best total by trying everything. */
function enumerate(groups: readonly (readonly Item[])[], room: number): number {
  const [first, ...rest] = groups
  if (first === undefined) return 0
  const totals = first
    .filter(({ weight }) => weight <= room)
    .map(({ weight, value }) => value + enumerate(rest, room - weight))
  return Math.max(enumerate(rest, room), ...totals)
}

/** The groups in flat form, behind one that is not asked for. */
function flatten(groups: readonly (readonly Item[])[]): ItemGroups & { values: Float64Array } {
  const all = [[{ weight: 1, value: 1000 }], ...groups]
  const starts = [0]
  for (const group of all) starts.push(starts.at(-1)! + group.length)
  const items = all.flat()
  return {
    starts: Int32Array.from(starts),
    weights: Int32Array.from(items, ({ weight }) => weight),
    values: Float64Array.from(items, ({ value }) => value),
  }
}

function pack(groups: readonly (readonly Item[])[], room: number) {
  const flat = flatten(groups)
  const packed = new Int32Array(groups.length + 1).fill(-7)
  const solver = createKnapsackSolver(knapsackCells(groups.length, room), room)
  const total = solver.maximum(flat, 1, groups.length + 1, room, flat.values, packed)
  return { flat, packed, total }
}

describe('the knapsack of the solver', () => {
  test('finds the best total, and what it says it packs is worth that and fits', () => {
    const value = fc.integer({ min: -3, max: 20 })
    fc.assert(
      fc.property(groupsOf(value), capacity, (groups, room) => {
        const { flat, packed, total } = pack(groups, room)
        expect(total).toBe(enumerate(groups, room))
        let worth = 0
        let weight = 0
        for (let group = 1; group <= groups.length; group++) {
          const chosen = packed[group]!
          if (chosen === -1) continue
          expect(chosen).toBeGreaterThanOrEqual(flat.starts[group]!)
          expect(chosen).toBeLessThan(flat.starts[group + 1]!)
          worth += flat.values[chosen]!
          weight += flat.weights[chosen]!
        }
        expect(worth).toBe(total)
        expect(weight).toBeLessThanOrEqual(room)
        expect(packed[0]).toBe(-7)
      }),
      { seed: 81, numRuns: 500 },
    )
  })

  test('takes values that are no integers', () => {
    const value = fc.double({ min: -1, max: 9, noNaN: true })
    fc.assert(
      fc.property(groupsOf(value), capacity, (groups, room) => {
        expect(pack(groups, room).total).toBeCloseTo(enumerate(groups, room), 9)
      }),
      { seed: 82, numRuns: 200 },
    )
  })

  test('does not remember the knapsack before', () => {
    const solver = createKnapsackSolver(knapsackCells(2, 5), 5)
    const packed = new Int32Array(3)
    const large = flatten([[{ weight: 3, value: 9 }], [{ weight: 3, value: 8 }]])
    const small = flatten([[{ weight: 2, value: 1 }], [{ weight: 4, value: 2 }]])
    expect(solver.maximum(large, 1, 3, 5, large.values, packed)).toBe(9)
    expect(solver.maximum(small, 1, 3, 5, small.values, packed)).toBe(2)
    expect([...packed.subarray(1)]).toEqual([-1, 2])
  })
})

describe('the knapsack of the proof', () => {
  test('finds the best total, whatever the amounts have in common', () => {
    const value = fc.integer({ min: 0, max: 20 })
    const factor = fc.constantFrom(1n, 7n, 10n ** 12n)
    fc.assert(
      fc.property(groupsOf(value), capacity, factor, fc.nat(6), (groups, room, by, more) => {
        const needs = groups.map((group) =>
          group.map(({ weight, value: charge }) => ({ amount: BigInt(weight) * by, charge })),
        )
        const limit = BigInt(room) * by + (by > 6n ? BigInt(more) : 0n)
        expect(packCharges(needs, limit, 10_000).most).toBe(BigInt(enumerate(groups, room)))
      }),
      { seed: 83, numRuns: 500 },
    )
  })

  test('counts a use of nothing', () => {
    expect(packCharges([[{ amount: 0n, charge: 5 }]], 0n, 10).most).toBe(5n)
  })

  test('gives up where the table would be too large', () => {
    const needs = [[{ amount: 1n, charge: 1 }]]
    expect(packCharges(needs, 99n, 100)).toEqual({ most: 1n, steps: 100 })
    expect(packCharges(needs, 100n, 100)).toEqual({ most: undefined, steps: 101 })
    expect(packCharges(needs, 2n ** 80n, 1e9).most).toBeUndefined()
  })
})
