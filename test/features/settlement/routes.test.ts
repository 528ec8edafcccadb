import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { appOver, keyOf, type Send, sender } from '../../app/api-world.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { SettledMarket } from './settled-market.ts'

describe('settlement by HTTP', () => {
  let world: TestWorld
  let settled: SettledMarket
  let send: Send
  let key: string
  beforeAll(async () => {
    world = await openTestDb()
    world.clock.set('2026-11-30T20:00:00Z')
    settled = await SettledMarket.open(world, 1)
    const [service] = await settled.begin(1)
    world.clock.set('2026-12-05T00:00:00Z')
    await settled.deliver(service!)
    world.clock.set('2027-01-02T00:00:00Z')
    send = sender(appOver(world))
    key = await keyOf(world, settled.market.settler)
  })
  afterAll(() => world.close())

  const settle = (period: string, more = {}) =>
    send(key, 'POST', '/v1/settlements', {
      headers: { 'content-type': 'application/json', ...more },
      body: JSON.stringify({ programId: settled.market.programs[0]!.id, period }),
    })

  it('closes a month once, however often it is asked to', async () => {
    const again = { 'idempotency-key': 'december' }
    const first = await settle('2026-12', again)
    expect(first).toMatchObject({ status: 201, body: { period: '2026-12', currency: 'TWD' } })
    expect(first.body.price).toBe(first.body.subsidy + first.body.copayment)
    expect(first.body).not.toHaveProperty('settledBy')
    expect(await settle('2026-12', again)).toMatchObject({ status: 201, body: first.body })
    const location = first.headers.get('location')!
    expect(await send(key, 'GET', location)).toMatchObject({ status: 200, body: first.body })
    expect(await settle('2026-12')).toMatchObject({ status: 409, body: { existingId: first.body.id } })
    expect(await settle('2027-01')).toMatchObject({ status: 409, body: { code: 'state_conflict' } })
    const tried = (await world.db.root.select().from(auditEntries)).filter(
      ({ action }) => action === 'attempt.refuse',
    )
    expect(tried.map(({ facts }) => facts)).toEqual([
      { action: 'period.settle', code: 'duplicate' },
      { action: 'period.settle', code: 'state_conflict' },
    ])
  })

  it('gives statements as JSON, as a file and as a page that runs nothing', async () => {
    const [settlement] = (await send(key, 'GET', '/v1/settlements')).body.items
    const [statement] = (await send(key, 'GET', `/v1/settlements/${settlement.id}/statements`)).body.items
    const path = `/v1/statements/${statement.id}`
    expect((await send(key, 'GET', path)).body).toEqual(statement)
    const [line] = (await send(key, 'GET', `${path}/lines`)).body.items
    const file = await send(key, 'GET', `${path}/lines.csv`)
    expect(file.type).toBe('text/csv; charset=utf-8')
    expect(file.headers.get('content-disposition')).toContain(`statement-${statement.id}.csv`)
    expect(file.text.split('\n')[1]).toBe(Object.values(line).join(','))
    const page = await send(key, 'GET', `${path}/page`)
    expect(page.type).toContain('text/html')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.text).toContain(line.deliveryId)
    expect(page.text).toContain('@page{size:A4')
    expect(page.text).not.toContain('<script')
  })
})
