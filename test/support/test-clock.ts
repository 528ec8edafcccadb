/** A clock that stands still until it is moved. */
export class TestClock {
  #now: Date

  constructor(start = '2026-12-01T08:00:00.000Z') {
    this.#now = new Date(start)
  }

  /** The function a context takes as its clock. */
  readonly read = (): Date => new Date(this.#now)

  set(instant: string): void {
    this.#now = new Date(instant)
  }

  advance(milliseconds: number): void {
    this.#now = new Date(this.#now.getTime() + milliseconds)
  }
}
