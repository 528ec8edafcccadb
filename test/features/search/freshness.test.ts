/** Whose changes a query sees: those committed before it, by whatever process, in whatever order they commit. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { max } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { publishOfferings } from '../../../src/features/catalog/publish-offerings.ts'
import { reviseLocation } from '../../../src/features/catalog/revise-location.ts'
import { offerings, services } from '../../../src/features/catalog/tables.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { freshIndex, indexAsOf } from '../../../src/features/search/offering-index.ts'
import { searchOfferings } from '../../../src/features/search/search-offerings.ts'
import { touchedBy } from '../../../src/features/search/touched-rows.ts'
import {
  type Context,
  createContext,
  inTransaction,
  type TransactionContext,
} from '../../../src/platform/context.ts'
import { openPostgres } from '../../../src/platform/db/postgres.ts'
import { emit } from '../../../src/platform/events/emit.ts'
import { advance, type Seen } from '../../../src/platform/events/event-gaps.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'
import { begun } from '../subscriptions/open-transaction.ts'

const OFFERING = {
  category: 'cultural',
  term: 'tai_chi',
  tier: 'basic',
  mode: 'onsite',
  unit: 'visit',
  price: 5,
} as const

const namesFound = async (ctx: Context) =>
  (await searchOfferings(ctx, { limit: 200 })).items.map(({ name }) => name).sort()

describe.each(engines())('what search sees on %s', (rung) => {
  let world: Neighborhood
  let locationId: string
  const publish = (name: string, ctx: Context = world.provider) =>
    publishOffering(ctx, { ...OFFERING, locationId, name })
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    locationId = (await createLocation(world.provider, { name: 'House', address: 'Road 1' })).id
    await publish('First')
  })
  afterAll(() => world.close())

  it('is what was committed, at once, and nothing that was rolled back', async () => {
    expect(await namesFound(world.partner)).toEqual(['First'])
    const second = await publish('Second')
    const broken = inTransaction(world.provider, async (ctx) => {
      await publish('Never', ctx)
      throw new Error('rolled back')
    })
    await expect(broken).rejects.toThrow('rolled back')
    expect(await namesFound(world.partner)).toEqual(['First', 'Second'])
    await withdrawOffering(world.provider, { offeringId: second.id, version: 1 })
    const { items } = await searchOfferings(world.partner, { state: 'published' })
    expect(items.map(({ name }) => name)).toEqual(['First'])
  })

  it('is everything of an import, and everything after so many changes that the index is built anew', async () => {
    const organizationId = world.provider.actor.organizationId
    const offerings = Array.from({ length: 210 }, (_, at) => {
      const name = `Import ${at}`
      return { ...OFFERING, organizationId, name, sourceRef: `O${at}`, locationRef: 'L' }
    })
    const { locationIds } = await publishOfferings(world.system, {
      locations: [{ organizationId, name: 'Hall', address: 'Road 2', sourceRef: 'L' }],
      offerings,
    })
    expect((await searchOfferings(world.partner, { q: 'import' })).total).toBe(210)
    for (let version = 1; version <= 14; version++) {
      const place = { locationId: locationIds.get('L')!, version, name: `Palace ${version}` }
      await reviseLocation(world.provider, place)
      expect((await searchOfferings(world.partner, { q: `import palace ${version}` })).total).toBe(210)
    }
    await expect.poll(async () => (await freshIndex(world.partner)).segments.length).toBeLessThan(8)
    expect((await searchOfferings(world.partner, { q: 'import palace' })).total).toBe(210)
    expect((await searchOfferings(world.partner, { q: 'import hall' })).total).toBe(0)
  })

  it('is the same for questions asked at the same time', async () => {
    await publish('Together')
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => searchOfferings(world.partner, { q: 'together' })),
    )
    expect(answers.map(({ total }) => total)).toEqual(Array(8).fill(1))
  })
})

describe.skipIf(!engines().includes('postgres'))('what search sees of other processes on postgres', () => {
  let world: Neighborhood
  let other: Context
  let locationId: string
  beforeAll(async () => {
    world = await openNeighborhood('postgres')
    const db = await openPostgres(world.config.DATABASE_URL!, world.log)
    const { actor } = world.provider
    other = createContext({ ...world, db, actor, clock: world.clock.read, currency: 'TWD' })
    locationId = (await createLocation(world.provider, { name: 'House', address: 'Road 1' })).id
  })
  afterAll(async () => {
    await other.db.close()
    await world.close()
  })

  /** The rows and the event of a publication alone: whole publications of one provider wait for each other. */
  const write = async (ctx: TransactionContext, name: string) => {
    const [id, serviceId, createdAt] = [ctx.newId(), ctx.newId(), ctx.clock()]
    const { organizationId } = ctx.actor
    const { category, term, ...rest } = OFFERING
    await ctx.tx.insert(services).values({ id: serviceId, organizationId, category, term, name, createdAt })
    const common = { currency: 'TWD', staffMinutesPerUnit: 0, serviceAreaIds: [], languages: [] }
    const state = 'published' as const
    const row = { id, serviceId, locationId, organizationId, ...rest, ...common, state, createdAt }
    await ctx.tx.insert(offerings).values(row)
    await emit(ctx, 'offering.published', id, organizationId)
  }

  /** A transaction that has written, and waits to be told how to end. */
  const open = async (ctx: Context, name: string) => {
    let end = (_commits: boolean) => {}
    const told = new Promise<boolean>((resolve) => {
      end = resolve
    })
    let written = () => {}
    const wrote = new Promise<void>((resolve) => {
      written = resolve
    })
    const ended = inTransaction(ctx, async (tx) => {
      await write(tx, name)
      written()
      if (!(await told)) throw new Error('rolled back')
    }).catch((error: Error) => {
      if (error.message !== 'rolled back') throw error
    })
    await wrote
    return (commits: boolean) => {
      end(commits)
      return ended
    }
  }

  it('is what they have committed', async () => {
    expect(await namesFound(world.provider)).toEqual([])
    expect(await namesFound(other)).toEqual([])
    await publishOffering(other, { ...OFFERING, locationId, name: 'Theirs' })
    expect(await namesFound(world.provider)).toEqual(['Theirs'])
  })

  it('is each of several transactions when it commits, the first begun last', async () => {
    const first = await open(world.provider, 'A')
    const second = await open(other, 'B')
    const third = await open(world.provider, 'C')
    await third(true)
    expect(await namesFound(other)).toEqual(['C', 'Theirs'])
    expect(await namesFound(other)).toEqual(['C', 'Theirs'])
    await second(false)
    expect(await namesFound(other)).toEqual(['C', 'Theirs'])
    await first(true)
    expect(await namesFound(other)).toEqual(['A', 'C', 'Theirs'])
    expect(await namesFound(world.provider)).toEqual(['A', 'C', 'Theirs'])
  })

  it('is a transaction that was open when the index was built', async () => {
    const early = await open(world.provider, 'Early')
    const late = await open(other, 'Late')
    await late(true)
    const db = await openPostgres(world.config.DATABASE_URL!, world.log)
    const started = { ...other, db }
    try {
      expect(await namesFound(started)).toEqual(['A', 'C', 'Late', 'Theirs'])
      await early(true)
      expect(await namesFound(started)).toEqual(['A', 'C', 'Early', 'Late', 'Theirs'])
    } finally {
      await db.close()
    }
  })
})

describe.skipIf(!engines().includes('postgres'))('an index that is used without looking on postgres', () => {
  let world: Neighborhood
  beforeAll(async () => {
    world = await openNeighborhood('postgres')
  })
  afterAll(() => world.close())

  it('has every event up to the newest, also those that commit late', async () => {
    const ctx = world.provider
    const isWhole = async () => {
      const [row] = await ctx.db.root.select({ newest: max(events.position) }).from(events)
      return indexAsOf(ctx, row!.newest ?? 0) !== null
    }
    const say = (tx: TransactionContext) => emit(tx, 'need.met', tx.newId(), ctx.actor.organizationId)
    expect(await isWhole()).toBe(false)
    await freshIndex(ctx)
    expect(await isWhole()).toBe(true)
    const [early, late] = [await begun(ctx), await begun(ctx)]
    await early.do(say)
    await late.do(say)
    await late.commit()
    expect(await isWhole()).toBe(false)
    await freshIndex(ctx)
    expect(await isWhole()).toBe(false)
    await early.commit()
    for (let times = 0; times < 3; times++) await freshIndex(ctx)
    expect(await isWhole()).toBe(true)
  })
})

describe('gaps in the numbers of events', () => {
  /** Transactions draw numbers when they begin and end in any order; a reader looks now and then. */
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom('begin', 'commit', 'rollback', 'look'),
      which: fc.nat(20),
      size: fc.nat(3),
    }),
    { maxLength: 60 },
  )

  it('lose no event, show none twice, and close when nobody is left to fill them', () => {
    fc.assert(
      fc.property(steps, (made) => {
        const running = new Map<number, number[]>()
        const committed = new Set<number>()
        const shown: number[] = []
        let [seen, position, xid]: [Seen, number, number] = [{ last: 0, gaps: [] }, 0, 100]
        const look = () => {
          const isWanted = (one: number) =>
            one > seen.last || seen.gaps.some(({ from, to }) => from <= one && one <= to)
          const positions = [...committed].filter(isWanted)
          shown.push(...positions)
          const oldest = Math.min(xid, ...running.keys())
          seen = advance(seen, { positions, oldestRunning: BigInt(oldest), nextToBegin: BigInt(xid) })
        }
        const end = (which: number, commits: boolean) => {
          const [id, drawn] = [...running][which % Math.max(1, running.size)] ?? []
          if (id === undefined) return
          running.delete(id)
          if (commits) for (const one of drawn!) committed.add(one)
        }
        for (const { kind, which, size } of made) {
          if (kind === 'look') look()
          else if (kind === 'begin')
            running.set(
              xid++,
              Array.from({ length: size }, () => ++position),
            )
          else end(which, kind === 'commit')
        }
        while (running.size > 0) end(0, true)
        for (let more = 0; more < 3; more++) look()
        expect(shown.toSorted((a, b) => a - b)).toEqual([...committed].sort((a, b) => a - b))
        expect(seen.gaps).toEqual([])
      }),
      { seed: 3, numRuns: 2000 },
    )
  })
})

describe('events', () => {
  const features = join(import.meta.dirname, '../../../src/features')
  const emitted = readdirSync(features, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [
      ...readFileSync(join(features, path), 'utf8').matchAll(/emit(?:All)?\(\s*ctx,\s*['`]([a-z_]+)\./g),
    ])
    .map((match) => match[1]!)

  /** Many rows, or rows of anything: after these, everything is compared. */
  const MANY = [
    'offerings',
    'organization',
    'organizations',
    'import',
    'imports',
    'feed',
    'feeds',
    'record',
    'records',
    'directory',
  ]

  it('are all known to the index, or known to change much', () => {
    expect(emitted).toContain('offering')
    const unknown = new Set(
      emitted.filter((object) => touchedBy([{ type: `${object}.x`, objectId: 'x' }]).everything),
    )
    expect(MANY).toEqual(expect.arrayContaining([...unknown]))
  })

  it('of unknown objects make everything compared', () => {
    const objectId = '00000000-0000-7000-8000-000000000001'
    expect(touchedBy([{ type: 'offering.revised', objectId }])).toEqual({
      ids: new Set([objectId]),
      everything: false,
      surroundings: false,
    })
    expect(touchedBy([{ type: 'novelty.made', objectId }]).everything).toBe(true)
    expect(touchedBy([{ type: 'referral.opened', objectId }])).toEqual({
      ids: new Set(),
      everything: false,
      surroundings: false,
    })
  })
})
