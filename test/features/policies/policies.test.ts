import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { adoptPolicy } from '../../../src/features/policies/adopt-policy.ts'
import { adoptedPolicy } from '../../../src/features/policies/adopted-policy.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { ensureDefaultPolicy } from '../../../src/features/policies/ensure-default-policy.ts'
import { getPolicy } from '../../../src/features/policies/get-policy.ts'
import { listPolicies } from '../../../src/features/policies/list-policies.ts'
import { databaseErrorOf } from '../../../src/platform/db/database-errors.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

describe.each(engines())('policies on %s', (rung) => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestDb(rung)
  })
  afterAll(() => world.close())

  it('has none in force at first', async () => {
    await expect(adoptedPolicy(world.context(SYSTEM))).rejects.toMatchObject({ code: 'state_conflict' })
  })

  it('adopts the default once, however many processes boot at once', async () => {
    const rows = await Promise.all([1, 2, 3].map(() => ensureDefaultPolicy(world.context(SYSTEM))))
    expect(new Set(rows.map((row) => row.id)).size).toBe(1)
    expect(rows[0]).toMatchObject({ number: 1, state: 'adopted', document: DEFAULT_POLICY.document })
  })

  it('supersedes the one in force, and keeps it as it was', async () => {
    const officer = world.context({ role: 'purchaser.officer' })
    const before = await adoptedPolicy(officer)
    const document = { ...DEFAULT_POLICY.document, decisionDays: 7 }
    const adopted = await adoptPolicy(officer, { document, text: 'Seven days.' })
    expect(adopted.number).toBe(before.number + 1)
    expect(await adoptedPolicy(officer)).toEqual(adopted)
    expect(await getPolicy(officer, before.id)).toEqual({ ...before, state: 'superseded' })
    const { items } = await listPolicies(officer, { limit: 50, state: 'superseded' })
    expect(items.map((row) => row.id)).toEqual([before.id])
  })

  it('keeps the order of tiers, and a document without one as it is', async () => {
    const officer = world.context({ role: 'purchaser.officer' })
    const { document, text } = DEFAULT_POLICY
    const ordered = await adoptPolicy(officer, { document: { ...document, order: 'by_tier' }, text })
    expect((await getPolicy(officer, ordered.id)).document.order).toBe('by_tier')
    const plain = await adoptPolicy(officer, { document, text })
    expect((await getPolicy(officer, plain.id)).document).toEqual(document)
    const odd = adoptPolicy(officer, { document: { ...document, order: 'by_name' as 'by_tier' }, text })
    await expect(odd).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('refuses weights that no run could add up, and a speed at which nobody arrives', async () => {
    const officer = world.context({ role: 'purchaser.officer' })
    const { document, text } = DEFAULT_POLICY
    const { reach, suitability } = document
    const flawed = [
      { ...document, suitability: { ...suitability, base: 10_000 } },
      { ...document, reach: { ...reach, metersPerSecond: { ...reach.metersPerSecond, slow: 0 } } },
    ]
    for (const flaw of flawed) {
      await expect(adoptPolicy(officer, { document: flaw, text })).rejects.toMatchObject({
        code: 'invalid_input',
      })
    }
  })

  it('refuses every change to an adopted document, in the database', async () => {
    const changed = world.db.root.execute(sql`update policies set text = 'better' where state = 'adopted'`)
    const error = await changed.catch((thrown) => thrown)
    expect(databaseErrorOf(error)).toMatchObject({ constraint: 'policies_adopted_immutable' })
    await expect(world.db.root.execute(sql`delete from policies`)).rejects.toThrow()
  })

  it('lets nobody but the purchaser’s officer adopt', async () => {
    for (const role of ['partner', 'provider', 'purchaser.finance', 'supervisor', 'operator']) {
      const adopting = adoptPolicy(world.context({ role }), DEFAULT_POLICY)
      await expect(adopting).rejects.toMatchObject({ code: 'forbidden' })
    }
  })
})
