/** Which records were seen already: a million ids in 40 MB, where a set of strings would take four times as much. */
import { RECORD_KIND_NAMES, type RecordKind } from '../directory/record.ts'

/** Four words of the id and one for the kind; a kind of 0 marks an empty slot. */
const WORDS = 5
const FIRST_SLOTS = 1024

const NUMBER_OF = new Map(RECORD_KIND_NAMES.map((kind, index) => [kind, index + 1]))

/** An open-addressing hash table over whole ids: exact, never mistaken. */
export class SightedIds {
  #slots = FIRST_SLOTS
  #words = new Uint32Array(FIRST_SLOTS * WORDS)
  #size = 0
  /** Filled anew for every id. */
  readonly #entry = new Uint32Array(WORDS)

  get size(): number {
    return this.#size
  }

  /** @param id a uuid. @returns whether it was not there yet. */
  add(kind: RecordKind, id: string): boolean {
    const entry = this.#entry
    entry[0] = NUMBER_OF.get(kind)!
    entry[1] = digits(id, 0, 8)
    entry[2] = digits(id, 9, 13) * 0x10000 + digits(id, 14, 18)
    entry[3] = digits(id, 19, 23) * 0x10000 + digits(id, 24, 28)
    entry[4] = digits(id, 28, 36)
    if (!this.#put(entry)) return false
    this.#size++
    if (this.#size * 2 > this.#slots) this.#grow()
    return true
  }

  #put(entry: Uint32Array): boolean {
    let slot = slotOf(entry, this.#slots)
    for (;;) {
      const at = slot * WORDS
      if (this.#words[at] === 0) {
        this.#words.set(entry, at)
        return true
      }
      if (this.#isAt(at, entry)) return false
      slot = (slot + 1) % this.#slots
    }
  }

  #isAt(at: number, entry: Uint32Array): boolean {
    for (let index = 0; index < WORDS; index++) if (this.#words[at + index] !== entry[index]) return false
    return true
  }

  #grow(): void {
    const old = this.#words
    this.#slots *= 2
    this.#words = new Uint32Array(this.#slots * WORDS)
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at] !== 0) this.#put(old.subarray(at, at + WORDS))
    }
  }
}

const digits = (id: string, from: number, to: number) => Number.parseInt(id.slice(from, to), 16)

/** Ids may be counted up in any of their digits, so all of them are mixed. */
function slotOf(entry: Uint32Array, slots: number): number {
  let hash = 0x811c9dc5
  for (const word of entry) {
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return (hash >>> 0) % slots
}
