/**
 * Reading a table of numbered events without losing any. Numbers are drawn before the commit, so number 5 may appear
 * after number 6 was read. A number that is missing is remembered as a gap and asked for again, until every
 * transaction that could hold it has ended: then it was rolled back, and never comes.
 */

/** Numbers from … to that have not been seen. */
export interface Gap {
  from: number
  to: number
  /** No transaction below this one may still run for the gap to be over; null when it was just noticed. */
  over: bigint | null
}

export interface Seen {
  /** The highest number that was read. */
  last: number
  gaps: Gap[]
}

/** What one statement saw: numbers, and which transactions were under way. */
export interface Sight {
  /** Numbers above `last` and in gaps that are there now. */
  positions: readonly number[]
  /** Every transaction below this one has ended. */
  oldestRunning: bigint
  /** No transaction has begun with this one or above. */
  nextToBegin: bigint
}

/** What has been seen after another sight. */
export function advance({ last, gaps }: Seen, sight: Sight): Seen {
  const positions = [...sight.positions].sort((a, b) => a - b)
  const open = gaps
    .flatMap((gap) => without(gap, positions))
    .filter(({ over }) => over === null || sight.oldestRunning < over)
    // A transaction draws its number a moment before it gets its own id: the limit is drawn at the second sight.
    .map((gap) => ({ ...gap, over: gap.over ?? sight.nextToBegin }))
  const fresh = holesAbove(last, positions)
  return { last: Math.max(last, positions.at(-1) ?? 0), gaps: [...open, ...fresh] }
}

/** What is left of a gap after some of its numbers have appeared. */
function without(gap: Gap, positions: readonly number[]): Gap[] {
  const left: Gap[] = []
  let from = gap.from
  for (const position of positions) {
    if (position < from || position > gap.to) continue
    if (position > from) left.push({ ...gap, from, to: position - 1 })
    from = position + 1
  }
  if (from <= gap.to) left.push({ ...gap, from })
  return left
}

function holesAbove(last: number, positions: readonly number[]): Gap[] {
  const holes: Gap[] = []
  let next = last + 1
  for (const position of positions) {
    if (position < next) continue
    if (position > next) holes.push({ from: next, to: position - 1, over: null })
    next = position + 1
  }
  return holes
}
