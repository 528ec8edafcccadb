import { sql } from 'drizzle-orm'
import { bigint, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instant } from '../../../src/platform/db/columns.ts'
import { rowsFrom } from '../../../src/platform/db/rows-from.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

const things = pgTable('things', {
  id: integer('id').primaryKey(),
  someText: text('some_text'),
  list: jsonb('a_list').$type<unknown[]>().notNull().default([]),
  size: bigint('size', { mode: 'number' }),
  count: integer('count').notNull().default(1),
  at: instant('at'),
})

describe.each(engines())('rows as one parameter on %s', (rung) => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb(rung)
    await world.db.root.execute(sql`create table things (id int primary key, some_text text,
      a_list jsonb not null default '[]', size bigint, count int not null default 1, at timestamptz(3))`)
  })
  afterAll(() => world.close())

  it('are what one by one they would be', async () => {
    const rows = [
      {
        id: 1,
        someText: 'a "quote", \\ and 日',
        list: [{ a: null }, 'x'],
        size: 2 ** 53 - 1,
        at: new Date('2026-12-01T08:00:00.123Z'),
      },
      { id: 2, someText: null, count: 7 },
      { id: 3, someText: '', list: [], at: undefined },
    ]
    await world.db.root.insert(things).values(rows)
    const expected = await world.db.root.select().from(things).orderBy(things.id)
    await world.db.root.delete(things)
    const written = await world.db.root
      .insert(things)
      .select(rowsFrom(things, rows))
      .onConflictDoNothing()
      .returning({ id: things.id })
    expect(written).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    expect(await world.db.root.select().from(things).orderBy(things.id)).toEqual(expected)
  })
})
