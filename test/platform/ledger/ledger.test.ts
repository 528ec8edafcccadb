import { randomUUID } from 'node:crypto'
import { eq, inArray, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '../../../src/platform/context.ts'
import { databaseErrorOf } from '../../../src/platform/db/database-errors.ts'
import { Refusal } from '../../../src/platform/errors.ts'
import { type Account, openAccounts, setLimit } from '../../../src/platform/ledger/accounts.ts'
import {
  type Bundle,
  type CommitName,
  commitBundle,
  commitBundles,
  holdBundle,
  holdBundles,
  releaseBundles,
  revertCommits,
  settleCommits,
  unsettleCommits,
} from '../../../src/platform/ledger/post-transfers.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts, holds, transfers } from '../../../src/platform/ledger/tables.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { BUNDLES, type Command, command, Model, type Outcome, RECEIVERS, SCARCE } from './model.ts'

const FOLLOW = { settle: settleCommits, unsettle: unsettleCommits, revert: revertCommits }

describe.each(engines())('the ledger on %s', (rung) => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb(rung)
  })
  afterAll(() => world.close())

  /** Fresh accounts: some with limits, then some that receive: the first what is owed, the others what is given. */
  async function openBook(limits: number[], receivers: number, unit = 'TWD') {
    const name = (kind: 'fund' | 'receivable' | 'consumed', limit: number) => ({
      kind,
      ownerId: randomUUID(),
      period: '2026-12',
      unit,
      limit,
    })
    const wanted = [
      ...limits.map((limit) => name('fund', limit)),
      ...Array.from({ length: receivers }, (_, at) => name(at === 0 ? 'receivable' : 'consumed', 0)),
    ]
    const opened = await inTransaction(world.context(), (ctx) => openAccounts(ctx, wanted))
    return { scarce: opened.slice(0, limits.length), receivers: opened.slice(limits.length) }
  }

  const use = (debit: Account, credit: Account, amount: number) => ({
    debitId: debit.id,
    creditId: credit.id,
    amount,
  })

  async function balancesOf(account: Account): Promise<Account> {
    const [row] = await world.db.root.select().from(accounts).where(eq(accounts.id, account.id))
    return row!
  }

  it('agrees with the model after any sequence of postings, and its books reconcile', async () => {
    const limits = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: SCARCE, maxLength: SCARCE })
    await fc.assert(
      fc.asyncProperty(
        limits,
        fc.array(command, { minLength: 5, maxLength: 25 }),
        async (given, commands) => {
          const book = await openBook(given, RECEIVERS)
          const bundleIds = Array.from({ length: BUNDLES }, () => randomUUID())
          const model = new Model(given)
          for (const command of commands) {
            const expected = model.run(command)
            expect([command, await run(command, book, bundleIds)]).toEqual([command, expected])
          }
          const stored = await Promise.all([...book.scarce, ...book.receivers].map(balancesOf))
          stored.slice(0, SCARCE).forEach((row, at) => {
            expect(row).toMatchObject(model.given(at))
          })
          stored.slice(SCARCE).forEach((row, at) => {
            expect(row).toMatchObject(model.got(at))
          })
          expect(await reconcile(world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
        },
      ),
      { numRuns: 40 },
    )
  })

  type Book = Awaited<ReturnType<typeof openBook>>

  function run(command: Command, { scarce, receivers }: Book, bundleIds: string[]): Promise<Outcome> {
    const work = inTransaction(world.context(), async (ctx): Promise<Outcome> => {
      if (command.do === 'setLimit') await setLimit(ctx, scarce[command.account]!.id, command.limit)
      else if (command.do === 'hold') {
        const uses = command.uses.map(({ debit, credit, amount }) =>
          use(scarce[debit]!, receivers[credit]!, amount),
        )
        const { refused } = await holdBundles(ctx, [{ id: bundleIds[command.bundle]!, uses }])
        return refused.length > 0 ? 'refused' : 'done'
      } else if (command.do === 'release') {
        await releaseBundles(ctx, [bundleIds[command.bundle]!], command.key)
      } else if (command.do === 'commit') await commitBundle(ctx, bundleIds[command.bundle]!, command)
      else await FOLLOW[command.do](ctx, [{ bundleId: bundleIds[command.bundle]!, key: command.key }])
      return 'done'
    })
    return work.catch((error) => {
      if (error instanceof Refusal) return error.code as Outcome
      throw error
    })
  }

  it('holds many bundles in the order given, each whole or not at all', async () => {
    const { scarce, receivers } = await openBook([10, 2], 1)
    const bundle = (...amounts: [number, number]): Bundle => ({
      id: randomUUID(),
      uses: amounts.flatMap((amount, at) => (amount > 0 ? [use(scarce[at]!, receivers[0]!, amount)] : [])),
    })
    const wanted = [bundle(4, 1), bundle(4, 2), bundle(7, 0), bundle(6, 1)]
    const { refused } = await inTransaction(world.context(), (ctx) => holdBundles(ctx, wanted))
    expect(refused).toEqual([wanted[1]!.id, wanted[2]!.id])
    expect(await balancesOf(scarce[0]!)).toMatchObject({ held: 10 })
    const again = await inTransaction(world.context(), (ctx) => holdBundles(ctx, [...wanted, wanted[0]!]))
    expect(again.refused).toEqual(refused)
    expect(await balancesOf(scarce[0]!)).toMatchObject({ held: 10 })
  })

  it('has committed exactly the whole after the last unit, every unit at its price where that is whole', async () => {
    const paid = fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(paid, fc.integer({ min: 1, max: 7 }), async (parts, units) => {
        // What the last one pays makes the price of a unit a whole number.
        const price = Math.ceil((parts.reduce((sum, part) => sum + part, 0) + 1) / units)
        const whole = [...parts, price * units - parts.reduce((sum, part) => sum + part, 0)]
        const { scarce, receivers } = await openBook(whole, 1)
        const id = randomUUID()
        const uses = whole.flatMap((amount, at) =>
          amount > 0 ? [use(scarce[at]!, receivers[0]!, amount)] : [],
        )
        await inTransaction(world.context(), async (ctx) => {
          await holdBundle(ctx, { id, uses })
          for (let left = units; left > 0; left--) {
            expect(await commitBundle(ctx, id, { units: 1, left, key: `${left}` })).toEqual({ fund: price })
          }
          expect(await commitBundle(ctx, id, { units: 1, left: 1, key: '1' })).toEqual({})
        })
        const rows = await world.db.root.select().from(holds).where(eq(holds.bundleId, id))
        expect(rows.map((row) => [row.open, row.committed]).sort()).toEqual(
          uses.map(({ amount }) => [0, amount]).sort(),
        )
      }),
      { numRuns: 15 },
    )
  })

  it('counts on a cap what the fund gives, to the cent', async () => {
    const { scarce, receivers } = await openBook([100, 200], 2)
    const [cap] = await inTransaction(world.context(), (ctx) =>
      openAccounts(ctx, [
        { kind: 'subsidy_cap', ownerId: randomUUID(), period: '2026-12', unit: 'TWD', limit: 100 },
      ]),
    )
    const id = randomUUID()
    const uses = [
      use(scarce[0]!, receivers[0]!, 50),
      use(cap!, receivers[1]!, 50),
      use(scarce[1]!, receivers[0]!, 51),
    ]
    await inTransaction(world.context(), async (ctx) => {
      await holdBundle(ctx, { id, uses: uses.map((one, at) => (at === 2 ? { ...one, amount: 51 } : one)) })
      for (let left = 7; left > 2; left--) await commitBundle(ctx, id, { units: 1, left, key: `${left}` })
      await revertCommits(ctx, [{ bundleId: id, key: '5' }])
      await commitBundle(ctx, id, { units: 2, left: 3, key: 'again' })
    })
    expect((await balancesOf(cap!)).spent).toBe((await balancesOf(scarce[0]!)).spent)
  })

  it('commits many bundles in one call, each as if alone', async () => {
    const { scarce, receivers } = await openBook([100_000], 1)
    const bundles = Array.from({ length: 1200 }, (_, at) => ({
      id: randomUUID(),
      uses: [use(scarce[0]!, receivers[0]!, 1 + (at % 50))],
    }))
    const commits = bundles.map(({ id }, at) => ({ bundleId: id, units: 1, left: 1 + (at % 2), key: 'one' }))
    const [spent, again] = await inTransaction(world.context(), async (ctx) => {
      await holdBundles(ctx, bundles)
      return [await commitBundles(ctx, commits), await commitBundles(ctx, commits)]
    })
    const due = bundles.map(({ uses }, at) => Math.round(uses[0]!.amount / (1 + (at % 2))))
    expect(spent.map(({ fund }) => fund)).toEqual(due)
    expect(new Set(again.map((one) => JSON.stringify(one)))).toEqual(new Set(['{}']))
    const none = inTransaction(world.context(), (ctx) =>
      commitBundles(ctx, [{ bundleId: randomUUID(), units: 1, left: 1, key: 'one' }]),
    )
    await expect(none).rejects.toMatchObject({ code: 'not_found' })
  })

  it('pays out, takes back and reverts many commits, by exactly what they posted', async () => {
    const { scarce, receivers } = await openBook([1_000_000, 1_000_000], 2)
    const bundles = Array.from({ length: 1100 }, (_, at) => ({
      id: randomUUID(),
      uses: [use(scarce[0]!, receivers[0]!, 100 + at), use(scarce[1]!, receivers[1]!, 3)],
    }))
    const named = (key: string): CommitName[] => bundles.map(({ id }) => ({ bundleId: id, key }))
    const commits = (key: string, left: number) => named(key).map((name) => ({ ...name, units: 1, left }))
    const before = await inTransaction(world.context(), async (ctx) => {
      await holdBundles(ctx, bundles)
      const [first] = [await commitBundles(ctx, commits('a', 3)), await commitBundles(ctx, commits('b', 2))]
      return first.reduce((sum, { fund = 0 }) => sum + fund, 0) - 1100
    })
    await inTransaction(world.context(), async (ctx) => {
      await settleCommits(ctx, named('a'))
      await settleCommits(ctx, named('a'))
    })
    expect(await balancesOf(receivers[0]!)).toMatchObject({ settled: before })
    expect(await balancesOf(receivers[1]!)).toMatchObject({ received: 2200, settled: 0 })
    const conflict = { code: 'state_conflict' }
    const follow = (work: keyof typeof FOLLOW, key: string) =>
      inTransaction(world.context(), (ctx) => FOLLOW[work](ctx, named(key)))
    await expect(follow('revert', 'a')).rejects.toMatchObject(conflict)
    await expect(follow('unsettle', 'b')).rejects.toMatchObject(conflict)
    await expect(follow('settle', 'c')).rejects.toMatchObject({ code: 'not_found' })
    await follow('unsettle', 'a')
    await follow('revert', 'a')
    expect(await balancesOf(receivers[0]!)).toMatchObject({ settled: 0 })
    expect(await balancesOf(receivers[1]!)).toMatchObject({ incoming: 2200, received: 1100 })
    expect(await reconcile(world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
  })

  it('refuses transfers between units', async () => {
    const money = await openBook([10], 0)
    const visits = await openBook([], 1, 'visit')
    const bundle = { id: randomUUID(), uses: [use(money.scarce[0]!, visits.receivers[0]!, 1)] }
    await expect(inTransaction(world.context(), (ctx) => holdBundle(ctx, bundle))).rejects.toThrow('its unit')
  })

  it('gives the last unit to exactly one of many at once', async () => {
    const { scarce, receivers } = await openBook([1], 1)
    const tries = Array.from({ length: 12 }, () =>
      inTransaction(world.context(), (ctx) =>
        holdBundle(ctx, { id: randomUUID(), uses: [use(scarce[0]!, receivers[0]!, 1)] }),
      ),
    )
    const outcomes = await Promise.allSettled(tries)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'insufficient' })
    }
    expect(await balancesOf(scarce[0]!)).toMatchObject({ held: 1 })
  })

  it('holds a bundle once when many ask for it at once', async () => {
    const { scarce, receivers } = await openBook([10], 1)
    const bundle = { id: randomUUID(), uses: [use(scarce[0]!, receivers[0]!, 4)] }
    const hold = () => inTransaction(world.context(), (ctx) => holdBundle(ctx, bundle))
    await Promise.all(Array.from({ length: 8 }, hold))
    expect(await balancesOf(scarce[0]!)).toMatchObject({ held: 4 })
  })

  it('never waits in a circle, in whatever order bundles name their accounts', async () => {
    const { scarce, receivers } = await openBook([40, 40, 40], 2)
    const rotate = (by: number) => [0, 1, 2].map((at) => scarce[(at + by) % 3]!)
    const ids = Array.from({ length: 24 }, () => randomUUID())
    await Promise.all(
      ids.map((id, at) =>
        inTransaction(world.context(), async (ctx) => {
          await holdBundle(ctx, { id, uses: rotate(at).map((debit) => use(debit, receivers[at % 2]!, 1)) })
          if (at % 3 === 0) await releaseBundles(ctx, [id])
          else {
            await commitBundle(ctx, id, { units: 1, left: 1, key: 'all' })
            await settleCommits(ctx, [{ bundleId: id, key: 'all' }])
          }
        }),
      ),
    )
    expect(await balancesOf(scarce[0]!)).toMatchObject({ held: 0, spent: 16 })
    expect(await reconcile(world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
  })

  it('cannot be overcommitted, not even by hand', async () => {
    const { scarce, receivers } = await openBook([10], 1)
    const bundle = { id: randomUUID(), uses: [use(scarce[0]!, receivers[0]!, 6)] }
    await inTransaction(world.context(), (ctx) => holdBundle(ctx, bundle))
    const id = scarce[0]!.id
    for (const change of ['held = held + 5', 'spent = 5', '"limit" = 5', 'held = -1']) {
      expect(await constraintOf(`update accounts set ${change} where id = '${id}'`)).toBe(
        'accounts_within_limit',
      )
    }
    expect(await constraintOf(`update holds set open = -1 where bundle_id = '${bundle.id}'`)).toBe(
      'holds_not_overdrawn',
    )
    expect(await balancesOf(scarce[0]!)).toMatchObject({ held: 6, spent: 0, limit: 10 })
  })

  it('keeps every transfer as it was written', async () => {
    expect(await constraintOf('update transfers set amount = amount + 1')).toBe('transfers_append_only')
    expect(await constraintOf('delete from transfers')).toBe('transfers_append_only')
  })

  it('finds a balance that was changed by hand', async () => {
    const { scarce, receivers } = await openBook([10], 1)
    const bundle = { id: randomUUID(), uses: [use(scarce[0]!, receivers[0]!, 6)] }
    await inTransaction(world.context(), (ctx) => holdBundle(ctx, bundle))
    const id = scarce[0]!.id
    await world.db.root.update(accounts).set({ held: 7 }).where(eq(accounts.id, id))
    expect(await reconcile(world.context())).toMatchObject({
      differences: [
        { accountId: id, balance: 'held', stored: 7, computed: 6 },
        { accountId: id, balance: 'open', stored: 6, computed: 7 },
      ],
      unbalancedUnits: ['TWD'],
    })
    await world.db.root.update(accounts).set({ held: 6 }).where(eq(accounts.id, id))
  })

  it('holds and gives back thousands of bundles in one call', async () => {
    const { scarce, receivers } = await openBook([3000, 3000], 1)
    const bundles = Array.from({ length: 2500 }, () => ({
      id: randomUUID(),
      uses: scarce.map((debit) => use(debit, receivers[0]!, 1)),
    }))
    const ids = bundles.map(({ id }) => id)
    const { refused } = await inTransaction(world.context(), (ctx) => holdBundles(ctx, bundles))
    expect(refused).toEqual([])
    await inTransaction(world.context(), (ctx) => releaseBundles(ctx, ids))
    expect(await balancesOf(scarce[1]!)).toMatchObject({ held: 0, spent: 0 })
    const [{ count } = { count: 0 }] = await world.db.root
      .select({ count: sql<number>`count(*)::int` })
      .from(transfers)
      .where(
        inArray(
          transfers.debitId,
          scarce.map(({ id }) => id),
        ),
      )
    expect(count).toBe(10_000)
  })

  async function constraintOf(statement: string): Promise<string | undefined> {
    const error = await world.db.root.execute(sql.raw(statement)).catch((thrown: unknown) => thrown)
    return databaseErrorOf(error)?.constraint
  }
})
