import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decideDispute } from '../../../src/features/referrals/decide-dispute.ts'
import { disputeDelivery } from '../../../src/features/referrals/dispute-delivery.ts'
import { getWorkList } from '../../../src/features/referrals/get-work-list.ts'
import { WorkKind } from '../../../src/features/referrals/work-list-schemas.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { type Opened, Parties } from './opened-referral.ts'
import { foundTown, type Town } from './proposed-run.ts'

const BEGUN = ['accept', 'yes', 'start'] as const
const HOUR = 3_600_000

describe.each(engines())('a provider’s work list on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let parties: Parties
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    parties = new Parties(world, town)
  })
  afterAll(() => world.close())

  const list = (query = {}, actor = town.provider) =>
    getWorkList(world.context(actor), { limit: 50, ...query })
  /** Counts and ids of what waits, by kind; of disputes, the deliveries. */
  const waiting = async () =>
    Object.fromEntries(
      (await list()).map(({ kind, count, items }) => [kind, { count, ids: items.map(({ id }) => id) }]),
    )
  const idOf = ({ referral }: Opened) => referral.id

  it('has what waits in order of urgency, counted, and nobody else’s', async () => {
    expect((await list()).map(({ kind, count }) => [kind, count])).toEqual(
      WorkKind.options.map((kind) => [kind, 0]),
    )
    const first = await parties.opened()
    world.clock.advance(HOUR)
    const second = await parties.opened({ steps: ['yes'] })
    const half = await parties.opened({ steps: ['accept'] })
    const agreed = await parties.opened({ steps: ['accept', 'yes'] })
    const begun = await parties.opened({ quantity: 3, steps: BEGUN })
    await parties.deliver(begun.referral, 1)
    const done = await parties.opened({ steps: BEGUN })
    const delivery = await parties.deliver(done.referral, 1)
    const held = await parties.opened({ quantity: 2, steps: BEGUN })
    await parties.move(town.provider, held.referral, 'hold', 'staff_missing')
    const one = (id: string) => ({ count: 1, ids: [id] })
    const expected = {
      to_answer: { count: 2, ids: [idOf(first), idOf(second)] },
      to_start: one(idOf(agreed)),
      to_deliver: one(idOf(begun)),
      to_complete: one(idOf(done)),
      on_hold: one(idOf(held)),
      disputed: { count: 0, ids: [] },
    }
    expect(await waiting()).toEqual(expected)
    expect(idOf(half)).toBeTruthy()

    const words = { reason: 'poor_quality', comment: 'Cold soup' } as const
    await disputeDelivery(world.context(town.partner), { id: delivery.id, expectedVersion: 1, ...words })
    expect(await waiting()).toEqual({ ...expected, disputed: one(delivery.id) })
    const sections = await list()
    expect(sections.at(-1)!.items).toMatchObject([
      { referral: { id: idOf(done) }, delivery: { comment: null }, left: 0 },
    ])
    expect(sections.map(({ items }) => items[0]?.left)).toEqual([1, 1, 2, 0, 2, 0])
    expect(sections[0]!.items[0]).toMatchObject({ period: '2026-12', referral: first.referral })
    expect((await list({}, town.strangers[0])).map(({ count }) => count)).toEqual(sections.map(() => 0))

    const annul = { id: delivery.id, expectedVersion: 2, decision: 'annulled' } as const
    await decideDispute(world.context(town.officer), annul)
    const annulled = await list()
    expect(annulled.map(({ count }) => count)).toEqual([2, 1, 2, 0, 1, 0])
  })

  it('goes on page by page, each thing once and in the same order', async () => {
    for (let n = 0; n < 3; n++) await parties.opened({ steps: BEGUN })
    for (const kind of WorkKind.options) {
      const [whole] = await list({ kind })
      const paged: string[] = []
      let cursor: string | undefined
      do {
        const [page] = await list({ kind, limit: 2, cursor })
        expect(page!.count).toBe(whole!.count)
        paged.push(...page!.items.map(({ id }) => id))
        cursor = page!.nextCursor ?? undefined
      } while (cursor)
      expect(paged).toEqual(whole!.items.map(({ id }) => id))
      expect(paged).toHaveLength(whole!.count)
    }
  })

  it('is the provider’s alone, and has a cursor for one kind only', async () => {
    await expect(list({}, town.partner)).rejects.toMatchObject({ code: 'forbidden' })
    const wild = list({ cursor: '00000000-0000-7000-8000-0000000000ff' })
    await expect(wild).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
