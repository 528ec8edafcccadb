/** The step that makes a run count: against the balances of its moment, all of it or nothing. */
import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { explainRunNeed } from '../../../src/features/matching/explain-run-need.ts'
import { runNeeds } from '../../../src/features/matching/tables.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { inTransaction, type TransactionContext } from '../../../src/platform/context.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { engines } from '../../support/test-world.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import {
  type Marketplace,
  matchesOf,
  needStates,
  openMarketplace,
  order,
  populate,
  propose,
  readRun,
  solveRun,
} from './marketplace.ts'

describe.each(engines())('writing a run on %s', (rung) => {
  let market: Marketplace
  beforeEach(async () => {
    market = await openMarketplace(rung)
    await populate(market)
  })
  afterEach(() => market.world.close())
  const db = () => market.world.db.root

  async function expectCleanBooks(): Promise<void> {
    const books = await reconcile(market.world.context())
    expect(books).toMatchObject({ differences: [], unbalancedUnits: [] })
    for (const { limit, held, spent } of await db().select().from(accounts)) {
      if (limit > 0) expect(held + spent).toBeLessThanOrEqual(limit)
    }
  }

  const lowerHouse = async () => {
    const { providers, offerings, as } = market
    await setCapacity(as(providers.house), { offeringId: offerings.house, period: PERIOD, units: 1 })
  }

  it('displaces the least useful where places have become fewer, and says so to them', async () => {
    const run = await propose(market, lowerHouse)
    const found = await matchesOf(market, run.id)
    expect(found.filter(({ offeringId }) => offeringId === market.offerings.house)).toHaveLength(1)
    const displaced = run.result!.matched - found.length
    expect(displaced).toBe(1)
    expect(run.result!.displaced).toBe(displaced)
    expect(await needStates(market)).toEqual({ matched: found.length, unmet: 9 - found.length })
    const told = await db().select().from(runNeeds).where(eq(runNeeds.reason, 'displaced'))
    expect(told).toHaveLength(displaced)
    const { explanation, sentence } = await explainRunNeed(market.as(market.officer), run.id, told[0]!.needId)
    expect(explanation).toMatchObject({ outcome: 'unmet', reason: 'displaced', change: null })
    expect(sentence).toMatch(/^Not met: what was chosen for it was taken or closed/)
    await expectCleanBooks()
  })

  it('leaves out a need that was withdrawn meanwhile, and leaves it withdrawn', async () => {
    const run = await order(market)
    const write = await solveRun(market, run.id)
    await db().update(needs).set({ state: 'withdrawn' }).where(eq(needs.term, 'bathing'))
    await inTransaction(market.as(market.officer), write)
    const { result } = await readRun(market, run.id)
    expect(result!.displaced).toBe(2)
    expect((await needStates(market)).withdrawn).toBe(2)
    const { helpers } = market.offerings
    expect((await matchesOf(market, run.id)).some(({ offeringId }) => offeringId === helpers)).toBe(false)
    await expectCleanBooks()
  })

  it('leaves out an offering that was withdrawn meanwhile', async () => {
    const { providers, offerings, as } = market
    const run = await propose(market, async () => {
      await withdrawOffering(as(providers.club), { offeringId: offerings.club, version: 1 })
    })
    expect(run.result!.displaced).toBe(1)
    expect((await matchesOf(market, run.id)).map(({ offeringId }) => offeringId)).not.toContain(
      offerings.club,
    )
    await expectCleanBooks()
  })

  it('leaves the run to another delivery that has begun it again', async () => {
    const run = await order(market)
    const first = await solveRun(market, run.id)
    await db().delete(runNeeds)
    const writing = inTransaction(market.as(market.officer), first)
    await expect(writing).rejects.toThrow('Another delivery of this run has begun it again.')
    const second = await solveRun(market, run.id)
    await inTransaction(market.as(market.officer), second)
    await inTransaction(market.as(market.officer), first)
    expect(await readRun(market, run.id)).toMatchObject({ state: 'proposed', version: 2 })
    expect((await needStates(market)).in_run).toBeUndefined()
    await expectCleanBooks()
  })

  it('leaves nothing half-written, whichever of its statements fails', async () => {
    const run = await order(market)
    const write = await solveRun(market, run.id)
    await lowerHouse()
    const before = await contents()
    let failed = 0
    for (let n = 1; ; n++) {
      const outcome = await attemptFailing(n, write)
      if (outcome === 'written') break
      failed++
      expect(await contents(), `after statement ${n} failed`).toEqual(before)
    }
    expect(failed).toBeGreaterThan(15)
    expect((await readRun(market, run.id)).state).toBe('proposed')
    await expectCleanBooks()
  })

  /** Writes the run with its n-th statement failing in the database; `written` when it has fewer. */
  async function attemptFailing(
    n: number,
    write: (ctx: TransactionContext) => Promise<void>,
  ): Promise<'failed' | 'written'> {
    let reached = false
    const work = inTransaction(market.as(market.officer), (ctx) => {
      failStatement(ctx, n, () => {
        reached = true
      })
      return write(ctx)
    })
    await work.catch((error: Error) => {
      if (!reached) throw error
    })
    return reached ? 'failed' : 'written'
  }

  /** A fingerprint of every table that the step writes to. */
  async function contents(): Promise<Record<string, string>> {
    const tables = ['match_runs', 'matches', 'run_needs', 'needs', 'accounts', 'holds', 'transfers']
    const prints: Record<string, string> = {}
    for (const table of [...tables, 'events', 'audit_entries', 'jobs']) {
      const { rows } = (await db().execute(
        sql.raw(
          `select coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as print from ${table} t`,
        ),
      )) as unknown as { rows: { print: string }[] }
      prints[table] = rows[0]!.print
    }
    return prints
  }
})

interface Statement {
  execute(...given: unknown[]): Promise<unknown>
}

/** Every statement of a transaction is prepared by its session: the n-th one divides by zero instead. */
function failStatement(ctx: TransactionContext, n: number, onReached: () => void): void {
  const { session } = ctx.tx as unknown as { session: { prepareQuery(...given: unknown[]): Statement } }
  const prepare = session.prepareQuery.bind(session)
  let count = 0
  session.prepareQuery = (...given) => {
    const statement = prepare(...given)
    const execute = statement.execute.bind(statement)
    statement.execute = async (...parameters) => {
      if (++count !== n) return execute(...parameters)
      onReached()
      session.prepareQuery = prepare
      return ctx.tx.execute(sql`select 1 / 0`)
    }
    return statement
  }
}
