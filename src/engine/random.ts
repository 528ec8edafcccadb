/** A seeded stream of 32-bit integers. */
export interface Random {
  /** The next integer in 0 .. 2^32 − 1. */
  next(): number
  /** The next integer in 0 .. bound − 1, for a bound of 1 .. 2^32. */
  below(bound: number): number
}

/**
 * The stream of `seed` (any integer): splitmix32, a counter run through a mixer. It uses 32-bit integer
 * arithmetic only, so the stream is the same on every machine.
 */
export function createRandom(seed: number): Random {
  let counter = seed >>> 0
  const next = (): number => {
    counter = (counter + 0x9e3779b9) >>> 0
    return mix(counter)
  }
  return { next, below: (bound) => Math.floor((next() * bound) / 4294967296) }
}

/**
 * A lottery number in 0 .. 2^32 − 1 for `index` under `seed`: equal claims are ordered by it, so that
 * nobody gains by being listed first and anyone who knows the seed can redo the draw.
 */
export function lot(seed: number, index: number): number {
  return mix((Math.imul(index + 1, 0x9e3779b9) ^ mix(seed >>> 0)) >>> 0)
}

function mix(value: number): number {
  let z = value ^ (value >>> 16)
  z = Math.imul(z, 0x21f0aaad)
  z ^= z >>> 15
  z = Math.imul(z, 0x735a2d97)
  return (z ^ (z >>> 15)) >>> 0
}
