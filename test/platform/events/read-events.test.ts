/** Reading events while other transactions write theirs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '../../../src/platform/context.ts'
import { emit } from '../../../src/platform/events/emit.ts'
import { advance, decodeSeen, encodeSeen, type Seen } from '../../../src/platform/events/event-gaps.ts'
import { readEventPage, readMissedEvents } from '../../../src/platform/events/read-event-page.ts'
import { readEvents, seenSoFar } from '../../../src/platform/events/read-events.ts'
import { begun } from '../../features/subscriptions/open-transaction.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

const ME = '00000000-0000-7000-8000-0000000000aa'

describe.runIf(engines().includes('postgres'))('a transaction with the highest number of all', () => {
  let world: TestWorld
  let ctx: Context
  beforeAll(async () => {
    world = await openTestDb('postgres')
    ctx = world.context()
  })
  afterAll(() => world.close())

  const say = (objectId: string) => (ctx: Parameters<typeof emit>[0]) =>
    emit(ctx, 'need.withdrawn', objectId, ME)

  /** The last to begin speaks first, and is still open when the one before it has ended. */
  async function outOfOrder() {
    const [early, late] = [await begun(ctx), await begun(ctx)]
    const [first, second] = [ctx.newId(), ctx.newId()]
    await late.do(say(first))
    await early.do(say(second))
    await early.commit()
    return { late, first, second }
  }

  it('is read when it commits, however often one has looked meanwhile', async () => {
    let seen = await seenSoFar(world.db.root)
    const { late, first, second } = await outOfOrder()
    const read: string[] = []
    const look = async () => {
      const { happened, sight } = await readEvents(world.db.root, seen)
      seen = advance(seen, sight)
      read.push(...happened.map(({ objectId }) => objectId))
    }
    for (let times = 0; times < 5; times++) await look()
    expect(read).toEqual([second])
    await late.commit()
    await look()
    expect(read).toEqual([second, first])
    await look()
    expect(seen.gaps).toEqual([])
  })

  it('is caught up with by one who stopped between the two, and by one who read on', async () => {
    const start = await seenSoFar(world.db.root)
    const { late, first, second } = await outOfOrder()
    const page = await readEventPage(world.db.root, start, 10)
    expect(page.events.map(({ objectId }) => objectId)).toEqual([second])
    const stopped = decodeSeen(encodeSeen(page.events[0]!.seen))!
    const missed = async (seen: Seen, upTo: Seen) =>
      (
        await readMissedEvents(world.db.root, { seen, upTo, after: 0, organizationId: ME, limit: 10 })
      ).events.map(({ objectId }) => objectId)
    expect(await missed(start, page.seen)).toEqual([second])
    await late.commit()
    // Seen by nobody yet: whoever reads on from there will tell it.
    expect(await missed(stopped, page.seen)).toEqual([])
    const next = await readEventPage(world.db.root, page.seen, 10)
    expect(next.events.map(({ objectId }) => objectId)).toEqual([first])
    expect(await missed(stopped, next.seen)).toEqual([first])
    expect(await missed(start, next.seen)).toEqual([first, second])
    expect(await missed(next.events[0]!.seen, next.seen)).toEqual([])
  })

  it('is not lost where a page ends before its gap', async () => {
    let seen = await seenSoFar(world.db.root)
    const { late, first, second } = await outOfOrder()
    const read: string[] = []
    const look = async () => {
      const page = await readEventPage(world.db.root, seen, 1)
      seen = page.seen
      read.push(...page.events.map(({ objectId }) => objectId))
      return page.more
    }
    while (await look());
    await late.commit()
    const third = ctx.newId()
    const other = await begun(ctx)
    await other.do(say(third))
    await other.commit()
    while (await look());
    expect(read).toEqual([second, first, third])
  })
})
