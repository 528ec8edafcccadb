/** One history: steps by chance against the code and the model, broken off now and then, compared after each. */
import { isDeepStrictEqual } from 'node:util'
import { Refusal } from '../../src/platform/errors.ts'
import { Crash, type CrashingDb } from './crashing-db.ts'
import { Model } from './model.ts'
import { observe, type Picture, pictureOf } from './observe.ts'
import type { History, Plan, Step } from './plan.ts'
import { BEGIN, OFFERINGS, type SmallWorld, TERMS } from './small-world.ts'
import { ONWARD, STEPS } from './steps.ts'

/** What came of a history, counted. */
export interface Tally {
  steps: number
  done: number
  refused: number
  crashed: number
  /** By step and outcome. */
  by: Record<string, number>
}

export interface Ground {
  database: CrashingDb
  clock: { read(): Date; set(instant: string): void; advance(milliseconds: number): void }
  /** Whether every step is broken off before each of its statements, one after the other, and not only where chance says. */
  everywhere: boolean
}

export function emptyTally(): Tally {
  return { steps: 0, done: 0, refused: 0, crashed: 0, by: {} }
}

/**
 * @throws Error that tells the step at which code and model differ.
 */
export async function playHistory(
  ground: Ground,
  world: SmallWorld,
  steps: readonly Step[],
  tally: Tally,
): Promise<Model> {
  const history = await beginHistory(ground, world)
  for (const [index, step] of steps.entries()) {
    tally.steps++
    history.age = index / steps.length
    try {
      await take(ground, history, step, tally)
    } catch (error) {
      throw new Error(`step ${index + 1} (${JSON.stringify(step)}): ${(error as Error).message}`, {
        cause: error,
      })
    }
  }
  await compare(ground, history)
  return history.model
}

async function beginHistory({ database, clock }: Ground, world: SmallWorld): Promise<History> {
  const model = new Model(BEGIN.getTime())
  model.account('fund').limit = TERMS.budget
  for (const id of world.residentIds) {
    model.account(`wallet ${id}`).limit = TERMS.walletAmount
    model.account(`cap ${id}`).limit = TERMS.residentCap
  }
  OFFERINGS.forEach(({ units }, index) => {
    model.account(`capacity ${index}`).limit = units
  })
  for (const { id, residentId, quantity, term } of world.needs) {
    model.needs.set(id, { state: 'registered', residentId, quantity, term })
  }
  model.takeDuty(world.programId, 'officer', 'create')
  model.takeDuty(world.programId, 'finance', 'approve')
  const { found } = await observe(database.db, world)
  return { world, model, found, age: 0, advance: (milliseconds) => clock.advance(milliseconds) }
}

async function take(ground: Ground, history: History, step: Step, tally: Tally): Promise<void> {
  const [name, plan] = planFor(history, step)
  const outcome = await attempt(ground, history, plan, step, tally)
  tally.by[`${name} ${outcome.code}`] = (tally.by[`${name} ${outcome.code}`] ?? 0) + 1
  if (outcome.code !== 'done') {
    tally.refused++
    // What was refused has changed nothing; looked at now and then, because it is so often.
    if (step.of % 4 === 0) await compare(ground, history)
    return
  }
  tally.done++
  const { found, picture } = await observe(ground.database.db, history.world)
  plan.apply(found, outcome.result)
  history.found = found
  requireSame(picture, history.model)
}

/** What was drawn, or, where there is nothing to do it to, what leads on: something happens at every step. */
function planFor(history: History, step: Step): [name: string, plan: Plan] {
  for (const name of [step.do, ...ONWARD, 'tick']) {
    const plan = STEPS[name]!(history, step)
    if (plan) return [name, plan]
  }
  throw new Error('Time can always go on.')
}

/** Tries it, broken off first, once or before each of its statements: then all is as before, and it is tried again. */
async function attempt(ground: Ground, history: History, plan: Plan, step: Step, tally: Tally) {
  const { everywhere } = ground
  for (let crash = everywhere ? 1 : step.crash; crash !== null; crash = everywhere ? crash + 1 : null) {
    const outcome = await attemptBrokenOff(ground, history, plan, crash)
    if (outcome) return outcome
    tally.crashed++
    await compare(ground, history, plan.brokenOff)
  }
  return judge(plan, await outcomeOf(plan, history))
}

/** @returns null when it was broken off; what came of it when it has fewer statements. */
async function attemptBrokenOff(
  { database }: Ground,
  history: History,
  plan: Plan,
  crash: number,
): Promise<Outcome | null> {
  database.crashBefore(crash)
  try {
    return judge(plan, await outcomeOf(plan, history))
  } catch (error) {
    if (error instanceof Crash) return null
    throw error
  } finally {
    database.crashBefore(null)
  }
}

interface Outcome {
  code: string
  result?: unknown
}

async function outcomeOf(plan: Plan, { world }: History): Promise<Outcome> {
  try {
    return { code: 'done', result: await plan.run(world.as(plan.person)) }
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code }
    for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof Crash) throw at
    throw error
  }
}

function judge({ against, perhaps = [], person }: Plan, outcome: Outcome): Outcome {
  if (outcome.code === 'done') {
    if (against.length > 0) throw new Error(`${person} did what there is ${against.join(' and ')} against.`)
    return outcome
  }
  if (against.includes(outcome.code) || perhaps.includes(outcome.code)) return outcome
  throw new Error(
    `${person} was refused (${outcome.code}), where there is ${against.join(' and ') || 'nothing'} against it.`,
  )
}

/** Looks again. @throws Error that names the first part in which they differ. */
async function compare(
  { database }: Ground,
  { world, model }: History,
  parts?: readonly (keyof Picture)[],
): Promise<void> {
  const { picture } = await observe(database.db, world)
  requireSame(picture, model, parts)
}

function requireSame(picture: Picture, model: Model, parts?: readonly (keyof Picture)[]): void {
  const expected = pictureOf(model)
  for (const part of parts ?? (Object.keys(expected) as (keyof Picture)[])) {
    if (isDeepStrictEqual(picture[part], expected[part])) continue
    throw new Error(`${part}: ${differenceOf(picture[part], expected[part])}`)
  }
}

function differenceOf(is: Picture[keyof Picture], must: Picture[keyof Picture]): string {
  if (typeof is === 'string' || typeof must === 'string') return `${is}, not ${must}`
  const names = new Set([...Object.keys(is), ...Object.keys(must)])
  const differing = [...names].filter((name) => !isDeepStrictEqual(is[name], must[name]))
  return differing
    .map((name) => `${name} is ${JSON.stringify(is[name])}, not ${JSON.stringify(must[name])}`)
    .join('; ')
}
