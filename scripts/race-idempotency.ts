/**
 * Sends every Idempotency-Key five times at once, spread over two API processes on PostgreSQL: each key must have one
 * effect (a top-up of a wallet: what is in it afterwards counts them), and five answers that are equal byte for byte.
 *
 *   npx tsx scripts/race-idempotency.ts [--keys 10000] [--at-once 16]
 *
 * Uses TEST_DATABASE_URL (by default this machine's server), in a database of its own that is dropped at the end. Ends
 * with 1 where anything else came of it.
 */
import { parseArgs } from 'node:util'
import { createArea } from '../src/features/communities/create-area.ts'
import { registerResidents } from '../src/features/residents/register-residents.ts'
import { accountsOf } from '../src/platform/ledger/accounts.ts'
import { periodAfter, periodAt } from '../src/platform/period.ts'
import { checkBooks, openTwoServers, type TwoServers } from './two-servers.ts'

const TIMES = 5
/** So many that keys seldom wait for each other, few enough that they sometimes do. */
const RESIDENTS = 500
const PERIOD = periodAfter(periodAt(new Date()))

const { values } = parseArgs({
  options: { keys: { type: 'string', default: '10000' }, 'at-once': { type: 'string', default: '16' } },
})
const [keys, atOnce] = [Number(values.keys), Number(values['at-once'])]

const servers = await openTwoServers()
try {
  const problems = await race(servers)
  for (const problem of problems.slice(0, 20)) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await servers.close()
}

async function race(servers: TwoServers): Promise<string[]> {
  const { residentIds, key } = await prepare(servers)
  const problems: string[] = []
  const statuses = new Map<number, number>()
  let replayed = 0
  let next = 0
  const started = performance.now()
  const worker = async () => {
    for (let at = next++; at < keys; at = next++) {
      const answers = await sendFiveTimes(servers.urls, key, residentIds[at % RESIDENTS]!, at)
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      replayed += answers.filter((answer) => answer.replayed).length
      const different = new Set(answers.map(({ status, text }) => `${status} ${text}`))
      if (different.size > 1) problems.push(`key ${at}: ${[...different].join(' | ')}`)
      else if (answers[0]!.status !== 201) problems.push(`key ${at}: ${[...different][0]}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const seconds = (performance.now() - started) / 1000
  const effects = await countEffects(servers, residentIds, problems)
  if (effects !== keys) problems.push(`${keys} keys had ${effects} effects`)
  if (replayed !== keys * (TIMES - 1)) problems.push(`${replayed} answers were marked as replayed`)
  await servers.stopServers()
  problems.push(...(await checkBooks(servers.deployment)))
  const counted = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')
  console.log(
    `${keys} keys × ${TIMES} requests over two processes in ${seconds.toFixed(1)} s: ${effects} effects; ${counted}; ${replayed} replayed; ${problems.length} problems`,
  )
  return problems
}

async function prepare({ as, hire }: TwoServers): Promise<{ residentIds: string[]; key: string }> {
  const { actor, key } = await hire('partner')
  const { id: areaId } = await createArea(as(), { kind: 'district', code: 'race', name: 'District' })
  const residents = Array.from({ length: RESIDENTS }, (_, at) => ({
    reference: `resident ${at}`,
    areaId,
    point: { latitude: 25, longitude: 121 },
  }))
  const { ids } = await registerResidents(as(), { organizationId: actor.organizationId, residents })
  return { residentIds: ids, key }
}

/** Three to one process and two to the other, in turns. */
function sendFiveTimes(urls: readonly [string, string], key: string, residentId: string, at: number) {
  return Promise.all(
    Array.from({ length: TIMES }, async (_, time) => {
      const answer = await fetch(`${urls[(at + time) % 2]}/v1/residents/${residentId}/wallets`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${key}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': `key ${at}`,
        },
        body: JSON.stringify({ period: PERIOD, amount: 1 + at }),
      })
      const replayed = answer.headers.get('Idempotent-Replayed') === 'true'
      return { status: answer.status, replayed, text: await answer.text() }
    }),
  )
}

/** Every key tops up by another amount: one effect too many and one too few cannot make up for each other. */
async function countEffects({ as }: TwoServers, residentIds: string[], problems: string[]): Promise<number> {
  const limits = new Map((await accountsOf(as(), residentIds, PERIOD)).map((row) => [row.ownerId, row.limit]))
  let effects = 0
  for (const [resident, id] of residentIds.entries()) {
    const mine = Array.from({ length: keys }, (_, at) => at).filter((at) => at % RESIDENTS === resident)
    const expected = mine.reduce((sum, at) => sum + 1 + at, 0)
    const found = limits.get(id) ?? 0
    if (found === expected) effects += mine.length
    else problems.push(`resident ${resident} has ${found} in the wallet, not ${expected}`)
  }
  return effects
}
