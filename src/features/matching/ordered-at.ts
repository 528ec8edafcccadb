import type { matchRuns } from './tables.ts'

type RunRow = typeof matchRuns.$inferSelect

/** The instant at which a run's facts are judged: of its order, or of the last order to solve it again. */
export function orderedAt({ createdAt, resolvedAt }: Pick<RunRow, 'createdAt' | 'resolvedAt'>): Date {
  return resolvedAt ?? createdAt
}
