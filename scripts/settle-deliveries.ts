/**
 * Settles very many deliveries and adds them up in three ways that know nothing of each other: the ledger's transfers,
 * the providers' statements, and the deliveries themselves by the terms of their matches. To the cent, for each program
 * and provider; then a second month with what came late and what was annulled since.
 *
 *   npx tsx scripts/settle-deliveries.ts [--deliveries 100000] [--rung embedded|postgres] [--seed 7]
 *
 * On PostgreSQL it works in a database of its own on the server of TEST_DATABASE_URL, dropped at the end. Ends with 1
 * where anything does not agree.
 */
import { parseArgs } from 'node:util'
import { readConfig } from '../src/platform/config.ts'
import { createContext } from '../src/platform/context.ts'
import { openDb } from '../src/platform/db/open-db.ts'
import { createLogger } from '../src/platform/telemetry.ts'
import { createDeployment, type Rung } from './deployment.ts'
import { TIME_ZONE } from './settlement/market.ts'
import { settleMonths } from './settlement/settle-months.ts'

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '100000' },
    rung: { type: 'string', default: 'embedded' },
    seed: { type: 'string', default: '7' },
  },
})

const deployment = await createDeployment(values.rung as Rung)
const log = createLogger('error')
const db = await openDb(readConfig(deployment.environment), log)
try {
  const time = { now: new Date('2026-11-30T20:00:00Z') }
  const ground = { db, log, encryptionKey: Buffer.alloc(32, 7), currency: 'TWD', timeZone: TIME_ZONE }
  const clock = () => new Date(time.now)
  const problems = await settleMonths({
    as: (actor) => createContext({ ...ground, actor, clock }),
    time,
    deliveries: Number(values.deliveries),
    seed: Number(values.seed),
    print: console.log,
  })
  for (const problem of problems.slice(0, 20)) console.error(problem)
  console.log(problems.length === 0 ? 'Everything agrees to the cent.' : `${problems.length} problems.`)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await db.close()
  await deployment.remove()
}
