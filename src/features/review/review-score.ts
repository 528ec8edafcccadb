/**
 * In which order a run's matches deserve a look: an integer score from 0 to 100, the sum of
 *
 * - `large_subsidy`, up to 30: nothing in the run's smaller half, then in a line to 30 for the largest subsidy;
 * - `narrow_margin`, up to 25: nothing where the chosen option is worth a quarter more than the next one, or there is no
 *   other; then in a line to 25 where it is worth no more;
 * - `provider_concentration`, up to 20: nothing for a provider that gets a fifth of the run's subsidy or less, then in a
 *   line to 20 for one that gets all of it;
 * - `stale_facts`, up to 25: 10 for an assessment that has expired since, 5 each for a resident or an offering that has
 *   changed since, and for an assurance that has lapsed.
 */
import type { ReviewReason, StaleFact } from './schemas.ts'

/** What the score of a match comes from; money in minor units. */
export interface ReviewedMatch {
  id: string
  providerId: string
  subsidy: number
  utility: number
  /** The next best option's; null where there was none. */
  runnerUp: number | null
  stale: readonly StaleFact[]
}

export interface Scored {
  id: string
  score: number
  /** Their points add up to the score; only those with points, in a fixed order. */
  reasons: ReviewReason[]
}

const STALE_POINTS: Record<StaleFact, number> = {
  assessment_expired: 10,
  resident_changed: 5,
  offering_changed: 5,
  assurance_lapsed: 5,
}

/** All matches of a run, the highest score first; of equal ones, by id. */
export function reviewQueue(matches: readonly ReviewedMatch[]): Scored[] {
  const smallerThan = createRanks(matches.map(({ subsidy }) => subsidy))
  const byProvider = new Map<string, number>()
  for (const { providerId, subsidy } of matches) {
    byProvider.set(providerId, (byProvider.get(providerId) ?? 0) + subsidy)
  }
  const total = matches.reduce((sum, { subsidy }) => sum + subsidy, 0)
  const scored = matches.map((match): Scored => {
    const { id, subsidy, providerId } = match
    const rank = subsidy === 0 ? 0 : (smallerThan(subsidy) + 1) / matches.length
    const share = total === 0 ? 0 : byProvider.get(providerId)! / total
    const reasons = reasonsOf(match, rank, share)
    return { id, score: reasons.reduce((sum, { points }) => sum + points, 0), reasons }
  })
  return scored.sort(inOrder)
}

/** The order of the queue. */
export function inOrder(a: Pick<Scored, 'score' | 'id'>, b: Pick<Scored, 'score' | 'id'>): number {
  return b.score - a.score || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

function reasonsOf({ utility, runnerUp, stale }: ReviewedMatch, rank: number, share: number): ReviewReason[] {
  const facts = [...new Set(stale)]
  const all: ReviewReason[] = [
    { code: 'large_subsidy', points: pointsOf(30, (rank - 0.5) / 0.5) },
    { code: 'narrow_margin', points: pointsOf(25, 1 - marginOf(utility, runnerUp) / 0.25) },
    { code: 'provider_concentration', points: pointsOf(20, (share - 0.2) / 0.8) },
    { code: 'stale_facts', points: facts.reduce((sum, fact) => sum + STALE_POINTS[fact], 0), facts },
  ]
  return all.filter(({ points }) => points > 0)
}

/** By how much of its worth the chosen option is ahead of the next one. */
function marginOf(utility: number, runnerUp: number | null): number {
  if (runnerUp === null || utility === 0) return 1
  return (utility - runnerUp) / utility
}

/** The part of the most points that a share from 0 to 1 stands for, rounded down. */
function pointsOf(most: number, share: number): number {
  return Math.floor(most * Math.min(1, Math.max(0, share)))
}

/** How many of the amounts are smaller than one of them. */
function createRanks(amounts: readonly number[]): (amount: number) => number {
  const smaller = new Map<number, number>()
  for (const [index, amount] of [...amounts].sort((a, b) => a - b).entries()) {
    if (!smaller.has(amount)) smaller.set(amount, index)
  }
  return (amount) => smaller.get(amount)!
}
