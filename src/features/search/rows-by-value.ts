/** Which rows have a value, for columns whose conditions leave few: nobody looks at all rows for one area's. */

export interface RowsByValue {
  /** Where each code's rows begin in `slots`; one more at the end. */
  readonly starts: Uint32Array
  /** Ascending within a code. */
  readonly slots: Uint32Array
}

export function createRowsByValue({
  values,
  codes,
}: {
  values: readonly unknown[]
  codes: Uint32Array
}): RowsByValue {
  const starts = new Uint32Array(values.length + 1)
  for (let slot = 0; slot < codes.length; slot++) starts[codes[slot]! + 1]! += 1
  for (let code = 0; code < values.length; code++) starts[code + 1]! += starts[code]!
  const next = starts.slice()
  const slots = new Uint32Array(codes.length)
  for (let slot = 0; slot < codes.length; slot++) slots[next[codes[slot]!]!++] = slot
  return { starts, slots }
}

/**
 * Writes the rows of these codes into `into`, ascending.
 * @returns how many they are; -1 where they are more than `most`, and nothing is written.
 */
export function takeRows(
  { starts, slots }: RowsByValue,
  codes: readonly number[],
  into: Uint32Array,
  most: number,
): number {
  let count = 0
  for (const code of codes) count += starts[code + 1]! - starts[code]!
  if (count > most) return -1
  let left = 0
  for (const code of codes) {
    into.set(slots.subarray(starts[code]!, starts[code + 1]!), left)
    left += starts[code + 1]! - starts[code]!
  }
  if (codes.length > 1) into.subarray(0, left).sort()
  return left
}
