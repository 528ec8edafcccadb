import { parse } from 'csv-parse/sync'
import { and, desc, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../../../scripts/settlement/begin-services.ts'
import { compareSums } from '../../../scripts/settlement/three-sums.ts'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { createPrincipal } from '../../../src/features/identity/create-principal.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { createProgram } from '../../../src/features/programs/create-program.ts'
import { exportStatementLines } from '../../../src/features/settlement/export-statement-lines.ts'
import { getSettlement } from '../../../src/features/settlement/get-settlement.ts'
import { getStatement } from '../../../src/features/settlement/get-statement.ts'
import { listSettlements } from '../../../src/features/settlement/list-settlements.ts'
import { listStatementLines } from '../../../src/features/settlement/list-statement-lines.ts'
import { listStatements } from '../../../src/features/settlement/list-statements.ts'
import { printStatement } from '../../../src/features/settlement/print-statement.ts'
import { settlements } from '../../../src/features/settlement/tables.ts'
import type { SettlementRow } from '../../../src/features/settlement/write-statements.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import type { Actor } from '../../../src/platform/context.ts'
import { databaseErrorOf } from '../../../src/platform/db/database-errors.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts, holds } from '../../../src/platform/ledger/tables.ts'
import { formatMoney } from '../../../src/platform/money.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { refusalOf } from '../communities/neighborhood.ts'
import { SettledMarket } from './settled-market.ts'

const page = { limit: 200 }

describe.each(engines())('settling on %s', (rung) => {
  let world: TestWorld
  let settled: SettledMarket
  let services: Service[]
  beforeAll(async () => {
    world = await openTestDb(rung)
    world.clock.set('2026-11-20T00:00:00Z')
    settled = await SettledMarket.open(world)
    services = await settled.begin(90)
  })
  afterAll(() => world.close())

  const programId = (number: number) => settled.market.programs[number]!.id
  const sumsOf = ({ price, subsidy, copayment }: SettlementRow) => ({ price, subsidy, copayment })
  const add = (rows: readonly { subsidy: number; copayment: number }[], sign = 1) => {
    const subsidy = rows.reduce((sum, row) => sum + sign * row.subsidy, 0)
    const copayment = rows.reduce((sum, row) => sum + sign * row.copayment, 0)
    return { price: subsidy + copayment, subsidy, copayment }
  }
  const agree = async () => {
    expect((await compareSums(settled.as(SYSTEM))).differences).toEqual([])
    expect(await reconcile(settled.as(SYSTEM))).toMatchObject({ differences: [], unbalancedUnits: [] })
  }
  const constraintOf = async (statement: string) =>
    databaseErrorOf(await world.db.root.execute(sql.raw(statement)).catch((thrown: unknown) => thrown))
      ?.constraint

  describe('is refused, on record and with nothing changed', () => {
    const lastAttempt = async (objectId: string) => {
      const [entry] = await world.db.root
        .select()
        .from(auditEntries)
        .where(and(eq(auditEntries.action, 'attempt.refuse'), eq(auditEntries.objectId, objectId)))
        .orderBy(desc(auditEntries.id))
      return entry?.facts
    }
    const refused = async (program: number, period: string, actor?: Actor) => {
      const id = programId(program)
      const before = await world.db.root.select().from(settlements)
      const { code, facts } = await refusalOf(settled.settle(id, period, actor))
      expect(await lastAttempt(id)).toEqual({ action: 'period.settle', code })
      expect(await world.db.root.select().from(settlements)).toEqual(before)
      return { code, ...facts }
    }

    it('to whoever created or approved the program, to a supervisor and to other bodies', async () => {
      world.clock.set('2026-12-02T00:00:00Z')
      const { officer, approver, supervisor, providers } = settled.market
      expect(await refused(0, '2026-11', approver)).toMatchObject({ code: 'duty_conflict', held: 'approve' })
      for (const actor of [officer, supervisor, providers[0]!]) {
        expect(await refused(0, '2026-11', actor)).toEqual({ code: 'forbidden' })
      }
      const system = settled.as(SYSTEM)
      const { id: organizationId } = await createOrganization(system, { kind: 'purchaser', name: 'Other' })
      const role = 'purchaser.finance' as const
      const { id: principalId } = await createPrincipal(system, { organizationId, role, name: 'Finance' })
      const stranger = { principalId, organizationId, role, areaId: null }
      expect(await refused(0, '2026-11', stranger)).toEqual({ code: 'not_found' })
      expect(
        await refused(0, '2026-11', { ...settled.market.settler, areaId: stranger.organizationId }),
      ).toEqual({
        code: 'not_found',
      })
    })

    it('before the month is over in the zone of the deployment', async () => {
      world.clock.set('2026-11-30T15:59:58Z')
      const over = '2026-11-30T16:00:00.000Z'
      expect(await refused(1, '2026-11')).toMatchObject({ code: 'state_conflict', over })
      expect(await settled.settle(programId(1), '2026-11')).toMatchObject({ price: 0 })
    })

    it('for a draft, which has paid for nothing', async () => {
      world.clock.set('2026-12-02T00:00:00Z')
      const { officer, areaId } = settled.market
      const terms = { name: 'Draft', categories: ['medical'], tiers: ['basic'], budget: 1, subsidyShare: 1 }
      const wanted = { ...terms, areaId, period: '2026-12' } as Parameters<typeof createProgram>[1]
      const { id } = await createProgram(settled.as(officer), wanted)
      expect(await refusalOf(settled.settle(id, '2026-11'))).toMatchObject({ code: 'state_conflict' })
    })

    it('while disputes are open, twice, before earlier months and after later ones', async () => {
      const [one, two] = await settled.servicesOf(services, programId(2), 3)
      world.clock.set('2026-11-25T00:00:00Z')
      const first = await settled.deliver(one!)
      world.clock.set('2026-12-03T00:00:00Z')
      await settled.deliver(two!)
      await settled.dispute(first)
      world.clock.set('2027-01-02T00:00:00Z')
      const conflict = { code: 'state_conflict' }
      expect(await refused(2, '2026-12')).toEqual({ ...conflict, period: '2026-11' })
      expect(await refused(2, '2026-11')).toEqual({ ...conflict, disputes: 1 })
      await settled.decide(first, 'sustained')
      const november = await settled.settle(programId(2), '2026-11')
      expect(sumsOf(november)).toEqual(add([first]))
      expect(await refused(2, '2026-11')).toEqual({ code: 'duplicate', existingId: november.id })
      await settled.settle(programId(2), '2026-12')
      expect(await refused(2, '2026-10')).toEqual({ ...conflict, period: '2026-12' })
      await agree()
    })

    it('of two at once, to one', async () => {
      const both = await Promise.allSettled([1, 2].map(() => settled.settle(programId(4), '2026-10')))
      expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'duplicate' },
      })
    })
  })

  describe('two months', () => {
    let december: SettlementRow
    let january: SettlementRow
    let paid: Awaited<ReturnType<SettledMarket['deliver']>>[]
    beforeAll(async () => {
      world.clock.set('2026-12-05T00:00:00Z')
      const own = await settled.servicesOf(services, programId(0), 3)
      const house = own.filter(({ provider }) => provider === settled.market.providers[0])
      const club = own.filter(({ provider }) => provider === settled.market.providers[1])
      paid = []
      for (const service of [house[0]!, house[0]!, house[1]!, club[0]!]) {
        paid.push(await settled.deliver(service))
      }
      const annulled = await settled.deliver(house[1]!)
      await settled.annul(annulled)
      world.clock.set('2026-12-31T16:00:01Z')
      december = await settled.settle(programId(0), '2026-12')
      // The house told of one too late; two of what it was paid for didn't happen: one service is over, one goes on.
      await settled.annul(paid[0]!)
      await settled.complete(house[1]!)
      await settled.annul(paid[2]!)
      paid.push(await settled.deliver(house[0]!, 1, '2026-12-20T00:00:00Z'))
      world.clock.set('2027-02-01T00:00:00Z')
      january = await settled.settle(programId(0), '2027-01')
    })

    const openOf = async (matchId: string) => {
      const rows = await world.db.root.select().from(holds).where(eq(holds.bundleId, matchId))
      return rows.reduce((sum, { open }) => sum + open, 0)
    }

    it('pay what was delivered, once, and take back what was annulled since, to the cent', async () => {
      expect(sumsOf(december)).toEqual(add(paid.slice(0, 4)))
      const [taken, late] = [add([paid[0]!, paid[2]!], -1), add([paid[4]!])]
      expect(sumsOf(january)).toEqual({
        price: taken.price + late.price,
        subsidy: taken.subsidy + late.subsidy,
        copayment: taken.copayment + late.copayment,
      })
      for (const row of paid) {
        const { settledAt, state } = await settled.delivery(row.id)
        expect(settledAt === null).toBe(state === 'annulled')
      }
      await agree()
    })

    it('hold again what goes on, and free what is over', async () => {
      const own = await settled.servicesOf(services, programId(0), 3)
      const house = own.filter(({ provider }) => provider === settled.market.providers[0])
      expect(await openOf(house[0]!.matchId)).toBeGreaterThan(0)
      expect(await openOf(house[1]!.matchId)).toBe(0)
      const again = await settled.deliver(house[0]!, house[0]!.quantity - 2, '2026-12-30T00:00:00Z')
      expect(again.state).toBe('recorded')
      expect(await openOf(house[0]!.matchId)).toBe(0)
      const [fund] = await world.db.root
        .select()
        .from(accounts)
        .where(eq(accounts.id, settled.market.programs[0]!.fundAccountId))
      expect(fund!.held + fund!.spent).toBeLessThanOrEqual(fund!.limit)
    })

    it('are read by the purchaser, the supervisor and, each its own part, the providers', async () => {
      const { officer, supervisor, providers } = settled.market
      const query = { ...page, programId: programId(0) }
      for (const actor of [officer, supervisor, settled.market.approver]) {
        const { items } = await listSettlements(settled.as(actor), query)
        expect(items.map(({ id }) => id)).toEqual([december.id, january.id])
        expect((await listStatements(settled.as(actor), december.id, page)).items).toHaveLength(2)
      }
      const ofPeriod = await listSettlements(settled.as(officer), { ...query, period: '2027-01' })
      expect(ofPeriod.items).toMatchObject([{ id: january.id }])
      const [house, club] = providers
      expect((await listSettlements(settled.as(club!), query)).items).toMatchObject([
        { id: december.id, ...add([paid[3]!]) },
      ])
      const [own] = (await listStatements(settled.as(club!), december.id, page)).items
      expect(own).toMatchObject({ providerId: club!.organizationId, lines: 1, ...add([paid[3]!]) })
      for (const read of [
        () => getStatement(settled.as(house!), own!.id),
        () => listStatementLines(settled.as(house!), own!.id, page),
        () => exportStatementLines(settled.as(house!), own!.id),
        () => printStatement(settled.as(house!), own!.id),
        () => getSettlement(settled.as(club!), january.id),
        () => listStatements(settled.as(club!), january.id, page),
      ]) {
        expect((await refusalOf(read())).code).toBe('not_found')
      }
    })

    it('tell the parties, of amounts nothing', async () => {
      const told = await world.db.root.select().from(events).where(eq(events.objectId, december.id))
      const { officer, providers } = settled.market
      expect(told).toMatchObject([
        { type: 'period.settled', data: { programId: programId(0), period: '2026-12' } },
      ])
      expect(told[0]!.audience.toSorted()).toEqual(
        [officer, ...providers].map(({ organizationId }) => organizationId).toSorted(),
      )
    })

    it('are the same as JSON, as a file and on paper', async () => {
      const { officer } = settled.market
      for (const { id: settlementId } of [december, january]) {
        const { items } = await listStatements(settled.as(officer), settlementId, page)
        for (const { id } of items) await compareForms(id)
      }
    })

    async function compareForms(id: string): Promise<void> {
      const ctx = settled.as(settled.market.officer)
      const statement = await getStatement(ctx, id)
      const { items: lines } = await listStatementLines(ctx, id, page)
      expect(lines).toHaveLength(statement.lines)
      expect(add(lines)).toEqual(add([statement]))
      let text = ''
      for await (const part of await exportStatementLines(ctx, id)) text += part
      const rows = parse(text, { columns: true, cast: true }) as Record<string, unknown>[]
      expect(rows.slice(0, -1)).toEqual(lines.map(({ statementId: _statement, ...line }) => line))
      expect(rows.at(-1)).toMatchObject({ id: 'sum', ...add([statement]) })
      const { main, title } = await printStatement(ctx, id)
      const shown = (await main).toString()
      expect(title).toBe(`Statement for ${statement.period}`)
      for (const { deliveryId, price } of lines) {
        expect(shown).toContain(deliveryId)
        expect(shown).toContain(formatMoney(price, 'TWD'))
      }
      const [, foot] = /<tfoot>(.*?)<\/tfoot>/s.exec(shown)!
      for (const amount of Object.values(add([statement]))) expect(foot).toContain(formatMoney(amount, 'TWD'))
      expect(shown.includes('pays back')).toBe(statement.price < 0)
    }

    it('never change, whoever tries', async () => {
      const tries: [string, string][] = [
        ['settlements', `set price = price + 1, subsidy = subsidy + 1`],
        ['statements', 'set lines = lines + 1'],
        ['statement_lines', 'set units = units * 2'],
      ]
      for (const [table, change] of tries) {
        expect(await constraintOf(`update ${table} ${change}`)).toBe(`${table}_append_only`)
        expect(await constraintOf(`delete from ${table}`)).toBe(`${table}_append_only`)
      }
      const copy = (settledBy: string) => `insert into settlements
        select gen_random_uuid(), program_id, '2027-02', organization_id, '${settledBy}', currency, price, subsidy,
          copayment, created_at from settlements where id = '${december.id}'`
      expect(await constraintOf(copy(settled.market.approver.principalId))).toBe('settlements_duty')
      const again = copy(settled.market.settler.principalId).replace('2027-02', '2026-12')
      expect(await constraintOf(again)).toBe('settlements_once')
    })
  })
})
