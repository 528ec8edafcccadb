/** What questions cost: time from question to answer, and the processor time of this process and of the database's. */
import { readFileSync } from 'node:fs'
import type { Pool } from 'pg'

export interface Spent {
  /** Milliseconds from question to answer, one for each. */
  wall: number[]
  /** Milliseconds in which they all were answered. */
  elapsed: number
  /** Milliseconds of processors: on a busy machine the figure to compare. */
  own: number
  /** Null where the server's processes cannot be seen from here. */
  database: number | null
}

export const nothingSpent = (): Spent => ({ wall: [], elapsed: 0, own: 0, database: 0 })

/** Asks all questions, so many at once, and adds what it cost. */
export async function spend<Question>(
  spent: Spent,
  pool: Pool,
  questions: readonly Question[],
  atOnce: number,
  ask: (question: Question) => Promise<unknown>,
): Promise<void> {
  const waiting = [...questions]
  const databaseBefore = await databaseTime(pool)
  const [started, before] = [performance.now(), process.cpuUsage()]
  const answerer = async () => {
    for (let question = waiting.pop(); question !== undefined; question = waiting.pop()) {
      const asked = performance.now()
      await ask(question)
      spent.wall.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, answerer))
  const { user, system } = process.cpuUsage(before)
  spent.elapsed += performance.now() - started
  spent.own += (user + system) / 1000
  const databaseAfter = await databaseTime(pool)
  const isSeen = spent.database !== null && databaseBefore !== null && databaseAfter !== null
  spent.database = isSeen ? spent.database! + growth(databaseBefore, databaseAfter) : null
}

/** Linux counts in hundredths of a second. */
const TICK_MS = 10

/** By connection to this database, since it was opened. */
async function databaseTime(pool: Pool): Promise<Map<number, number> | null> {
  const { rows } = await pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'",
  )
  try {
    return new Map(rows.map(({ pid }) => [pid, timeOf(pid)]))
  } catch {
    return null
  }
}

/** What connections that were closed meanwhile had used is not seen: they are the ones that were idle. */
function growth(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let sum = 0
  for (const [pid, time] of after) sum += time - (before.get(pid) ?? 0)
  return sum
}

function timeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

export function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}
