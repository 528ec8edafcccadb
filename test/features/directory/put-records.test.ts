import { and, asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dropRecords } from '../../../src/features/directory/drop-records.ts'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import type { DirectoryRecord } from '../../../src/features/directory/record.ts'
import { toRecord } from '../../../src/features/directory/record-row.ts'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const SERVICE = id(1)
const OTHER = id(2)
const PLACE = id(3)

const service = (of: string, name = 'Care'): DirectoryRecord => ({
  kind: 'service',
  id: of,
  fields: { name, status: 'active' },
})
const place: DirectoryRecord = {
  kind: 'service_at_location',
  id: PLACE,
  fields: { service_id: SERVICE, location_id: id(9), eligibility: { all: [] }, price: 5 },
}
const phone = (number: string): DirectoryRecord => ({
  kind: 'phone',
  id: id(4),
  fields: { service_id: SERVICE, number },
})
const schedule = (opens: string): DirectoryRecord => ({
  kind: 'schedule',
  id: id(5),
  fields: { service_at_location_id: PLACE, opens_at: opens },
})

describe.each(engines())('records put on %s', (rung) => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb(rung)
  })
  afterAll(() => world.close())
  beforeEach(() => world.db.root.delete(directoryRecords))

  const put = (records: readonly DirectoryRecord[]) =>
    inTransaction(world.context(), (ctx) => putRecords(ctx, records))
  const later = () => world.clock.advance(60_000)
  const modifiedAt = async (of: string) => {
    const [row] = await world.db.root
      .select()
      .from(directoryRecords)
      .where(and(eq(directoryRecords.kind, 'service'), eq(directoryRecords.id, of)))
    return row!.modifiedAt
  }

  it('come back as they were, and are counted', async () => {
    const records = [service(SERVICE), place, phone('1'), schedule('08:00')]
    expect(await put(records)).toMatchObject({ created: 4, updated: 0, unchanged: 0 })
    const rows = await world.db.root.select().from(directoryRecords).orderBy(asc(directoryRecords.position))
    expect(rows.map(toRecord)).toEqual(records)
    const again = await put([service(SERVICE), place, phone('2'), schedule('08:00'), service(OTHER)])
    expect(again).toMatchObject({ created: 1, updated: 1, unchanged: 3 })
    expect(again.changed).toEqual([
      { kind: 'phone', id: id(4), created: false },
      { kind: 'service', id: OTHER, created: true },
    ])
  })

  it('make services modified by what is said of them, there or at a place', async () => {
    await put([service(SERVICE), service(OTHER), place, phone('1'), schedule('08:00')])
    const start = await modifiedAt(OTHER)
    for (const changed of [
      [phone('2')],
      [schedule('09:00')],
      [schedule('10:00'), place],
      [service(OTHER), schedule('11:00')],
      [service(OTHER, 'Other'), phone('3')],
    ]) {
      later()
      await put(changed)
      expect(await modifiedAt(SERVICE)).toEqual(world.clock.read())
    }
    later()
    await put([service(SERVICE), place, phone('3'), schedule('11:00')])
    expect(await modifiedAt(SERVICE)).not.toEqual(world.clock.read())
    await inTransaction(world.context(), (ctx) =>
      dropRecords(ctx, { by: 'service_at_location_id', ids: [PLACE], kinds: ['schedule'] }),
    )
    expect(await modifiedAt(SERVICE)).toEqual(world.clock.read())
    expect(await modifiedAt(OTHER)).not.toEqual(start)
  })
})
