/**
 * A process that runs one job on the deployment its environment names. `work` finishes it, closes everything and
 * must then end by itself; `hang` says that it works, and never ends.
 */
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { readConfig } from '../../../../src/platform/config.ts'
import { createContext, inTransaction } from '../../../../src/platform/context.ts'
import { openDb } from '../../../../src/platform/db/open-db.ts'
import { defineJob } from '../../../../src/platform/jobs/define-job.ts'
import { enqueueJob } from '../../../../src/platform/jobs/enqueue-job.ts'
import { startJobs } from '../../../../src/platform/jobs/run-jobs.ts'
import { runInThread } from '../../../../src/platform/jobs/thread.ts'
import { createLogger } from '../../../../src/platform/telemetry.ts'

const how = process.argv[2]
const config = readConfig()
const log = createLogger('warn')
const db = await openDb(config, log)
const encryptionKey = new Uint8Array(32)

const job = defineJob({
  name: 'say',
  payload: z.object({ what: z.string() }),
  attempts: 3,
  perform: async () => {
    console.log('working')
    if (how === 'hang') await setTimeout(3_600_000)
    const answer = await runInThread(new URL('./talking-thread.ts', import.meta.url), 'well')
    console.log(JSON.stringify(answer))
  },
})

const runner = await startJobs({ db, config, log, encryptionKey, currency: 'TWD', definitions: [job] })
const actor = { principalId: 'p', organizationId: 'o', role: 'operator', areaId: null }
const ctx = createContext({ actor, db, log, encryptionKey, currency: config.LIFECIRCLE_CURRENCY })
await inTransaction(ctx, (ctx) => enqueueJob(ctx, job, { what: 'from a process' }))
await runner.idle(3_600_000)
await runner.close()
await db.close()
console.log('closed')
