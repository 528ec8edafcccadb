import { type Amounts, amountColumn } from './column.ts'

/** Ids by position; a plain array of texts is one. */
export interface Names extends Iterable<string> {
  readonly length: number
  /** The id at `index`; undefined beyond the last. */
  at(index: number): string | undefined
}

/** Distinct ids that are looked up; the ones after that are stored one by one. */
const MOST_DISTINCT = 1_000_000

/**
 * A growing column of ids that repeat: every need's options may be called alike, and a million needs have
 * twenty million of them. Each distinct id is kept once, each entry is its number.
 */
export function nameColumn(): { push(id: string): number; trimmed(): Names } {
  const texts: string[] = []
  const numbers = new Map<string, number>()
  const entries = amountColumn()
  return {
    push(id) {
      let number = numbers.get(id)
      if (number === undefined) {
        number = texts.push(id) - 1
        if (number < MOST_DISTINCT) numbers.set(id, number)
      }
      entries.push(number)
      return entries.length - 1
    },
    trimmed: () => new RepeatingNames(texts, entries.trimmed()),
  }
}

class RepeatingNames implements Names {
  private readonly texts: readonly string[]
  private readonly entries: Amounts

  constructor(texts: readonly string[], entries: Amounts) {
    this.texts = texts
    this.entries = entries
  }

  get length(): number {
    return this.entries.length
  }

  at(index: number): string | undefined {
    return this.texts[this.entries[index]!]
  }

  *[Symbol.iterator](): Generator<string> {
    for (const entry of this.entries) yield this.texts[entry]!
  }
}
