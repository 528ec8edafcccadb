/**
 * Runs the same demo embedded, on PostgreSQL, and on PostgreSQL with Redis, and compares what comes out; then
 * reconciles each book and verifies each audit log.
 *
 *   npx tsx scripts/compare-rungs.ts [options of the demo, such as --from ../shared/data/taipei-ltc]
 */
import { createDeployment, type Rung, runCommand } from './deployment.ts'

const RUNGS: Rung[] = ['embedded', 'postgres', 'postgres+redis']

interface Outcome {
  value: number
  bound: number
  assignmentHash: string
  seconds: number
}

const outcomes: { rung: Rung; outcome: Outcome }[] = []
for (const rung of RUNGS) {
  const deployment = await createDeployment(rung)
  try {
    const demo = await runCommand(deployment, ['demo', '--json', ...process.argv.slice(2)])
    if (demo.code !== 0) throw new Error(`the demo failed on ${rung}`)
    const outcome = JSON.parse(demo.output.trim().split('\n').at(-1)!) as Outcome
    outcomes.push({ rung, outcome })
    const book = await runCommand(deployment, ['reconcile'])
    const audit = await runCommand(deployment, ['audit', 'verify'])
    const { value, bound, assignmentHash, seconds } = outcome
    console.log(
      `${rung.padEnd(14)} value ${value} bound ${bound} hash ${assignmentHash.slice(0, 16)}… ${seconds.toFixed(1)} s`,
    )
    console.log(`  reconcile ${book.output.trim()}\n  audit ${audit.output.trim()}`)
    if (book.code !== 0 || audit.code !== 0)
      throw new Error(`the books or the audit log of ${rung} do not hold`)
  } finally {
    await deployment.remove()
  }
}

const results = new Set(
  outcomes.map(({ outcome: { value, bound, assignmentHash } }) => `${value} ${bound} ${assignmentHash}`),
)
if (results.size !== 1) {
  console.error('The rungs disagree.')
  process.exit(1)
}
console.log('The same value, bound and assignment on all three.')
