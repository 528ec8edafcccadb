/** Books one option after the other in the city of `bench-options`: through the HTTP application, answers read and all. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { listOptions } from '../../src/features/matching/instant/list-options.ts'
import { nothingSpent, type Spent, spend } from './options-spent.ts'

/** Bookings of one kind, and what they cost. */
export interface BookedWay {
  way: 'alone' | 'with a program'
  spent: Spent
  /** Refused because another booking of the same turn took what was left, by code; they are measured as well. */
  refused: number
}

interface Booking {
  needId: string
  offeringId: string
  programId: string | null
}

export interface Desk {
  pool: Pool
  /** The question whose best answer is booked. */
  options(needId: string): ReturnType<typeof listOptions>
  /** @returns the status of the answer. */
  post(path: string, body: object, headers: Record<string, string>): Promise<number>
}

const TURN = 40
/** Bookings of each kind that warm up everything, before any is measured. */
const WARMING = 80

/**
 * So many bookings of each kind, one at a time: of the best option that the resident pays alone, and of the best that a
 * program pays a part of. Options are asked for before each turn, and that is not measured.
 * @param needs ids, each at most once; those that may not be booked, or have no option of the kind, are passed over.
 */
export async function bookSome(desk: Desk, needs: Iterable<string>, count: number): Promise<BookedWay[]> {
  const waiting = needs[Symbol.iterator]()
  const ways = (['alone', 'with a program'] as const).map(
    (way): BookedWay => ({ way, spent: nothingSpent(), refused: 0 }),
  )
  for (const way of ways) await bookTurn(desk, { ...way, spent: nothingSpent() }, waiting, WARMING)
  for (let done = 0; done < count; done += TURN) {
    for (const way of ways) way.refused += await bookTurn(desk, way, waiting, Math.min(TURN, count - done))
  }
  return ways
}

async function bookTurn(
  desk: Desk,
  { way, spent }: BookedWay,
  waiting: Iterator<string>,
  count: number,
): Promise<number> {
  const bookings: Booking[] = []
  while (bookings.length < count) {
    const next = waiting.next()
    if (next.done) throw new Error('There are not enough needs to book for.')
    const { options, notBookable } = await desk.options(next.value)
    const option = options.find(({ program }) => (program === null) === (way === 'alone'))
    if (notBookable || !option) continue
    const { offering, program } = option
    bookings.push({ needId: next.value, offeringId: offering.id, programId: program?.id ?? null })
  }
  let refused = 0
  await spend(spent, desk.pool, bookings, 1, async ({ needId, ...body }) => {
    const headers = { 'Idempotency-Key': randomUUID() }
    const status = await desk.post(`/v1/needs/${needId}/bookings`, body, headers)
    if (status === 409) refused++
    else if (status !== 201) throw new Error(`A booking was answered with ${status}.`)
  })
  return refused
}
