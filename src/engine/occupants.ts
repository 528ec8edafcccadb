import type { ProblemRows } from './problem.ts'

/** Who holds room in each shared account: options, in no particular order, reachable in constant time. */
export interface Occupants {
  size(account: number): number
  /** The occupant at `place`, 0 .. size − 1. */
  at(account: number, place: number): number
  enter(option: number): void
  exit(option: number): void
}

/**
 * An empty register. Every account gets as many slots as there are uses of it, and every use remembers
 * its slot, so entering and leaving never allocate.
 */
export function createOccupants(rows: ProblemRows): Occupants {
  const { optionUses, useAccounts } = rows
  const sizes = new Int32Array(rows.limits.length)
  const starts = slotStarts(rows)
  const slots = new Int32Array(useAccounts.length)
  const placeOf = new Int32Array(useAccounts.length)
  const optionOf = optionsOfUses(rows)
  return {
    size: (account) => sizes[account]!,
    at: (account, place) => optionOf[slots[starts[account]! + place]!]!,
    enter(option) {
      for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
        const account = useAccounts[use]!
        const slot = starts[account]! + sizes[account]!
        slots[slot] = use
        placeOf[use] = slot
        sizes[account] = sizes[account]! + 1
      }
    },
    exit(option) {
      for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
        const account = useAccounts[use]!
        sizes[account] = sizes[account]! - 1
        const moved = slots[starts[account]! + sizes[account]!]!
        slots[placeOf[use]!] = moved
        placeOf[moved] = placeOf[use]!
      }
    },
  }
}

function slotStarts(rows: ProblemRows): Int32Array {
  const starts = new Int32Array(rows.limits.length + 1)
  for (const account of rows.useAccounts) starts[account + 1] = starts[account + 1]! + 1
  for (let account = 0; account < rows.limits.length; account++) {
    starts[account + 1] = starts[account + 1]! + starts[account]!
  }
  return starts
}

function optionsOfUses(rows: ProblemRows): Int32Array {
  const owners = new Int32Array(rows.useAccounts.length)
  for (let option = 0; option + 1 < rows.optionUses.length; option++) {
    owners.fill(option, rows.optionUses[option]!, rows.optionUses[option + 1]!)
  }
  return owners
}
