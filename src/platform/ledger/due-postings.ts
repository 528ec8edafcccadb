/** Which amounts a posting moves, from the holds as they are and what was posted on them before. */
import { Refusal } from '../errors.ts'
import { apportion } from '../money.ts'
import type { AccountKind } from './accounts.ts'
import { type Hold, keyOf, type Posting } from './write-postings.ts'

type Kinds = ReadonlyMap<string, AccountKind>

/** What a delivery of `units` of the `left` ones takes of every hold of a bundle, whole per receiver. */
export function amountsDue(
  held: readonly Hold[],
  kinds: Kinds,
  { units, left }: { units: number; left: number },
): Posting[] {
  const due = [...groupBy(held, (hold) => hold.creditId).values()].flatMap((same) => {
    const shares = apportion(
      same.map((hold) => hold.open),
      units,
      left,
    )
    return same.map((hold, index) => ({ hold, amount: shares[index]! }))
  })
  return countCaps(due, kinds)
}

/** A cap counts what the fund gives, to the cent: rounded by itself, it would let a resident have a cent too much. */
function countCaps(due: readonly Posting[], kinds: Kinds): Posting[] {
  const funded = due.filter(({ hold }) => kinds.get(hold.debitId) === 'fund')
  const open = funded.reduce((sum, { hold }) => sum + hold.open, 0)
  const amount = funded.reduce((sum, posting) => sum + posting.amount, 0)
  return due.map((posting) => {
    const counts = kinds.get(posting.hold.debitId) === 'subsidy_cap' && posting.hold.open === open
    return counts ? { ...posting, amount } : posting
  })
}

/** The phases that go by the amounts of an earlier commit. */
export type Following = 'revert' | 'settle' | 'unsettle'

/** What is known of bundles: their holds, all that was posted since by key, and the kinds of the accounts in question. */
interface Books {
  held: readonly Hold[]
  posted: ReadonlyMap<string, number>
  kinds: Kinds
}

/**
 * What a phase moves after commits; nothing where it was posted before.
 * @throws Refusal `not_found` where there is no such commit, `state_conflict` where the phase does not follow.
 */
export function postingsAfter(
  phase: Following,
  commits: readonly { bundleId: string; key: string }[],
  { held, posted, kinds }: Books,
): Posting[] {
  const holdsOf = groupBy(held, (hold) => hold.bundleId)
  return commits.flatMap(({ bundleId, key }) => {
    const has = (phase: Following | 'commit', hold: Hold) => posted.has(keyOf(phase, hold.id, key))
    const committed = (holdsOf.get(bundleId) ?? []).filter((hold) => has('commit', hold))
    if (committed.length === 0) throw new Refusal('not_found', 'There is no such commit.')
    // Places and time are given, not paid out.
    const moved = committed.filter((hold) => phase === 'revert' || kinds.get(hold.creditId) === 'receivable')
    const due = moved.filter((hold) => !has(phase, hold))
    for (const hold of due) requireFollowing(phase, (before) => has(before, hold))
    return due.map((hold) => ({ hold, key, amount: posted.get(keyOf('commit', hold.id, key))! }))
  })
}

function requireFollowing(phase: Following, has: (before: Following) => boolean): void {
  const settled = has('settle') && !has('unsettle')
  if (phase === 'settle' && has('revert')) throw refusal('What was reverted cannot be settled.')
  if (phase === 'unsettle' && !settled) throw refusal('What is not settled cannot be taken back.')
  if (phase === 'revert' && settled) throw refusal('What is settled is taken back before it is reverted.')
}

function refusal(sentence: string): Refusal {
  return new Refusal('state_conflict', sentence)
}

export function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group) group.push(row)
    else groups.set(keyOf(row), [row])
  }
  return groups
}
