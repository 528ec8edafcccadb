/** What the demo's run reads, without the run. */
import { sql } from 'drizzle-orm'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import { readSnapshot } from '../../src/features/matching/read-snapshot.ts'
import type { Snapshot } from '../../src/features/matching/snapshot.ts'
import { adoptedPolicy } from '../../src/features/policies/adopted-policy.ts'
import { readConfig } from '../../src/platform/config.ts'
import { createContext } from '../../src/platform/context.ts'
import { bulkLaneFor, openBulkLane } from '../../src/platform/db/bulk-lane.ts'
import { openDb } from '../../src/platform/db/open-db.ts'
import { createLogger } from '../../src/platform/telemetry.ts'
import { createDeployment, runCommand } from '../deployment.ts'

/** Loads the demo into an embedded database of its own, reads it, and leaves nothing behind. */
export async function demoSnapshot({
  residents,
  from,
}: {
  residents: number
  from?: string | undefined
}): Promise<Snapshot> {
  const deployment = await createDeployment('embedded')
  try {
    const source = from ? ['--from', from] : []
    const { code, output } = await runCommand(deployment, [
      'demo',
      '--no-match',
      '--residents',
      String(residents),
      ...source,
    ])
    if (code !== 0) throw new Error(output)
    const log = createLogger('error')
    const db = await openDb(readConfig(deployment.environment), log)
    try {
      const ctx = createContext({ db, log, encryptionKey: Buffer.alloc(32), currency: 'TWD', actor: SYSTEM })
      await db.root.execute(sql`update needs set state = 'in_run'`)
      const { rows } = (await db.root.execute(sql`
        select (select id from areas where parent_id is null) as "areaId",
          (select organization_id from programs limit 1) as "recipientId",
          (select max(period) from needs) as period`)) as unknown as {
        rows: { areaId: string; recipientId: string; period: string }[]
      }
      const { document: policy } = await adoptedPolicy(ctx)
      const offer = bulkLaneFor(db)
      const lane = await openBulkLane(offer.descriptor)
      const scope = { ...rows[0]!, currency: ctx.currency, policy, timeZone: ctx.timeZone, now: ctx.clock() }
      const snapshot = await readSnapshot(lane, scope)
      await lane.close()
      offer.close()
      return snapshot
    } finally {
      await db.close()
    }
  } finally {
    await deployment.remove()
  }
}
