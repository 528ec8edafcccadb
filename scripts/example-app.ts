/**
 * A resident's journey through a partner app, from hello to goodbye, on a deployment of its own that is gone afterwards.
 * Everything is asked through the typed client; anything unexpected ends it with exit code 1.
 *
 *   npx tsx scripts/example-app.ts [--rung embedded|postgres|postgres+redis] [--json]
 */
import { parseArgs } from 'node:util'
import { LifecircleProblem } from '../openapi/client/client.ts'
import { createDeployment, type Deployment, type Rung, runCommand } from './deployment.ts'
import { walkJourney } from './example/journey.ts'
import { startTranscript, type Transcript } from './example/transcript.ts'
import { readDemoVariables, startServer, stopServer } from './server.ts'

const RUNGS: readonly Rung[] = ['embedded', 'postgres', 'postgres+redis']
/** Time may be turned here, and the receiver of webhooks is on this machine. */
const SANDBOX = { LIFECIRCLE_SANDBOX: 'true', LIFECIRCLE_ALLOW_PRIVATE_URLS: 'true' }

const { values } = parseArgs({
  options: { rung: { type: 'string', default: 'embedded' }, json: { type: 'boolean', default: false } },
})
const rung = RUNGS.find((one) => one === values.rung)
if (!rung) {
  console.error(`--rung is one of ${RUNGS.join(', ')}.`)
  process.exit(1)
}

const transcript = startTranscript(values.json)
const deployment = await createDeployment(rung)
Object.assign(deployment.environment, SANDBOX)
try {
  await walk(deployment, transcript)
  if (values.json) console.log(JSON.stringify({ rung, steps: transcript.steps }))
} catch (error) {
  if (error instanceof LifecircleProblem) console.error(error.problem)
  console.error(error)
  process.exitCode = 1
} finally {
  await deployment.remove()
}

async function walk(deployment: Deployment, transcript: Transcript): Promise<void> {
  const town = await runCommand(deployment, ['demo', '--no-match', '--residents', '300'])
  if (town.code !== 0) throw new Error('The demo town could not be loaded.')
  const server = await startServer(deployment)
  try {
    const demo = readDemoVariables(deployment)
    await walkJourney({ baseUrl: server.url, demo, transcript })
  } finally {
    await stopServer(server)
  }
  await checkBooks(deployment, transcript)
}

/** With her gone, the accounts must still balance, and the log of what was done must still be whole. */
async function checkBooks(deployment: Deployment, transcript: Transcript): Promise<void> {
  for (const command of [['reconcile'], ['audit', 'verify']]) {
    const { code, output } = await runCommand(deployment, command)
    if (code !== 0) throw new Error(`lifecircle ${command.join(' ')}: ${output}`)
  }
  transcript.tell(
    'Operator',
    'reconciles the books and verifies the audit log, with the server stopped',
    'every account is what its transfers say; no link of the log is broken',
  )
}
