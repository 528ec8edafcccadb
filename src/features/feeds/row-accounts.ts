/** Every row of a feed's files is imported or refused: the books that show it. */
import type { FeedItem, Flaw, Place } from './feed-item.ts'

export interface RowAccount {
  file: string
  /** Data rows, as the reader counted them. */
  rows: number
  imported: number
  refused: number
}

/** Which lines of a file stand for a record, and which were refused. */
interface Book {
  rows: number
  staged: LineSet
  refused: LineSet
}

export class RowAccounts {
  readonly #books = new Map<string, Book>()

  /** A record that stands for its row was taken. @returns false if its line had one before. */
  staged({ file, line }: Place): boolean {
    return this.#book(file).staged.add(line)
  }

  flawed({ place, outcome }: Flaw): void {
    if (outcome === 'refused') this.#book(place.file).refused.add(place.line)
  }

  counted({ rows: { file, rows } }: Extract<FeedItem, { rows: object }>): void {
    this.#book(file).rows += rows
  }

  /**
   * The accounts so far, with a refused flaw for each file of which rows are left that gave neither a record nor a
   * flaw: nothing is dropped in silence.
   */
  close(): { accounts: RowAccount[]; flaws: Flaw[] } {
    const flaws: Flaw[] = []
    const accounts = [...this.#books].map(([file, { rows, staged, refused }]) => {
      const counted = Math.max(rows, staged.size)
      const told = refused.countWithout(staged)
      const left = counted - staged.size - told
      if (left > 0) {
        const reason = `${left} more rows gave no record`
        flaws.push({ place: { file, line: 0 }, field: null, reason, outcome: 'refused' })
      }
      return { file, rows: counted, imported: staged.size, refused: counted - staged.size }
    })
    return { accounts: accounts.filter(({ rows }) => rows > 0), flaws }
  }

  #book(file: string): Book {
    const known = this.#books.get(file)
    if (known) return known
    const book = { rows: 0, staged: new LineSet(), refused: new LineSet() }
    this.#books.set(file, book)
    return book
  }
}

/** Line numbers, one bit each. */
class LineSet {
  #bits = new Uint8Array(128)
  size = 0

  add(line: number): boolean {
    const at = line >>> 3
    if (at >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(at + 1, this.#bits.length * 2))
      grown.set(this.#bits)
      this.#bits = grown
    }
    if (this.has(line)) return false
    this.#bits[at]! |= 1 << (line & 7)
    this.size++
    return true
  }

  has(line: number): boolean {
    return ((this.#bits[line >>> 3] ?? 0) & (1 << (line & 7))) !== 0
  }

  /** Lines that are in this set and not in the other. */
  countWithout(other: LineSet): number {
    let count = 0
    for (let at = 0; at < this.#bits.length; at++) {
      let byte = this.#bits[at]! & ~(other.#bits[at] ?? 0)
      for (; byte; byte &= byte - 1) count++
    }
    return count
  }
}
