import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { record } from '../../../src/platform/audit/record.ts'
import { sealAudit, verifyAudit } from '../../../src/platform/audit/seal-audit.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { databaseErrorOf } from '../../../src/platform/db/database-errors.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

describe.each(engines())('the audit log on %s', (rung) => {
  let world: TestWorld
  beforeEach(async () => {
    world = await openTestDb(rung)
  })
  afterEach(() => world.close())

  /** Three seals over three, two and four entries, with gaps where transactions were rolled back. */
  async function sealThrice(): Promise<void> {
    for (const entries of [3, 2, 4]) {
      await write(entries)
      await expect(write(1, 'rolled back')).rejects.toThrow()
      expect(await sealAudit(world.context())).toBe(entries)
    }
  }

  function write(entries: number, then?: string): Promise<void> {
    return inTransaction(world.context(), async (ctx) => {
      for (let n = 0; n < entries; n++)
        await record(ctx, 'thing.do', randomUUID(), { n, nested: { b: 1, a: [2] } })
      if (then) throw new Error(then)
    })
  }

  it('is sealed to its end, and holds', async () => {
    await sealThrice()
    expect(await sealAudit(world.context())).toBe(0)
    expect(await verifyAudit(world.context())).toEqual({ seals: 3, sealedEntries: 9, brokenSeal: null })
  })

  it.each([
    [
      'a changed entry',
      `update audit_entries set action = 'thing.undo' where position = (select max(position) from audit_entries)`,
      3,
    ],
    ['a changed fact', `update audit_entries set facts = '{"n": 9}' where position = 1`, 1],
    ['a changed time', `update audit_entries set at = at + interval '1 millisecond' where position = 1`, 1],
    [
      'a missing entry',
      'delete from audit_entries where position = (select from_position from audit_seals where number = 2)',
      2,
    ],
    [
      'an entry slipped into a gap between seals',
      `insert into audit_entries select gen_random_uuid(), (select to_position + 1 from audit_seals where number = 1),
         at, principal_id, organization_id, action, object_id, facts from audit_entries where position = 1`,
      2,
    ],
    ['a missing seal', 'delete from audit_seals where number = 2', 2],
    ['a changed seal', `update audit_seals set hash = repeat('a', 64) where number = 1`, 1],
    [
      'a narrowed seal',
      'update audit_seals set entries = entries - 1, to_position = to_position - 1 where number = 3',
      3,
    ],
  ])('finds %s, and says in which seal', async (_, statement, brokenSeal) => {
    await sealThrice()
    await tamper(statement)
    expect(await verifyAudit(world.context())).toMatchObject({ brokenSeal })
  })

  it('refuses changes as long as its triggers stand', async () => {
    await sealThrice()
    for (const table of ['audit_entries', 'audit_seals']) {
      for (const statement of [`update ${table} set at = now()`, `delete from ${table}`]) {
        const error = await world.db.root.execute(sql.raw(statement)).catch((thrown) => thrown)
        expect(databaseErrorOf(error)?.constraint).toBe(`${table}_append_only`)
      }
    }
  })

  it('seals what several processes write while it seals, each entry once', async () => {
    const writing = Promise.all(Array.from({ length: 20 }, () => write(1)))
    const sealed = await Promise.all(Array.from({ length: 4 }, () => sealAudit(world.context())))
    await writing
    const last = await sealAudit(world.context())
    expect(sealed.reduce((sum, count) => sum + count, last)).toBe(20)
    expect(await verifyAudit(world.context())).toMatchObject({ sealedEntries: 20, brokenSeal: null })
  })

  /** What an administrator of the database could do. */
  async function tamper(statement: string): Promise<void> {
    for (const step of [
      'alter table audit_entries disable trigger all',
      'alter table audit_seals disable trigger all',
      statement,
      'alter table audit_entries enable trigger all',
      'alter table audit_seals enable trigger all',
    ]) {
      await world.db.root.execute(sql.raw(step))
    }
  }
})
