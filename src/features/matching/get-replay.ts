import { eq } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { getRun } from './get-run.ts'
import type { ReplayRow } from './replay-run.ts'
import { replays } from './tables.ts'

/** A replay of a run within the actor's reach, whoever asked for it. @throws Refusal `not_found` beyond it. */
export async function getReplay(ctx: Context, id: string): Promise<ReplayRow> {
  permit(ctx, 'run.replay')
  const [row] = await query(ctx).select().from(replays).where(eq(replays.id, id))
  const replay = found(row, 'replay')
  await getRun(ctx, replay.runId).catch((error) => {
    if (error instanceof Refusal && error.code === 'not_found') found(null, 'replay')
    throw error
  })
  return replay
}
