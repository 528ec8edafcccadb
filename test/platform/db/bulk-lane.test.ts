import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type BulkLane,
  bulkLaneFor,
  type LaneOffer,
  openBulkLane,
} from '../../../src/platform/db/bulk-lane.ts'
import { runInThread } from '../../../src/platform/jobs/thread.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

const ID = '0190a0b0-0000-7000-8000-00000000000a'

describe.each(engines())('the bulk lane on %s', (rung) => {
  let world: TestWorld
  let offer: LaneOffer
  let lane: BulkLane
  beforeAll(async () => {
    world = await openTestDb(rung)
    await world.db.root.execute(sql`
      create table things (id uuid, n bigint, part double precision, said text, flag boolean, at timestamptz,
        facts jsonb)`)
    await world.db.root.execute(sql`create table squares (square bigint primary key, said text)`)
  })
  beforeEach(async () => {
    await world.db.root.execute(sql`truncate things, squares`)
    offer = bulkLaneFor(world.db)
    lane = await openBulkLane(offer.descriptor)
  })
  afterEach(async () => {
    await lane.close()
    offer.close()
  })
  afterAll(() => world.close())

  const all = async <T>(text: string, parameters: Parameters<BulkLane['rows']>[1] = [], batchSize = 100) => {
    const batches: T[][] = []
    for await (const batch of lane.rows<T>(text, parameters, batchSize)) batches.push(batch)
    return batches
  }
  const reopened = () => {
    offer.close()
    offer = bulkLaneFor(world.db)
    return openBulkLane(offer.descriptor)
  }
  const stored = async (table: string) => {
    const { rows } = (await world.db.root.execute(
      sql.raw(`select * from ${table} order by 1`),
    )) as unknown as {
      rows: Record<string, unknown>[]
    }
    return rows
  }

  it('reads a result in batches, all of it, in order', async () => {
    const batches = await all<{ n: number }>('select generate_series(1, 1050) as n', [], 500)
    expect(batches.map((batch) => batch.length)).toEqual([500, 500, 50])
    expect(batches.flat().map(({ n }) => n)).toEqual(Array.from({ length: 1050 }, (_, i) => i + 1))
  })

  it.each([0, 500, 501])('ends well with %i rows in batches of 500', async (count) => {
    const batches = await all('select generate_series(1, $1::int) as n', [count], 500)
    expect(batches.flat()).toHaveLength(count)
    expect(batches.every((batch) => batch.length > 0)).toBe(true)
  })

  it('gives the same JavaScript values on both engines', async () => {
    const [[row] = []] = await all(`
      select ${Number.MAX_SAFE_INTEGER}::int8 as big, 7::int4 as small, 0.1::float8 as part, true as flag,
        '${ID}'::uuid as id, 'text' as said, null::text as nothing, '{"a":[1,"b",null]}'::jsonb as facts,
        '2026-12-01T08:00:00.123Z'::timestamptz as at, '2026-12-01'::date as day, count(*) as counted,
        array['x', 'y'] as words, array[1, 2]::int8[] as numbers
      from generate_series(1, 3)`)
    expect(row).toEqual({
      big: Number.MAX_SAFE_INTEGER,
      small: 7,
      part: 0.1,
      flag: true,
      id: ID,
      said: 'text',
      nothing: null,
      facts: { a: [1, 'b', null] },
      at: new Date('2026-12-01T08:00:00.123Z'),
      day: '2026-12-01',
      counted: 3,
      words: ['x', 'y'],
      numbers: [1, 2],
    })
  })

  it('takes parameters of every kind', async () => {
    const at = new Date('2026-12-01T08:00:00.123Z')
    const [[row] = []] = await all(
      `select $1::text as said, $2::int8 as n, $3::boolean as flag, $4::text as nothing, $5::timestamptz as at,
         '${ID}'::uuid = any($6::uuid[]) as listed, 3 = any($7::int8[]) as numbered`,
      ["it's", 5, false, null, at, [ID], [1, 2]],
    )
    expect(row).toEqual({
      said: "it's",
      n: 5,
      flag: false,
      nothing: null,
      at,
      listed: true,
      numbered: false,
    })
  })

  it('goes on after a result that was left early', async () => {
    for await (const batch of lane.rows<{ n: number }>('select generate_series(1, 100000) as n', [], 10)) {
      expect(batch[0]?.n).toBe(1)
      break
    }
    expect(await all('select 1 as one')).toEqual([[{ one: 1 }]])
  })

  it('refuses a second result while the first is read', async () => {
    for await (const _ of lane.rows('select generate_series(1, 20) as n', [], 10)) {
      await expect(all('select 1')).rejects.toThrow('The lane reads one result at a time')
    }
  })

  it('says what is wrong with a statement', async () => {
    await expect(all('select nonsense')).rejects.toMatchObject({ code: '42703' })
  })

  it('copies rows in exactly as they are', async () => {
    const texts = [
      'plain',
      '',
      '\\N',
      'tab\there',
      'line\nfeed\r',
      'back\\slash',
      '\\.',
      'ü 漢 😀',
      '"quoted", \'too\'',
    ]
    const at = '2026-12-01T08:00:00.123Z'
    const rows = texts.map((said, n) => [ID, n, n / 8, said, n % 2 === 0, at, JSON.stringify({ said })])
    const columns = ['id', 'n', 'part', 'said', 'flag', 'at', 'facts']
    expect(await lane.copyIn('public.things', columns, rows)).toBe(texts.length)
    expect(await lane.copyIn('things', columns, [[null, null, null, null, null, null, null]])).toBe(1)
    await lane.close()
    lane = await reopened() // PostgreSQL's first lane saw the table empty
    expect((await all('select * from things order by n')).flat()).toEqual([
      ...texts.map((said, n) => ({
        ...{ id: ID, n, part: n / 8, said, flag: n % 2 === 0 },
        ...{ at: new Date(at), facts: { said } },
      })),
      { id: null, n: null, part: null, said: null, flag: null, at: null, facts: null },
    ])
  })

  it('copies many rows from a generator', async () => {
    async function* many() {
      for (let n = 1; n <= 50_000; n++) yield [n, `number ${n}`] as const
    }
    expect(await lane.copyIn('squares', ['square', 'said'], many())).toBe(50_000)
    expect(await stored('squares')).toHaveLength(50_000)
  })

  it.each([
    [
      'the database refuses a row',
      [
        [1, 'a'],
        [1, 'b'],
      ],
      '23505',
    ],
    [
      'a value does not fit',
      [
        [1, 'a'],
        ['two', 'b'],
      ],
      '22P02',
    ],
  ])('copies nothing when %s', async (_, rows, code) => {
    await expect(lane.copyIn('squares', ['square', 'said'], rows)).rejects.toMatchObject({ code })
    expect(await stored('squares')).toEqual([])
    expect(await lane.copyIn('squares', ['square', 'said'], [[2, 'b']])).toBe(1)
  })

  it('copies nothing when the rows themselves fail', async () => {
    function* failing() {
      yield [1, 'a'] as const
      throw new Error('no more rows')
    }
    await expect(lane.copyIn('squares', ['square', 'said'], failing())).rejects.toThrow('no more rows')
    expect(await stored('squares')).toEqual([])
    expect(await lane.copyIn('squares', ['square', 'said'], [])).toBe(0)
  })

  it.runIf(rung === 'postgres')('sees the moment it was opened in every read', async () => {
    await world.db.root.execute(sql`insert into squares values (1, 'later')`)
    expect(await all('select * from squares')).toEqual([])
  })

  it('works from a thread, and leaves nothing open', async () => {
    const own = bulkLaneFor(world.db)
    const seen: unknown[] = []
    const reply = await runInThread(
      new URL('./programs/lane-thread.ts', import.meta.url),
      { lane: own.descriptor, upTo: 1_000 },
      { transfer: own.transfer, serve: [own], onProgress: (progress) => seen.push(progress) },
    )
    expect(reply).toEqual({ copied: 1_000 })
    expect(seen).toEqual([400, 400, 200])
    expect((await stored('squares')).at(-1)).toMatchObject({ said: '1000 squared' })
  })
})
