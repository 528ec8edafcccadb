import { inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { getRun, type MatchRow } from '../matching/get-run.ts'
import { matches } from '../matching/tables.ts'
import { readQueue } from './read-queue.ts'
import { inOrder, reviewQueue, type Scored } from './review-score.ts'
import type { ReviewQuery } from './schemas.ts'

export interface QueuePage {
  items: (Pick<Scored, 'score' | 'reasons'> & { match: MatchRow })[]
  nextCursor: string | null
}

/**
 * What a run proposes, in the order in which it deserves a look (`review-score.ts`), with the reasons as codes.
 * @throws Refusal `not_found` beyond the actor's reach.
 */
export async function listReviewQueue(
  ctx: Context,
  runId: string,
  { limit, cursor }: ReviewQuery,
): Promise<QueuePage> {
  const run = await getRun(ctx, runId)
  const queue = reviewQueue(await readQueue(ctx, run))
  const after = cursor === undefined ? null : placeOf(cursor)
  const rest = after ? queue.filter((one) => inOrder(after, one) < 0) : queue
  const page = rest.slice(0, limit)
  const rows = await query(ctx)
    .select()
    .from(matches)
    .where(
      inArray(
        matches.id,
        page.map(({ id }) => id),
      ),
    )
  const byId = new Map(rows.map((row) => [row.id, row]))
  const items = page.flatMap(({ id, score, reasons }) => {
    const match = byId.get(id)
    return match ? [{ match, score, reasons }] : []
  })
  const last = page.at(-1)
  return { items, nextCursor: last && rest.length > limit ? `${last.score}~${last.id}` : null }
}

function placeOf(cursor: string): Pick<Scored, 'score' | 'id'> {
  const [score, id] = cursor.split('~') as [string, string]
  return { score: Number(score), id }
}
