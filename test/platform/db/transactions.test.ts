import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inTransaction } from '../../../src/platform/context.ts'
import { afterCommit, type Handle } from '../../../src/platform/db/client.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

describe.each(engines())('transactions on %s', (rung) => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb(rung)
    await world.db.root.execute(
      sql`create table tally (name text primary key, n int not null check (n < 100))`,
    )
  })
  beforeEach(async () => {
    await world.db.root.execute(sql`delete from tally`)
    await world.db.root.execute(sql`insert into tally values ('a', 0)`)
  })
  afterAll(() => world.close())

  const count = (tx: Handle) => tx.execute(sql`update tally set n = n + 1 where name = 'a'`)
  const counted = async () => {
    const { rows } = (await world.db.root.execute(sql`select n from tally where name = 'a'`)) as unknown as {
      rows: { n: number }[]
    }
    return rows[0]?.n
  }

  it('writes all of a transaction, or nothing', async () => {
    await world.db.transaction(count)
    expect(await counted()).toBe(1)
    const failing = world.db.transaction(async (tx) => {
      await count(tx)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await counted()).toBe(1)
  })

  it('throws at once when the root handle, or a second transaction, is used inside one', async () => {
    const first = world.db.transaction(async () => world.db.root.execute(sql`select 1`))
    await expect(first).rejects.toThrow('Use ctx.tx inside a transaction')
    const second = world.db.transaction(async () => world.db.transaction(count))
    await expect(second).rejects.toThrow('Use ctx.tx inside a transaction')
    expect(await counted()).toBe(0)
  })

  it('allows the root handle again after the transaction, also in what it left running', async () => {
    let late: Promise<unknown> = Promise.resolve()
    await world.db.transaction(async (tx) => {
      await count(tx)
      late = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
        world.db.root.execute(sql`select 1`),
      )
    })
    await expect(late).resolves.toBeDefined()
  })

  it('joins the transaction that is open in the context', async () => {
    const failing = inTransaction(world.context(), async (ctx) => {
      await inTransaction(ctx, (inner) => count(inner.tx))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await counted()).toBe(0)
  })

  it('calls back after the commit, and not after a rollback', async () => {
    const seen: (number | undefined)[] = []
    let looked: Promise<unknown> = Promise.resolve()
    const look = () => {
      looked = counted().then((n) => seen.push(n))
    }
    await world.db.transaction(async (tx) => {
      afterCommit(look)
      await count(tx)
      expect(seen).toEqual([])
    })
    await looked
    const failing = world.db.transaction(async () => {
      afterCommit(look)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await looked
    expect(seen).toEqual([1])
    expect(() => afterCommit(look)).toThrow('afterCommit needs an open transaction.')
  })

  it.each([
    ['a key that exists', sql`insert into tally values ('a', 1)`, 'duplicate', 'tally_pkey'],
    ['a broken check', sql`insert into tally values ('b', 100)`, 'conflict', 'tally_n_check'],
    ['a value of the wrong type', sql`insert into tally values ('c', ${'x'}::int)`, 'invalid_input', ''],
    ['a date that does not exist', sql`select ${'2026-02-30'}::date`, 'invalid_input', ''],
  ])('refuses %s with a code and without SQL or values', async (_, statement, code, constraint) => {
    const error: Error = await world.db
      .transaction((tx) => tx.execute(statement))
      .then(
        () => expect.fail('it went through'),
        (error) => error,
      )
    expect(error).toMatchObject({ name: 'Refusal', code })
    expect(error.message).toContain(constraint)
    expect(error.message).not.toMatch(/insert|select|tally values|2026/i)
    expect(error.cause).toBeDefined()
  })

  it('leaves errors that are not the database’s as they are', async () => {
    const mine = new RangeError('mine')
    await expect(world.db.transaction(() => Promise.reject(mine))).rejects.toBe(mine)
  })
})

describe.runIf(engines().includes('postgres'))('transactions that collide on PostgreSQL', () => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb('postgres')
    await world.db.root.execute(sql`create table tally (name text primary key, n int not null)`)
    await world.db.root.execute(sql`insert into tally values ('a', 0), ('b', 0)`)
  })
  afterAll(() => world.close())

  const read = async (tx: Handle) => {
    const { rows } = (await tx.execute(sql`select n from tally where name = 'a'`)) as unknown as {
      rows: { n: number }[]
    }
    return rows[0]?.n ?? 0
  }

  it('are tried again after a serialization failure', async () => {
    let tries = 0
    const callbacks: number[] = []
    const increment = () =>
      world.db.transaction(async (tx) => {
        const mine = ++tries
        await tx.execute(sql`set transaction isolation level serializable`)
        const n = await read(tx)
        await new Promise((resolve) => setTimeout(resolve, 10))
        await tx.execute(sql`update tally set n = ${n + 1} where name = 'a'`)
        afterCommit(() => callbacks.push(mine))
      })
    await Promise.all([increment(), increment(), increment()])
    expect(await read(world.db.root)).toBe(3)
    expect(tries).toBeGreaterThan(3)
    expect(callbacks).toHaveLength(3)
  })

  it('are tried again after a deadlock', async () => {
    const inOrder = (first: string, second: string) =>
      world.db.transaction(async (tx) => {
        await tx.execute(sql`update tally set n = n + 1 where name = ${first}`)
        await new Promise((resolve) => setTimeout(resolve, 30))
        await tx.execute(sql`update tally set n = n + 1 where name = ${second}`)
      })
    await Promise.all([inOrder('a', 'b'), inOrder('b', 'a')])
    expect(await read(world.db.root)).toBe(5)
  })

  it('give up as busy when every try fails', async () => {
    const tries = { made: 0 }
    const failing = world.db.transaction(async (tx) => {
      tries.made++
      await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`)
    })
    await expect(failing).rejects.toMatchObject({ code: 'busy' })
    expect(tries.made).toBe(5)
  })
})
