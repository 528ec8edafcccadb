import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { adoptedPolicy } from '../../../src/features/policies/adopted-policy.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { ensureDefaultPolicy } from '../../../src/features/policies/ensure-default-policy.ts'
import { getPolicy } from '../../../src/features/policies/get-policy.ts'
import { installPolicy } from '../../../src/features/policies/install-policy.ts'
import { listPolicies } from '../../../src/features/policies/list-policies.ts'
import { PolicyDocument } from '../../../src/features/policies/schemas.ts'
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

  it('installs the default once, however many processes boot at once', async () => {
    const rows = await Promise.all([1, 2, 3].map(() => ensureDefaultPolicy(world.context(SYSTEM))))
    expect(new Set(rows.map((row) => row.id)).size).toBe(1)
    expect(rows[0]).toMatchObject({ number: 1, state: 'adopted', document: DEFAULT_POLICY.document })
  })

  it('supersedes the one in force, and keeps it as it was', async () => {
    const system = world.context(SYSTEM)
    const before = await adoptedPolicy(system)
    const document = { ...DEFAULT_POLICY.document, decisionDays: 7 }
    const adopted = await installPolicy(system, { document, text: 'Seven days.' })
    expect(adopted.number).toBe(before.number + 1)
    expect(await adoptedPolicy(system)).toEqual(adopted)
    expect(await getPolicy(system, before.id)).toEqual({ ...before, state: 'superseded', version: 2 })
    const { items } = await listPolicies(system, { limit: 50, state: 'superseded' })
    expect(items.map((row) => row.id)).toEqual([before.id])
  })

  it('keeps the order of tiers, and a document without one as it is', async () => {
    const system = world.context(SYSTEM)
    const { document, text } = DEFAULT_POLICY
    const ordered = await installPolicy(system, { document: { ...document, order: 'by_tier' }, text })
    expect((await getPolicy(system, ordered.id)).document.order).toBe('by_tier')
    const plain = await installPolicy(system, { document, text })
    expect((await getPolicy(system, plain.id)).document).toEqual(document)
    const odd = installPolicy(system, { document: { ...document, order: 'by_name' as 'by_tier' }, text })
    await expect(odd).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('takes documents from before there were priorities, floors and preferences', () => {
    const { coolOffDays: _, floors: __, ...old } = DEFAULT_POLICY.document
    const { priority: ___, ...urgency } = old.urgency
    const { base, walking, tierFit, language, affordability } = old.suitability
    const document = { ...old, urgency, suitability: { base, walking, tierFit, language, affordability } }
    expect(PolicyDocument.parse(document)).toEqual(document)
  })

  it('refuses weights that no run could add up, a speed at which nobody arrives, and two floors of one group', async () => {
    const system = world.context(SYSTEM)
    const { document, text } = DEFAULT_POLICY
    const { reach, suitability } = document
    const floor = (share: number) => ({ group: { by: 'tier', value: 'basic' } as const, share })
    const flawed = [
      { ...document, suitability: { ...suitability, base: 10_000 } },
      { ...document, reach: { ...reach, metersPerSecond: { ...reach.metersPerSecond, slow: 0 } } },
      { ...document, floors: [floor(101)] },
      { ...document, floors: [floor(10), floor(20)] },
      { ...document, coolOffDays: 0 },
    ]
    for (const flaw of flawed) {
      await expect(installPolicy(system, { document: flaw, text })).rejects.toMatchObject({
        code: 'invalid_input',
      })
    }
  })

  it('refuses every change to an adopted document, and every step but the next, in the database', async () => {
    const errorOf = async (statement: ReturnType<typeof sql>) => {
      const error = await world.db.root.execute(statement).catch((thrown) => thrown)
      return databaseErrorOf(error)
    }
    const better = await errorOf(sql`update policies set text = 'better' where state = 'adopted'`)
    expect(better).toMatchObject({ constraint: 'policies_adopted_immutable' })
    for (const state of ['draft', 'consultation']) {
      const back = await errorOf(sql`update policies set state = ${state} where state = 'adopted'`)
      expect(back).toMatchObject({ constraint: 'policies_steps' })
    }
    expect(await errorOf(sql`delete from policies`)).not.toBeNull()
  })

  it('lets nobody but the system install one', async () => {
    const roles = ['partner', 'provider', 'purchaser.officer', 'purchaser.finance', 'supervisor', 'operator']
    for (const role of roles) {
      const installing = installPolicy(world.context({ role }), DEFAULT_POLICY)
      await expect(installing).rejects.toMatchObject({ code: 'forbidden' })
    }
  })
})
