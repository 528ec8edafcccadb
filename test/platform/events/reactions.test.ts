import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Context, type Happening, inTransaction } from '../../../src/platform/context.ts'
import { emit, emitAll } from '../../../src/platform/events/emit.ts'
import { HappeningPayload, reactionsOf } from '../../../src/platform/events/reactions.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { defineJob } from '../../../src/platform/jobs/define-job.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'

const job = (name: string) =>
  defineJob<Happening>({ name, payload: HappeningPayload, attempts: 1, perform: async () => {} })

const reactions = reactionsOf([
  { type: 'thing.done', job: job('first') },
  { type: 'thing.done', job: job('second') },
  { type: 'thing.undone', job: job('third') },
])

describe('reactions', () => {
  let world: TestWorld
  let ctx: Context
  beforeAll(async () => {
    world = await openTestDb()
    ctx = { ...world.context(), reactions }
  })
  afterAll(() => world.close())

  it('enqueue every job of the event’s type, with the event', async () => {
    const objectId = randomUUID()
    await inTransaction(ctx, (ctx) => emit(ctx, 'thing.done', objectId, null, { n: 1 }))
    const [event] = await world.db.root.select().from(events)
    const payload = { eventId: event!.id, objectId, data: { n: 1 } }
    const rows = await world.db.root.select().from(jobs).orderBy(jobs.id)
    expect(rows.map(({ name, payload }) => ({ name, payload }))).toEqual([
      { name: 'first', payload },
      { name: 'second', payload },
    ])
    expect(HappeningPayload.parse(rows[0]!.payload)).toEqual(payload)
  })

  it('are taken back with the event', async () => {
    const before = await world.db.root.$count(jobs)
    const failing = inTransaction(ctx, async (ctx) => {
      await emit(ctx, 'thing.undone', randomUUID(), null)
      throw new Error('after all')
    })
    await expect(failing).rejects.toThrow('after all')
    expect(await world.db.root.$count(jobs)).toBe(before)
  })

  it('answer each of many events', async () => {
    const before = await world.db.root.$count(jobs)
    const emitted = Array.from({ length: 3 }, () => ({ objectId: randomUUID(), audience: null }))
    await inTransaction(ctx, (ctx) => emitAll(ctx, 'thing.undone', emitted))
    expect(await world.db.root.$count(jobs)).toBe(before + 3)
  })
})
