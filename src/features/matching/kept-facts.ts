import { asc, eq } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import type { ResidentPart } from './snapshot-parts.ts'
import { createSnapshotSeal } from './snapshot-seal.ts'
import { runSnapshotParts } from './tables.ts'

/** What of a resident is kept in a run's snapshot. */
export interface KeptFacts extends ResidentPart {
  runId: string
}

/** A resident's parts of every snapshot that is kept, opened; for an export, whose own verb asks for permission. */
export async function keptFacts(ctx: Context, residentId: string): Promise<KeptFacts[]> {
  const { open } = createSnapshotSeal(ctx.encryptionKey)
  const rows = await query(ctx)
    .select()
    .from(runSnapshotParts)
    .where(eq(runSnapshotParts.residentId, residentId))
    .orderBy(asc(runSnapshotParts.runId))
  return rows.flatMap(({ runId, number, content }) => {
    const part = open(runId, number, content) as ResidentPart | null
    return part ? [{ runId, ...part }] : []
  })
}
