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
  /**
   * No transaction has begun with this one or above; null where it was not asked, because no gap waits for it. Not the
   * upper end of a snapshot: that is one above the highest transaction that has *ended*, and others may run above it.
   */
  nextToBegin: bigint | null
}

/** Of a reader that has read nothing. */
export const NOTHING_SEEN: Seen = { last: 0, gaps: [] }

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

/** What has been seen once one more number has: for saying how far one came within what a statement has read. */
export function passed(seen: Seen, position: number): Seen {
  if (position > seen.last) {
    return { last: position, gaps: [...seen.gaps, ...holesAbove(seen.last, [position])] }
  }
  const gaps = seen.gaps.flatMap((gap) => without(gap, [position]))
  return { ...seen, gaps }
}

/** Whether a number is still to be read. */
export function isUnseen({ last, gaps }: Seen, position: number): boolean {
  return position > last || gaps.some(({ from, to }) => from <= position && position <= to)
}

/**
 * As text without blanks: `e1:<last>`, then `,<from>-<to>` for each gap, with `@<over>` where that is known.
 * @param mostGaps for text of bounded length: of more gaps, neighbors are united, and the numbers between them are
 *   read again. Nothing is lost by it.
 */
export function encodeSeen({ last, gaps }: Seen, mostGaps = Number.POSITIVE_INFINITY): string {
  const parts = united(
    gaps.toSorted((a, b) => a.from - b.from),
    mostGaps,
  ).map(({ from, to, over }) => `${from}-${to}${over === null ? '' : `@${over}`}`)
  return [`e1:${last}`, ...parts].join(',')
}

function united(gaps: readonly Gap[], most: number): Gap[] {
  if (gaps.length <= most) return [...gaps]
  const size = Math.ceil(gaps.length / most)
  return Array.from({ length: Math.ceil(gaps.length / size) }, (_, index) => {
    const several = gaps.slice(index * size, (index + 1) * size)
    // As long as one of them may still be filled, all are asked for again.
    const over = several.reduce<Gap>(
      (a, b) => (a.over !== null && (b.over === null || b.over > a.over) ? b : a),
      several[0]!,
    )
    return { from: several[0]!.from, to: several.at(-1)!.to, over: over.over }
  })
}

const ENCODED = /^e1:\d{1,15}(,\d{1,15}-\d{1,15}(@\d{1,19})?)*$/

/** What `encodeSeen` has written; null for what it can't have. */
export function decodeSeen(text: string): Seen | null {
  if (!ENCODED.test(text)) return null
  const [head, ...parts] = text.slice('e1:'.length).split(',')
  const last = Number(head)
  const gaps = parts.map((part): Gap => {
    const [range, over] = part.split('@')
    const [from, to] = range!.split('-').map(Number)
    return { from: from!, to: to!, over: over === undefined ? null : BigInt(over) }
  })
  const inOrder = gaps.every(
    ({ from, to }, index) => from <= to && from > (gaps[index - 1]?.to ?? 0) && to < last,
  )
  return inOrder ? { last, gaps } : null
}
