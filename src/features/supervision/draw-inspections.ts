/** Which offerings are inspected: some for their risk, some by lot among the rest. Pure: the same seed draws the same. */
import { createRandom, lot } from '../../engine/random.ts'

/** An offering that may be drawn, and the weight of the alerts about it. */
export interface Candidate {
  offeringId: string
  risk: number
}

export interface Drawn extends Candidate {
  draw: 'risk' | 'lot'
}

export interface DrawOrder {
  /** How many for their risk; fewer where fewer have any. */
  byRisk: number
  /** How many by lot among the others. */
  byLot: number
  /** An integer that is on record before the draw. */
  seed: number
}

/**
 * Draws first the riskiest, where equal risks are told apart by a lottery under the seed, then some of all others, each
 * with the same chance.
 * @param frame in order of id: a candidate's place in it is its number in the lottery.
 */
export function drawInspections(frame: readonly Candidate[], { byRisk, byLot, seed }: DrawOrder): Drawn[] {
  const numbered = frame.map((candidate, at) => ({ candidate, ticket: lot(seed, at), at }))
  const risky = numbered
    .filter(({ candidate }) => candidate.risk > 0)
    .sort(
      (one, other) =>
        other.candidate.risk - one.candidate.risk || one.ticket - other.ticket || one.at - other.at,
    )
    .slice(0, byRisk)
  const taken = new Set(risky.map(({ at }) => at))
  const rest = numbered.filter(({ at }) => !taken.has(at)).map(({ candidate }) => candidate)
  return [
    ...risky.map(({ candidate }) => ({ ...candidate, draw: 'risk' as const })),
    ...someOf(rest, byLot, seed).map((candidate) => ({ ...candidate, draw: 'lot' as const })),
  ]
}

/** The first `size` cards of a shuffled pack (Fisher and Yates). */
function someOf<T>(pack: readonly T[], size: number, seed: number): T[] {
  const random = createRandom(seed)
  const cards = [...pack]
  const many = Math.min(size, cards.length)
  for (let at = 0; at < many; at++) {
    const other = at + random.below(cards.length - at)
    const card = cards[at]!
    cards[at] = cards[other]!
    cards[other] = card
  }
  return cards.slice(0, many)
}
