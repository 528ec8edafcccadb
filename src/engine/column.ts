/** Integers of a column, as narrow as they all fit; doubles hold integers up to 2^53. */
export type Amounts = Uint16Array | Int32Array | Float64Array

/**
 * A growing column of numbers in shared memory. A problem of a million needs holds two hundred million
 * numbers: a plain array would box and copy them, this grows in place, and threads read it without a copy.
 */
export interface Column<A extends Amounts> {
  readonly length: number
  push(value: number): void
  /** The values so far. The column must not grow afterwards. */
  trimmed(): A
}

/** Bytes up to which a column is copied when it grows; a larger one reserves addresses to grow in place. */
const MOST_COPIED = 1 << 20
/** Addresses reserved by a large column, in bytes; the largest that Node 20 allows. */
const MOST_BYTES = 2 ** 31

/** A column of 32-bit indices. */
export function indexColumn(): Column<Int32Array> {
  const store = createStore()
  let values = new Int32Array(store.buffer)
  let length = 0
  return {
    get length() {
      return length
    },
    push(value) {
      if (length === values.length) values = new Int32Array(store.grow(length * 4))
      values[length++] = value
    },
    trimmed: () => new Int32Array(store.cut(length * 4), 0, length),
  }
}

/** A column of amounts, integers in 0 .. 2^53 − 1; it widens when the first larger one comes. */
export function amountColumn(): Column<Amounts> {
  let store = createStore()
  let values: Amounts = new Uint16Array(store.buffer)
  let most = mostOf(values)
  let length = 0
  const widen = (value: number) => {
    const width = value <= 0x7fffffff ? 4 : 8
    const wider = createStore()
    while (wider.buffer.byteLength < (length + 1) * width) wider.grow(0)
    const copy = viewOf(wider.buffer, width)
    copy.set(values.subarray(0, length))
    store = wider
    values = copy
    most = mostOf(values)
  }
  return {
    get length() {
      return length
    },
    push(value) {
      if (value > most) widen(value)
      if (length === values.length) values = viewOf(store.grow(values.byteLength), values.BYTES_PER_ELEMENT)
      values[length++] = value
    },
    trimmed: () => viewOf(store.cut(length * values.BYTES_PER_ELEMENT), values.BYTES_PER_ELEMENT, length),
  }
}

function viewOf(buffer: ArrayBufferLike, width: number, length?: number): Amounts {
  if (width === 2) return new Uint16Array(buffer, 0, length)
  return width === 4 ? new Int32Array(buffer, 0, length) : new Float64Array(buffer, 0, length)
}

function mostOf(values: Amounts): number {
  if (values instanceof Uint16Array) return 0xffff
  return values instanceof Int32Array ? 0x7fffffff : Number.MAX_SAFE_INTEGER
}

/** A growable buffer exists in ECMAScript 2024; Node 20 has it, the type library of 2023 does not. */
type Growable = SharedArrayBuffer & { grow(bytes: number): void }
const createGrowable = SharedArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => Growable

function createStore() {
  let buffer: SharedArrayBuffer = new SharedArrayBuffer(1024)
  return {
    get buffer() {
      return buffer
    },
    /** At least doubles what is there and keeps the first `used` bytes. */
    grow(used: number): SharedArrayBuffer {
      const bytes = Math.min(buffer.byteLength * 2, MOST_BYTES)
      if (bytes === buffer.byteLength) throw new RangeError('A column is larger than two gigabytes.')
      if (buffer.byteLength > MOST_COPIED) {
        ;(buffer as Growable).grow(bytes)
        return buffer
      }
      const larger =
        bytes > MOST_COPIED
          ? new createGrowable(bytes, { maxByteLength: MOST_BYTES })
          : new SharedArrayBuffer(bytes)
      new Uint8Array(larger).set(new Uint8Array(buffer, 0, used))
      buffer = larger
      return buffer
    },
    /** The buffer without what a small one has too much. Untouched pages of a large one cost nothing. */
    cut(used: number): SharedArrayBuffer {
      if (buffer.byteLength > MOST_COPIED) return buffer
      const exact = new SharedArrayBuffer(used)
      new Uint8Array(exact).set(new Uint8Array(buffer, 0, used))
      return exact
    },
  }
}
