/** Many histories one after the other, each from its own seed, on databases that are thrown away. */
import fc from 'fast-check'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import { ensureDefaultPolicy } from '../../src/features/policies/ensure-default-policy.ts'
import { type Actor, createContext } from '../../src/platform/context.ts'
import { createIdSource } from '../../src/platform/ids.ts'
import { reconcile } from '../../src/platform/ledger/reconcile.ts'
import { createLogger } from '../../src/platform/telemetry.ts'
import { crashing } from './crashing-db.ts'
import { type Databases, databasesInMemory, serverDatabases } from './databases.ts'
import { emptyTally, type Ground, playHistory, type Tally } from './history.ts'
import type { Model } from './model.ts'
import type { Step } from './plan.ts'
import { BEGIN, foundWorld } from './small-world.ts'
import { STEPS, WEIGHTS } from './steps.ts'

export interface Wanted {
  histories: number
  steps: number
  seed: number
  /** A PostgreSQL server, for databases of its own there; otherwise they are in memory. */
  postgres?: string | undefined
  /** Breaks every step off before each of its statements. */
  everywhere?: boolean
  /** Number of the first history: each has its own draws, whichever process plays it. */
  first: number
}

export interface Played {
  histories: number
  tally: Tally
  seconds: number
  /** Read again when the books were reconciled. */
  transfers: number
  /** Paid out by all settlements, minor units. */
  settled: number
  /** Differences, each with what repeats it; after so many it ends. */
  failures: string[]
}

const HISTORIES_PER_DATABASE = 200
const MOST_FAILURES = 10

const names = Object.keys(STEPS)
/** A step; one in twelve is broken off before one of its first statements. */
export const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(...names.map((name) => ({ weight: WEIGHTS[name] ?? 1, arbitrary: fc.constant(name) }))),
  at: fc.nat(9999),
  of: fc.nat(9999),
  by: fc.nat(99),
  crash: fc.oneof(
    { weight: 11, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 24 }) },
  ),
})

export async function playHistories(
  { histories, steps, seed, first, postgres, everywhere = false }: Wanted,
  onDone: (count: number) => void = () => {},
): Promise<Played> {
  const began = performance.now()
  const tally = emptyTally()
  const played: Played = { histories: 0, tally, seconds: 0, transfers: 0, settled: 0, failures: [] }
  const databases = postgres ? await serverDatabases(postgres) : await databasesInMemory()
  for (let from = first; from < first + histories && !isHopeless(played); from += HISTORIES_PER_DATABASE) {
    const ground = await openGround(databases, everywhere)
    const last = Math.min(from + HISTORIES_PER_DATABASE, first + histories)
    for (let number = from; number < last && !isHopeless(played); number++) {
      await playOne(ground, { number, steps, seed }, played)
      onDone(played.histories)
    }
    await checkBooks(ground, played)
    await ground.drop()
  }
  await databases.close()
  played.seconds = (performance.now() - began) / 1000
  return played
}

const isHopeless = ({ failures }: Played) => failures.length >= MOST_FAILURES

async function playOne(
  ground: Ground & { contextOf(actor: Actor): ReturnType<typeof createContext> },
  { number, steps, seed }: { number: number; steps: number; seed: number },
  played: Played,
): Promise<void> {
  const arbitrary = fc.array(stepArbitrary, { minLength: steps, maxLength: steps, size: 'max' })
  const [drawn] = fc.sample(arbitrary, { numRuns: 1, seed: seed * 1_000_003 + number })
  ground.clock.set(BEGIN.toISOString())
  try {
    const world = await foundWorld(ground.contextOf, number)
    const model = await playHistory(ground, world, drawn!, played.tally)
    played.histories++
    played.settled += paidOut(model)
  } catch (error) {
    const { stack } = error as Error
    played.failures.push(`history ${number} of seed ${seed} (--first ${number} --histories 1): ${stack}`)
  }
}

function paidOut({ settlements }: Model): number {
  return [...settlements.values()].reduce((sum, { subsidy, copayment }) => sum + subsidy + copayment, 0)
}

export async function openGround(databases: Databases, everywhere = false) {
  const { db, drop } = await databases.open()
  const database = crashing(db)
  const clock = standingClock()
  const log = createLogger('silent')
  const encryptionKey = Buffer.alloc(32, 7)
  const newId = createIdSource(clock.read)
  const contextOf = (actor: Actor) =>
    createContext({ actor, db: database.db, log, clock: clock.read, encryptionKey, currency: 'TWD', newId })
  await ensureDefaultPolicy(contextOf(SYSTEM))
  return { database, clock, contextOf, drop, everywhere }
}

/** Stands still until a step moves it. */
function standingClock(): Ground['clock'] {
  let now = BEGIN
  return {
    read: () => new Date(now),
    set: (instant) => {
      now = new Date(instant)
    },
    advance: (milliseconds) => {
      now = new Date(now.getTime() + milliseconds)
    },
  }
}

async function checkBooks(
  ground: { contextOf(actor: Actor): ReturnType<typeof createContext> },
  played: Played,
): Promise<void> {
  const { transfers, differences, unbalancedUnits } = await reconcile(ground.contextOf(SYSTEM))
  played.transfers += transfers
  if (differences.length + unbalancedUnits.length === 0) return
  played.failures.push(`The books do not reconcile: ${JSON.stringify({ differences, unbalancedUnits })}`)
}
