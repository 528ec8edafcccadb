import { expect, test } from 'vitest'
import { record } from '../../../src/platform/audit/record.ts'
import { verifyAudit } from '../../../src/platform/audit/seal-audit.ts'
import { sealAuditJob } from '../../../src/platform/audit/seal-job.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { scheduleRecurring } from '../../../src/platform/jobs/recurring.ts'
import { startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { openTestDb } from '../../support/test-world.ts'

test('the log is sealed when its time has come, and the next time is asked for once', async () => {
  const world = await openTestDb()
  const ctx = world.context()
  try {
    await inTransaction(ctx, (ctx) => record(ctx, 'thing.do', ctx.newId()))
    await scheduleRecurring(ctx, [sealAuditJob])
    await scheduleRecurring(ctx, [sealAuditJob])
    expect(await world.db.root.select().from(jobs)).toHaveLength(1)
    world.clock.advance(11 * 60_000)
    const { db, config, log, clock, encryptionKey } = world
    const deployment = { db, config, log, encryptionKey, currency: 'TWD', clock: clock.read }
    const runner = await startJobs({ ...deployment, definitions: [sealAuditJob] })
    await runner.idle()
    await runner.close()
    expect(await verifyAudit(ctx)).toEqual({ seals: 1, sealedEntries: 1, brokenSeal: null })
    const open = (await world.db.root.select().from(jobs)).filter((job) => job.doneAt === null)
    expect(open.map((job) => job.availableAt.toISOString())).toEqual(['2026-12-01T08:20:00.000Z'])
  } finally {
    await world.close()
  }
})
