import { randomUUID } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { carryOverWallets } from '../../../src/features/residents/carry-over-wallets.ts'
import { closeReturnedWallets } from '../../../src/features/residents/close-returned-wallets.ts'
import { closeWallets } from '../../../src/features/residents/close-wallets.ts'
import { eraseResidentFacts } from '../../../src/features/residents/erase-resident-facts.ts'
import type { ResidentRow } from '../../../src/features/residents/find-resident.ts'
import { getWalletStatement } from '../../../src/features/residents/get-wallet-statement.ts'
import { getWallet, listWallets } from '../../../src/features/residents/list-wallets.ts'
import { registerResident } from '../../../src/features/residents/register-resident.ts'
import { registerResidents } from '../../../src/features/residents/register-residents.ts'
import { residents, walletMovements } from '../../../src/features/residents/tables.ts'
import { topUpWallet } from '../../../src/features/residents/top-up-wallet.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { openAccount } from '../../../src/platform/ledger/accounts.ts'
import {
  commitBundle,
  holdBundle,
  releaseBundles,
  revertCommits,
} from '../../../src/platform/ledger/post-transfers.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { periodAt } from '../../../src/platform/period.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const NOW = '2026-12-01T08:00:00.000Z'
const DECEMBER = '2026-12'
const JANUARY = '2027-01'
const FEBRUARY = '2027-02'
const POINT = { latitude: 25.03349, longitude: 121.54351 }
const MOST = 10_000_000_000

describe.each(engines())('wallets on %s', (rung) => {
  let world: Neighborhood
  let residentId: string
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  beforeEach(async () => {
    world.clock.set(NOW)
    residentId = await newcomer()
  })
  // Of the others, nothing is left that could go over.
  afterEach(() => close())
  afterAll(() => world.close())

  const newcomer = async () => {
    const wanted = { reference: randomUUID(), areaId: world.areas.north, point: POINT }
    return (await registerResident(world.partner, wanted)).id
  }
  const topUp = (amount: number, more: object = {}) =>
    topUpWallet(world.partner, { residentId, period: DECEMBER, amount, ...more })
  const carryOver = () => carryOverWallets(world.system)
  const wallet = (period: string) => getWallet(world.partner, { residentId, period })
  const statement = (period: string) => getWalletStatement(world.partner, { residentId, period })

  const hold = (period: string, amount: number, bundleId = randomUUID()) =>
    inTransaction(world.system, async (ctx) => {
      const owed = { kind: 'receivable', ownerId: residentId, period, unit: ctx.currency } as const
      const [debit, credit] = [await getWallet(ctx, { residentId, period }), await openAccount(ctx, owed, 0)]
      await holdBundle(ctx, { id: bundleId, uses: [{ debitId: debit.id, creditId: credit.id, amount }] })
      return bundleId
    })
  const close = () => inTransaction(world.partner, (ctx) => closeWallets(ctx, residentId))
  const release = (bundleId: string, key?: string) =>
    inTransaction(world.system, (ctx) => releaseBundles(ctx, [bundleId], key))
  /** Takes back what was committed whole. */
  const revert = (bundleId: string, key = '1 of 1') =>
    inTransaction(world.system, (ctx) => revertCommits(ctx, [{ bundleId, key }]))
  const commit = (bundleId: string, units: number, left: number) =>
    inTransaction(world.system, (ctx) =>
      commitBundle(ctx, bundleId, { units, left, key: `${units} of ${left}` }),
    )
  const movements = () =>
    world.db.root.select().from(walletMovements).where(eq(walletMovements.residentId, residentId))
  const contents = async () => {
    const { items } = await listWallets(world.partner, { residentId, limit: 100 })
    return Object.fromEntries(items.map(({ period, limit }) => [period, limit]))
  }

  it('refuses an impossible wallet, and changes nothing', async () => {
    await topUp(500)
    const flaws: [object, string][] = [
      [{ amount: -1 }, '/amount'],
      [{ amount: 0 }, '/amount'],
      [{ amount: 0.5 }, '/amount'],
      [{ amount: 1_000_000_001 }, '/amount'],
      [{ amount: Number.NaN }, '/amount'],
      [{ carryOverMost: -1 }, '/carryOverMost'],
      [{ carryOverMost: 1.5 }, '/carryOverMost'],
      [{ carryOverMost: MOST + 1 }, '/carryOverMost'],
      [{ period: '2026-11' }, '/period'],
      [{ period: '2026-13' }, '/period'],
    ]
    for (const [flaw, pointer] of flaws) {
      expect(await refusalOf(topUp(1, flaw))).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
    expect((await refusalOf(topUp(1e300))).pointers).toContain('/amount')
    for (let at = 0; at < 9; at++) await topUp(1_000_000_000)
    expect(await refusalOf(topUp(1_000_000_000))).toMatchObject({ pointers: ['/amount'] })
    expect(await wallet(DECEMBER)).toMatchObject({ limit: 9_000_000_500 })
    expect(await topUp(999_999_500)).toMatchObject({ limit: MOST })
  })

  it('keeps the rule of a wallet until another is given', async () => {
    expect(await topUp(100)).toMatchObject({ limit: 100, carryOverMost: 0 })
    expect(await topUp(100, { carryOverMost: 30 })).toMatchObject({ limit: 200, carryOverMost: 30 })
    expect(await topUp(100)).toMatchObject({ limit: 300, carryOverMost: 30 })
    expect(await topUp(100, { carryOverMost: null })).toMatchObject({ carryOverMost: null })
    expect(await wallet(DECEMBER)).toMatchObject({ limit: 400, carryOverMost: null })
  })

  it('carries over what the rule allows, month after month, once', async () => {
    await topUp(100, { carryOverMost: 30 })
    await hold(DECEMBER, 50)
    expect(await carryOver()).toBe(0)
    world.clock.set('2027-02-03T00:00:00Z')
    expect(await carryOver()).toBe(2)
    expect(await carryOver()).toBe(0)
    expect(await contents()).toEqual({ [DECEMBER]: 70, [JANUARY]: 0, [FEBRUARY]: 30 })
    expect(await wallet(FEBRUARY)).toMatchObject({ carryOverMost: 30 })
    const told = await world.db.root.select().from(events).where(eq(events.objectId, residentId))
    const carried = told.filter(({ type }) => type === 'wallet.carried_over')
    expect(carried.map(({ data }) => data)).toEqual([
      { from: DECEMBER, to: JANUARY, amount: 30 },
      { from: JANUARY, to: FEBRUARY, amount: 30 },
    ])
    expect(carried[0]!.audience).toEqual([world.partner.actor.organizationId])
  })

  it('carries over what is freed later, within the rule of the whole month', async () => {
    await topUp(100, { carryOverMost: 60 })
    const [one, two] = [await hold(DECEMBER, 40), await hold(DECEMBER, 35)]
    world.clock.set('2027-01-01T00:00:00Z')
    await carryOver()
    expect(await contents()).toMatchObject({ [JANUARY]: 25 })
    await release(one)
    await carryOver()
    expect(await contents()).toMatchObject({ [JANUARY]: 60 })
    await release(two)
    expect(await carryOver()).toBe(0)
    expect(await contents()).toEqual({ [DECEMBER]: 40, [JANUARY]: 60 })
  })

  it('carries over what comes back when something that was paid is taken back after the month', async () => {
    await topUp(100, { carryOverMost: 80 })
    world.clock.advance(1000)
    const bundle = await hold(DECEMBER, 60)
    world.clock.advance(1000)
    await commit(bundle, 1, 1)
    world.clock.set('2027-02-03T00:00:00Z')
    await carryOver()
    expect(await contents()).toEqual({ [DECEMBER]: 60, [JANUARY]: 0, [FEBRUARY]: 40 })
    world.clock.advance(1000)
    await revert(bundle)
    // Held again: it may yet be delivered.
    expect(await carryOver()).toBe(0)
    world.clock.advance(1000)
    await release(bundle, 'given back')
    world.clock.advance(1000)
    expect(await carryOver()).toBe(2)
    expect(await carryOver()).toBe(0)
    expect(await contents()).toEqual({ [DECEMBER]: 20, [JANUARY]: 0, [FEBRUARY]: 80 })
    const { lines, sums } = await statement(DECEMBER)
    expect(lines.map(({ kind, change }) => [kind, change])).toEqual([
      ['top_up', 100],
      ['hold', -60],
      ['commit', 0],
      ['carried_out', -40],
      ['revert', 0],
      ['release', 60],
      ['carried_out', -40],
    ])
    expect(sums).toMatchObject({ putIn: 100, carriedOut: 80, held: 0, spent: 0, available: 20 })
  })

  it('takes out what comes back to somebody who is erased, as the erasure did', async () => {
    await topUp(100)
    const bundle = await hold(DECEMBER, 60)
    await commit(bundle, 1, 1)
    await close()
    await inTransaction(world.partner, async (ctx) => {
      const [resident] = await ctx.tx.select().from(residents).where(eq(residents.id, residentId))
      await eraseResidentFacts(ctx, resident as ResidentRow)
    })
    expect(await closeReturnedWallets(world.system)).toBe(0)
    await revert(bundle)
    expect(await closeReturnedWallets(world.system)).toBe(0)
    await release(bundle)
    expect(await refusalOf(closeReturnedWallets(world.partner))).toMatchObject({ code: 'forbidden' })
    expect(await closeReturnedWallets(world.system)).toBe(1)
    expect(await closeReturnedWallets(world.system)).toBe(0)
    const [left] = await world.db.root.select().from(accounts).where(eq(accounts.ownerId, residentId))
    expect(left).toMatchObject({ limit: 0, held: 0, spent: 0 })
  })

  it('leaves a rule of the next month alone, and writes nothing where nothing goes over', async () => {
    await topUp(100, { carryOverMost: null })
    await topUp(5, { period: JANUARY, carryOverMost: 0 })
    world.clock.set('2027-03-01T00:00:00Z')
    await carryOver()
    expect(await contents()).toEqual({ [DECEMBER]: 0, [JANUARY]: 105 })
    expect(await wallet(JANUARY)).toMatchObject({ carryOverMost: 0 })
    await close()
    residentId = await newcomer()
    world.clock.set('2027-03-01T00:00:00Z')
    await topUp(10, { period: '2027-03', carryOverMost: null })
    await hold('2027-03', 10)
    world.clock.set('2027-04-01T00:00:00Z')
    expect(await carryOver()).toBe(0)
    expect(await contents()).toEqual({ '2027-03': 10 })
  })

  it('states every line with what is left after it, and sums that add up', async () => {
    await topUp(1000, { carryOverMost: null })
    world.clock.advance(1000)
    const served = await hold(DECEMBER, 300)
    const given = await hold(DECEMBER, 200)
    world.clock.advance(1000)
    await commit(served, 1, 3)
    await release(given)
    world.clock.set('2027-01-01T00:00:00Z')
    await carryOver()
    const december = await statement(DECEMBER)
    expect(december.lines.map(({ kind, change, available }) => [kind, change, available])).toEqual([
      ['top_up', 1000, 1000],
      ['hold', -300, 700],
      ['hold', -200, 500],
      ['commit', 0, 500],
      ['release', 200, 700],
      ['carried_out', -700, 0],
    ])
    expect(december.lines.map(({ bundleId }) => bundleId)).toEqual([null, served, given, served, given, null])
    const nothing = { putIn: 0, carriedIn: 0, carriedOut: 0, erased: 0, held: 0, spent: 0, available: 0 }
    expect(december.sums).toEqual({ ...nothing, putIn: 1000, carriedOut: 700, held: 200, spent: 100 })
    const january = await statement(JANUARY)
    expect(january.sums).toEqual({ ...nothing, carriedIn: 700, available: 700 })
    expect((await refusalOf(statement(FEBRUARY))).code).toBe('not_found')
  })

  it('takes what is free out of every month when it is closed, and nothing that is held or spent', async () => {
    await topUp(100, { carryOverMost: null })
    await topUp(70, { period: JANUARY })
    await topUp(40, { period: FEBRUARY })
    await hold(FEBRUARY, 40)
    await commit(await hold(DECEMBER, 60), 1, 2)
    expect(await close()).toBe(2)
    expect(await close()).toBe(0)
    expect(await contents()).toEqual({ [DECEMBER]: 60, [JANUARY]: 0, [FEBRUARY]: 40 })
    expect((await statement(JANUARY)).sums).toMatchObject({ putIn: 70, erased: 70, available: 0 })
    const [entry] = await world.db.root
      .select()
      .from(auditEntries)
      .where(and(eq(auditEntries.action, 'wallets.close'), eq(auditEntries.objectId, residentId)))
    expect(entry).toMatchObject({ facts: { wallets: 2 } })
  })

  it('opens imported wallets with the movement that fills them, and their rule', async () => {
    const { partner } = world
    const wallets = [
      { period: DECEMBER, amount: 80, carryOverMost: null },
      { period: JANUARY, amount: 0 },
    ]
    const residents = [{ reference: randomUUID(), areaId: world.areas.north, point: POINT, wallets }]
    const { organizationId } = partner.actor
    const { ids } = await registerResidents(partner, { organizationId, residents })
    residentId = ids[0]!
    expect(await wallet(DECEMBER)).toMatchObject({ limit: 80, carryOverMost: null })
    expect(await wallet(JANUARY)).toMatchObject({ limit: 0, carryOverMost: 0 })
    expect(await movements()).toMatchObject([{ period: DECEMBER, kind: 'top_up', amount: 80 }])
  })

  it('adds up what is done at once: top-ups, holds, and several carry-overs', async () => {
    await Promise.all(Array.from({ length: 5 }, () => topUp(10, { carryOverMost: 35 })))
    expect((await statement(DECEMBER)).sums.putIn).toBe(50)
    world.clock.set('2027-02-01T00:00:00Z')
    await topUp(5, { period: FEBRUARY })
    const jobs = [carryOver(), hold(FEBRUARY, 2), carryOver(), topUp(1, { period: FEBRUARY }), carryOver()]
    await Promise.all(jobs)
    expect(await contents()).toEqual({ [DECEMBER]: 15, [JANUARY]: 0, [FEBRUARY]: 41 })
    expect(await wallet(FEBRUARY)).toMatchObject({ held: 2, carryOverMost: 0 })
    expect(await reconcile(world.system)).toMatchObject({ differences: [], unbalancedUnits: [] })
  })

  const step = fc.oneof(
    fc.record({
      do: fc.constant('top_up' as const),
      ahead: fc.nat(1),
      amount: fc.integer({ min: 1, max: 100 }),
      carryOverMost: fc.option(fc.oneof(fc.constant(null), fc.nat(60)), { nil: undefined }),
    }),
    fc.record({ do: fc.constant('hold' as const), amount: fc.integer({ min: 1, max: 60 }) }),
    fc.record({
      do: fc.constant('commit' as const),
      which: fc.nat(5),
      delivered: fc.integer({ min: 1, max: 2 }),
    }),
    fc.record({ do: fc.constant('release' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('revert' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('month' as const) }),
    fc.record({ do: fc.constant('carry_over' as const) }),
  )
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

  const take = async (step: Step, bundles: string[]): Promise<number> => {
    const period = periodAt(world.clock.read())
    const bundle = bundles.at(('which' in step ? step.which : 0) % Math.max(bundles.length, 1))
    if (step.do === 'carry_over') await carryOver()
    if (step.do === 'month') world.clock.advance(31 * 24 * 3_600_000)
    if (step.do === 'release' && bundle) await release(bundle, randomUUID())
    if (step.do === 'revert' && bundle) await revert(bundle, '1 of 2').catch(() => null)
    if (step.do === 'commit' && bundle) await commit(bundle, step.delivered, 2)
    if (step.do === 'hold') {
      const held = await hold(period, step.amount).catch(() => null)
      if (held) bundles.push(held)
    }
    if (step.do !== 'top_up') return 0
    const month = step.ahead === 0 ? period : periodAt(new Date(`${period.slice(0, 4)}-12-31T00:00:00Z`))
    const rule = step.carryOverMost === undefined ? {} : { carryOverMost: step.carryOverMost }
    await topUp(step.amount, { period: month, ...rule })
    return step.amount
  }

  it('makes and loses no money, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        world.clock.set(NOW)
        residentId = await newcomer()
        const bundles: string[] = []
        let putIn = 0
        for (const one of steps) putIn += await take(one, bundles)
        const rows = await world.db.root.select().from(accounts).where(eq(accounts.ownerId, residentId))
        const own = rows.filter(({ kind }) => kind === 'wallet')
        const sums = new Map<string, number>()
        for (const { period, amount } of await movements()) {
          sums.set(period, (sums.get(period) ?? 0) + amount)
        }
        expect(own.reduce((sum, { limit }) => sum + limit, 0)).toBe(putIn)
        for (const account of own) {
          expect(account.limit).toBe(sums.get(account.period) ?? 0)
          const { sums: stated } = await statement(account.period)
          const { held, spent } = account
          expect(stated).toMatchObject({ held, spent, available: account.limit - held - spent })
          const { putIn, carriedIn, carriedOut, available } = stated
          expect(putIn + carriedIn).toBe(carriedOut + held + spent + available)
        }
        await carryOver()
        expect(await carryOver()).toBe(0)
        await close()
        expect(await reconcile(world.system)).toMatchObject({ differences: [], unbalancedUnits: [] })
      }),
      { numRuns: rung === 'embedded' ? 15 : 5 },
    )
  })
})
