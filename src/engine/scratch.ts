import type { Amounts } from './column.ts'

/**
 * Memory for arrays that a thread needs again and again: whoever asks in the same order as the last time gets
 * the same buffers. Freed ones would wait for the garbage collector, which lets 60 MB of them pile up.
 */
export interface Scratch {
  /** So many zeros. */
  ints(length: number): Int32Array
  doubles(length: number): Float64Array
  /** So many zeros, as wide as `like`. */
  amounts(like: Amounts, length: number): Amounts
  /** Takes everything back: arrays handed out so far must not be used any more. */
  reuse(): void
}

/** Buffers are this much larger than asked for, because the next one to ask may need a little more. */
const SPARE = 1.1

/** Empty scratch memory. */
export function createScratch(): Scratch {
  const buffers: ArrayBuffer[] = []
  let next = 0
  const take = (bytes: number): ArrayBuffer => {
    let buffer = buffers[next]
    if (buffer === undefined || buffer.byteLength < bytes) {
      buffer = new ArrayBuffer(Math.ceil((bytes * SPARE) / 8) * 8)
      buffers[next] = buffer
    } else {
      new Uint8Array(buffer, 0, bytes).fill(0)
    }
    next++
    return buffer
  }
  const ints = (length: number) => new Int32Array(take(length * 4), 0, length)
  const doubles = (length: number) => new Float64Array(take(length * 8), 0, length)
  return {
    ints,
    doubles,
    amounts(like, length) {
      if (like instanceof Uint16Array) return new Uint16Array(take(length * 2), 0, length)
      return like instanceof Int32Array ? ints(length) : doubles(length)
    },
    reuse() {
      next = 0
    },
  }
}
