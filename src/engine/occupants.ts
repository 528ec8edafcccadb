import type { ProblemRows } from './problem.ts'
import { createScratch, type Scratch } from './scratch.ts'

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
export function createOccupants(rows: ProblemRows, scratch: Scratch = createScratch()): Occupants {
  const { optionUses, useAccounts } = rows
  const sizes = scratch.ints(rows.limits.length)
  const starts = slotStarts(rows, scratch)
  const slots = scratch.ints(useAccounts.length)
  const placeOf = scratch.ints(useAccounts.length)
  const optionOf = optionsOfUses(rows, scratch)
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

function slotStarts(rows: ProblemRows, scratch: Scratch): Int32Array {
  const starts = scratch.ints(rows.limits.length + 1)
  for (const account of rows.useAccounts) starts[account + 1] = starts[account + 1]! + 1
  for (let account = 0; account < rows.limits.length; account++) {
    starts[account + 1] = starts[account + 1]! + starts[account]!
  }
  return starts
}

function optionsOfUses(rows: ProblemRows, scratch: Scratch): Int32Array {
  const owners = scratch.ints(rows.useAccounts.length)
  for (let option = 0; option + 1 < rows.optionUses.length; option++) {
    owners.fill(option, rows.optionUses[option]!, rows.optionUses[option + 1]!)
  }
  return owners
}
