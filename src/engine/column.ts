/**
 * A growing column of numbers on typed arrays. A problem of a million needs holds some sixty million
 * amounts; a plain array would box and copy them, a column doubles and is trimmed once at the end.
 */
export interface Column<A extends Int32Array | Float64Array> {
  readonly length: number
  push(value: number): void
  /** The values so far, in a buffer of exactly that size. */
  trimmed(): A
}

/** A column of 32-bit indices. */
export function indexColumn(): Column<Int32Array> {
  let values = new Int32Array(1024)
  let length = 0
  return {
    get length() {
      return length
    },
    push(value) {
      if (length === values.length) {
        const larger = new Int32Array(length * 2)
        larger.set(values)
        values = larger
      }
      values[length++] = value
    },
    trimmed: () => values.slice(0, length),
  }
}

/** A column of amounts: doubles that hold integers up to 2^53. */
export function amountColumn(): Column<Float64Array> {
  let values = new Float64Array(1024)
  let length = 0
  return {
    get length() {
      return length
    },
    push(value) {
      if (length === values.length) {
        const larger = new Float64Array(length * 2)
        larger.set(values)
        values = larger
      }
      values[length++] = value
    },
    trimmed: () => values.slice(0, length),
  }
}
