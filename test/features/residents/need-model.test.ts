/** The life of needs against a model of it: whatever is asked for in whatever order, both agree, and a no changes nothing. */
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expireNeeds } from '../../../src/features/residents/expire-needs.ts'
import { moveNeeds } from '../../../src/features/residents/move-needs.ts'
import { registerNeed } from '../../../src/features/residents/register-need.ts'
import { registerResident } from '../../../src/features/residents/register-resident.ts'
import { reviseNeed } from '../../../src/features/residents/revise-need.ts'
import { NeedState } from '../../../src/features/residents/schemas.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { withdrawNeed } from '../../../src/features/residents/withdraw-need.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { Refusal, type RefusalCode } from '../../../src/platform/errors.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'

let world: Neighborhood
beforeAll(async () => {
  world = await openNeighborhood()
})
afterAll(() => world.close())

interface ModelNeed {
  term: string
  month: number
  state: NeedState
  version: number
  quantity: number
}

/** Months are counted from December 2026 on. */
interface Model {
  month: number
  needs: ModelNeed[]
}

interface Real {
  residentId: string
  ids: string[]
}

/** Said in another way than the table: who may come from where. */
const COMES_FROM: Record<NeedState, string> = {
  registered: 'in_run matched in_service unmet',
  in_run: 'registered unmet',
  matched: 'registered in_run unmet',
  in_service: 'matched',
  met: 'in_service',
  unmet: 'in_run matched in_service',
  withdrawn: 'registered unmet',
  expired: 'registered unmet',
}
const may = ({ state }: ModelNeed, to: NeedState) => COMES_FROM[to].split(' ').includes(state)
const waits = ({ state }: ModelNeed) => state === 'registered' || state === 'unmet'

const TERMS = ['bathing', 'meal']
const periodOf = (month: number) => new Date(Date.UTC(2026, 11 + month, 1)).toISOString().slice(0, 7)

type Command = fc.AsyncCommand<Model, Real>

const outcomeOf = async (work: Promise<unknown>): Promise<RefusalCode | 'done'> => {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

/** A step: what the model says must come of it is what does come of it, and afterwards both look the same. */
function step(
  name: string,
  predict: (model: Model) => RefusalCode | 'done' | 'nothing',
  act: (real: Real, model: Model) => Promise<unknown>,
  learn: (model: Model) => void,
): Command {
  return {
    check: (model) => predict(model) !== 'nothing',
    toString: () => name,
    async run(model, real) {
      const predicted = predict(model)
      expect(await outcomeOf(act(real, model))).toBe(predicted)
      if (predicted === 'done') learn(model)
      await compare(model, real)
    },
  }
}

const reached = new Set<NeedState>()

async function compare(model: Model, { residentId }: Real): Promise<void> {
  const rows = await world.db.root
    .select()
    .from(needs)
    .where(eq(needs.residentId, residentId))
    .orderBy(needs.id)
  const seen = rows.map(({ term, period, state, version, quantity }) => ({
    term,
    period,
    state,
    version,
    quantity,
  }))
  for (const { state } of seen) reached.add(state)
  expect(seen).toEqual(model.needs.map(({ month, ...need }) => ({ ...need, period: periodOf(month) })))
}

const register = fc
  .record({ term: fc.constantFrom(...TERMS), ahead: fc.integer({ min: -1, max: 1 }) })
  .map(({ term, ahead }) =>
    step(
      `register ${term} ${ahead}`,
      ({ month, needs }) => {
        if (ahead < 0) return 'invalid_input'
        const open = needs.filter(({ state }) => state !== 'withdrawn' && state !== 'expired')
        return open.some((need) => need.term === term && need.month === month + ahead) ? 'duplicate' : 'done'
      },
      async (real, { month }) => {
        const wanted = { period: periodOf(month + ahead), category: 'elderly_care', tier: 'basic' } as const
        const { residentId } = real
        const { id } = await registerNeed(world.partner, { residentId, ...wanted, term, quantity: 1 })
        real.ids.push(id)
      },
      (model) => {
        model.needs.push({ term, month: model.month + ahead, state: 'registered', version: 1, quantity: 1 })
      },
    ),
  )

const which = fc.nat(4)
/** By ETag: the right one, or one that is over. */
const stale = fc.boolean()
const chosen = (at: number, { needs }: Model) => needs[at % Math.max(needs.length, 1)]
const idOf = (at: number, { ids }: Real) => ids[at % ids.length]!

function change(need: ModelNeed, more: Partial<ModelNeed>): void {
  Object.assign(need, more, { version: need.version + 1 })
}

const withdraw = fc.record({ at: which, stale }).map(({ at, stale }) =>
  step(
    `withdraw ${at}${stale ? ' (stale)' : ''}`,
    (model) => {
      const need = chosen(at, model)
      if (!need) return 'nothing'
      if (stale) return 'precondition_failed'
      return may(need, 'withdrawn') ? 'done' : 'state_conflict'
    },
    (real, model) => {
      const version = chosen(at, model)!.version + (stale ? 1 : 0)
      return withdrawNeed(world.partner, { needId: idOf(at, real), version })
    },
    (model) => change(chosen(at, model)!, { state: 'withdrawn' }),
  ),
)

const revise = fc.record({ at: which, quantity: fc.integer({ min: 1, max: 9 }) }).map(({ at, quantity }) =>
  step(
    `revise ${at} to ${quantity}`,
    (model) => {
      const need = chosen(at, model)
      if (!need) return 'nothing'
      return waits(need) && need.month >= model.month ? 'done' : 'state_conflict'
    },
    (real, model) => {
      const { version } = chosen(at, model)!
      return reviseNeed(world.partner, { needId: idOf(at, real), version, quantity })
    },
    (model) => change(chosen(at, model)!, { quantity }),
  ),
)

const AFTER: Record<string, NeedState> = { registered: 'in_run', in_run: 'matched', matched: 'in_service' }

/** To any state, or, more often, one further on the way to being met. */
const moveOne = fc
  .record({
    at: which,
    wish: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, fc.constantFrom(...NeedState.options)),
  })
  .map(({ at, wish }) => {
    const goal = (model: Model) => wish ?? AFTER[chosen(at, model)!.state] ?? 'met'
    return step(
      `move ${at} ${wish ? `to ${wish}` : 'on'}`,
      (model) => {
        const need = chosen(at, model)
        if (!need) return 'nothing'
        return may(need, goal(model)) ? 'done' : 'state_conflict'
      },
      (real, model) => inTransaction(world.system, (ctx) => moveNeeds(ctx, [idOf(at, real)], goal(model))),
      (model) => change(chosen(at, model)!, { state: goal(model) }),
    )
  })

/** As a run begins and a run's outcome do: all of them or none. */
const moveAll = fc.constantFrom<NeedState>('in_run', 'matched', 'unmet', 'registered').map((to) =>
  step(
    `move all to ${to}`,
    ({ needs }) => {
      if (needs.length === 0) return 'nothing'
      return needs.every((need) => may(need, to)) ? 'done' : 'state_conflict'
    },
    ({ ids }) => inTransaction(world.system, (ctx) => moveNeeds(ctx, ids, to)),
    ({ needs }) => {
      for (const need of needs) change(need, { state: to })
    },
  ),
)

const expire = fc.constant(
  step(
    'expire',
    () => 'done',
    () => expireNeeds(world.system),
    (model) => {
      for (const need of model.needs) {
        if (waits(need) && need.month < model.month) change(need, { state: 'expired' })
      }
    },
  ),
)

const turn = fc.constant(
  step(
    'a month goes by',
    () => 'done',
    async (_real, { month }) => world.clock.set(`${periodOf(month + 1)}-03T08:00:00Z`),
    (model) => {
      model.month++
    },
  ),
)

it('is what the model says', async () => {
  const arbitraries = [
    register,
    withdraw,
    revise,
    moveOne,
    moveOne,
    moveOne,
    moveOne,
    moveOne,
    moveAll,
    expire,
    turn,
  ]
  const commands = fc.commands(arbitraries, { maxCommands: 30, size: 'max' })
  await fc.assert(
    fc.asyncProperty(commands, async (commands) => {
      const model: Model = { month: 0, needs: [] }
      await fc.asyncModelRun(async () => {
        world.clock.set('2026-12-03T08:00:00Z')
        const { id } = await registerResident(world.partner, {
          reference: randomUUID(),
          areaId: world.areas.north,
          point: { latitude: 25, longitude: 121 },
        })
        return { model, real: { residentId: id, ids: [] } }
      }, commands)
    }),
    { seed: 21, numRuns: 25 },
  )
  expect([...reached].sort()).toEqual([...NeedState.options].sort())
})
