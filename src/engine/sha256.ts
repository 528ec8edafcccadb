import { MOST_BYTES_PER_UNIT, writeUtf8 } from './utf8.ts'

/**
 * SHA-256 (FIPS 180-4), taking its message in pieces. Of the small hashes this is the one that anybody can
 * recompute with a standard tool. A digest here tells that something changed, not who wrote it.
 */
export interface Sha256 {
  bytes(piece: Uint8Array): Sha256
  /** The UTF-8 of `piece`. */
  text(piece: string): Sha256
  /** The digest of everything so far, as `sha256:` and 64 hexadecimal digits; ends the message. */
  digest(): string
}

const ROUNDS = 64
const BLOCK = 64
/** Code units encoded at a time. */
const SLICE = 8192

/** Starts a message. */
export function createSha256(): Sha256 {
  const state = INITIAL.slice()
  const schedule = new Int32Array(ROUNDS)
  const block = new Uint8Array(BLOCK)
  const encoded = new Uint8Array(SLICE * MOST_BYTES_PER_UNIT)
  let length = 0

  const take = (piece: Uint8Array, end: number): void => {
    let at = 0
    const filled = length % BLOCK
    length += end
    if (filled > 0) {
      at = Math.min(end, BLOCK - filled)
      block.set(piece.subarray(0, at), filled)
      if (filled + at < BLOCK) return
      compress(state, schedule, block, 0)
    }
    for (; at + BLOCK <= end; at += BLOCK) compress(state, schedule, piece, at)
    block.set(piece.subarray(at, end))
  }
  // Text comes in crumbs; encoding some thousand units at a time is several times faster.
  let pending = ''
  const flush = (all: boolean): void => {
    let at = 0
    while (pending.length - at >= SLICE || (all && at < pending.length)) {
      let end = Math.min(pending.length, at + SLICE)
      // A surrogate pair must not be cut in two.
      if (end < pending.length && (pending.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--
      take(encoded, writeUtf8(pending.slice(at, end), encoded, 0))
      at = end
    }
    pending = pending.slice(at)
  }
  const sha: Sha256 = {
    bytes(piece) {
      flush(true)
      take(piece, piece.length)
      return sha
    },
    text(piece) {
      pending += piece
      if (pending.length > SLICE) flush(false)
      return sha
    },
    digest() {
      flush(true)
      const tail = padding(length)
      take(tail, tail.length)
      const hex = [...state].map((word) => (word >>> 0).toString(16).padStart(8, '0'))
      return `sha256:${hex.join('')}`
    },
  }
  return sha
}

/** A one, zeros up to eight bytes before a block ends, and the length in bits. */
function padding(length: number): Uint8Array {
  const tail = new Uint8Array(BLOCK - ((length + 8) % BLOCK) + 8)
  tail[0] = 0x80
  const view = new DataView(tail.buffer)
  view.setUint32(tail.length - 8, Math.floor(length / 2 ** 29))
  view.setUint32(tail.length - 4, (length % 2 ** 29) * 8)
  return tail
}

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

function compress(state: Int32Array, schedule: Int32Array, bytes: Uint8Array, at: number): void {
  expand(schedule, bytes, at)
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + CONSTANTS[i]! + schedule[i]!) | 0
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0] = state[0]! + a
  state[1] = state[1]! + b
  state[2] = state[2]! + c
  state[3] = state[3]! + d
  state[4] = state[4]! + e
  state[5] = state[5]! + f
  state[6] = state[6]! + g
  state[7] = state[7]! + h
}

function expand(schedule: Int32Array, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) {
    const b = at + 4 * i
    schedule[i] = (bytes[b]! << 24) | (bytes[b + 1]! << 16) | (bytes[b + 2]! << 8) | bytes[b + 3]!
  }
  for (let i = 16; i < ROUNDS; i++) {
    const x = schedule[i - 15]!
    const y = schedule[i - 2]!
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)
    schedule[i] = schedule[i - 16]! + s0 + schedule[i - 7]! + s1
  }
}

/** The first `count` primes. */
function primes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n)
  return found
}

/** The first 32 bits behind the point of the `root`-th root of every prime, found in exact integers. */
function rootFractions(count: number, root: bigint): Int32Array {
  return Int32Array.from(primes(count), (prime) => {
    const target = BigInt(prime) << (32n * root)
    let low = 0n
    for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) if ((low + bit) ** root <= target) low += bit
    return Number(low & 0xffffffffn) | 0
  })
}

/** First 32 bits of the fractional parts of the square roots of the first 8 primes. */
const INITIAL = rootFractions(8, 2n)
/** First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const CONSTANTS = rootFractions(ROUNDS, 3n)
