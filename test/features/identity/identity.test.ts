import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assumeDuty } from '../../../src/features/identity/assume-duty.ts'
import { authenticate } from '../../../src/features/identity/authenticate.ts'
import { changeOrganization } from '../../../src/features/identity/change-organization.ts'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { createOrganizations } from '../../../src/features/identity/create-organizations.ts'
import { createPrincipal } from '../../../src/features/identity/create-principal.ts'
import { issueKey } from '../../../src/features/identity/issue-key.ts'
import { listDuties } from '../../../src/features/identity/list-duties.ts'
import { getOrganization, listOrganizations } from '../../../src/features/identity/list-organizations.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { revokeKey } from '../../../src/features/identity/revoke-key.ts'
import type { CreateOrganization } from '../../../src/features/identity/schemas.ts'
import { apiKeys, duties, principals } from '../../../src/features/identity/tables.ts'
import { type Actor, type Context, inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

describe.each(engines())('identity on %s', (rung) => {
  let world: Neighborhood
  let operator: Context
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    operator = world.operator
  })
  afterAll(() => world.close())

  const hire = async (areaId: string | null = null): Promise<Actor> => {
    const { organizationId } = world.purchaser.actor
    const role = 'purchaser.officer'
    const { id } = await createPrincipal(operator, { organizationId, role, name: 'Officer', areaId })
    return { principalId: id, organizationId, role, areaId }
  }
  const enter = (header: string | undefined) => authenticate(world.db, world.clock.read(), header)

  it('lets in whoever has a key, as the actor it belongs to', async () => {
    const officer = await hire(world.areas.north)
    const { key } = await issueKey(operator, { principalId: officer.principalId })
    expect(await enter(`Bearer ${key}`)).toEqual(officer)
    expect(await enter(`bearer ${key}`)).toEqual(officer)
    for (const header of [undefined, '', key, `Basic ${key}`, `Bearer ${key} `, `Bearer  ${key}`]) {
      await expect(enter(header)).rejects.toMatchObject({ code: 'unauthenticated' })
    }
  })

  it('keeps no key, only what it is recognized by', async () => {
    const { id, key } = await issueKey(operator, { principalId: (await hire()).principalId })
    const [row] = await world.db.root.select().from(apiKeys).where(eq(apiKeys.id, id))
    expect(JSON.stringify(row)).not.toContain(key.slice(3))
    expect(row!.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('lets nobody in with a key that is revoked or over, or after they have left', async () => {
    const officer = await hire()
    const { principalId } = officer
    const revoked = await issueKey(operator, { principalId })
    await revokeKey(operator, revoked.id)
    expect(await refusalOf(revokeKey(operator, revoked.id))).toMatchObject({ code: 'not_found' })
    const now = world.clock.read().getTime()
    const until = (at: number) => issueKey(operator, { principalId, expiresAt: new Date(at).toISOString() })
    const [over, last] = [await until(now), await until(now + 1)]
    for (const { key } of [revoked, over]) {
      expect(await refusalOf(enter(`Bearer ${key}`))).toMatchObject({ code: 'unauthenticated' })
    }
    expect(await enter(`Bearer ${last.key}`)).toEqual(officer)
    await world.db.root
      .update(principals)
      .set({ active: false })
      .where(eq(principals.id, officer.principalId))
    expect(await refusalOf(enter(`Bearer ${last.key}`))).toMatchObject({ code: 'unauthenticated' })
  })

  it('gives a person one duty on an object, as often as they ask', async () => {
    const officer = world.context(await hire())
    const assume = (duty: 'create' | 'approve') =>
      inTransaction(officer, (ctx) => assumeDuty(ctx, UNKNOWN, duty))
    await assume('create')
    await assume('create')
    expect(await refusalOf(assume('approve'))).toMatchObject({ code: 'duty_conflict' })
    const held = await world.db.root
      .select()
      .from(duties)
      .where(eq(duties.principalId, officer.actor.principalId))
    expect(held).toMatchObject([{ objectId: UNKNOWN, duty: 'create' }])
    await inTransaction(world.context(SYSTEM), (ctx) => assumeDuty(ctx, UNKNOWN, 'approve'))
  })

  it('has roles that fit the organization, whoever writes the row', async () => {
    const { organizationId } = world.provider.actor
    const wanted = { organizationId, role: 'operator', name: 'X' } as const
    expect(await refusalOf(createPrincipal(operator, wanted))).toMatchObject({
      code: 'invalid_input',
      pointers: ['/role'],
    })
    const unknown = createPrincipal(operator, { ...wanted, organizationId: UNKNOWN })
    expect(await refusalOf(unknown)).toMatchObject({ code: 'not_found' })
    const row = { id: UNKNOWN, ...wanted, organizationKind: 'provider' as const, createdAt: new Date(0) }
    await expect(world.db.root.insert(principals).values(row)).rejects.toMatchObject({
      cause: { constraint: 'principals_role_fits_kind' },
    })
  })

  it('points at what is wrong with an organization', async () => {
    const flaws: [CreateOrganization, string][] = [
      [{ kind: 'provider', name: 'No sector' }, '/sector'],
      [{ kind: 'purchaser', name: 'Sector', sector: 'ngo' }, '/sector'],
      [{ kind: 'purchaser', name: 'a\0b' }, '/name'],
      [{ kind: 'purchaser', name: ' ' }, '/name'],
      [{ kind: 'purchaser', name: 'A', sourceRef: '\ud800' }, '/sourceRef'],
    ]
    for (const [flaw, pointer] of flaws) {
      const refusal = await refusalOf(createOrganization(operator, flaw))
      expect(refusal).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
  })

  it('writes down what an organization is called, and of which body it is', async () => {
    const create = (kind: 'purchaser' | 'provider', more: object = {}) => {
      const sector = kind === 'provider' ? ('government' as const) : null
      return createOrganization(operator, { kind, name: kind, sector, ...more })
    }
    const office = await create('purchaser')
    const second = await create('purchaser')
    const home = await create('provider', { bodyId: office.id })
    expect(home).toMatchObject({ bodyId: office.id, dualBody: true })
    const wanted = { id: office.id, name: 'Town hall', bodyId: null, secondBodyId: second.id }
    expect(await changeOrganization(operator, wanted)).toMatchObject({
      ...wanted,
      kind: 'purchaser',
      dualBody: true,
    })
    expect(await getOrganization(operator, second.id)).toMatchObject({ dualBody: false })
    const page = await listOrganizations(operator, { limit: 200 })
    const dual = page.items.filter(({ dualBody }) => dualBody).map(({ id }) => id)
    expect(dual.sort()).toEqual([office.id, home.id].sort())
    for (const [flaw, pointer] of [
      [{ bodyId: UNKNOWN }, '/bodyId'],
      [{ bodyId: office.id }, '/bodyId'],
      [{ bodyId: second.id }, '/bodyId'],
      [{ secondBodyId: UNKNOWN }, '/secondBodyId'],
      [{ secondBodyId: home.id }, '/secondBodyId'],
      [{ secondBodyId: office.id }, '/secondBodyId'],
      [{ name: ' ' }, '/name'],
    ] as const) {
      const refusal = await refusalOf(changeOrganization(operator, { ...wanted, ...flaw }))
      expect(refusal).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
    const joins = { id: second.id, name: 'Second', bodyId: office.id, secondBodyId: null }
    expect(await refusalOf(changeOrganization(operator, joins))).toMatchObject({
      pointers: ['/secondBodyId'],
    })
    const nobody = changeOrganization(operator, { ...wanted, id: UNKNOWN })
    expect(await refusalOf(nobody)).toMatchObject({ code: 'not_found' })
    const born = create('purchaser', { bodyId: home.id })
    expect(await refusalOf(born)).toMatchObject({ code: 'invalid_input', pointers: ['/bodyId'] })
  })

  it('tells who has which duty: purchasers of their own objects, whole ones on a page', async () => {
    const at = world.clock.read()
    const { organizationId } = world.purchaser.actor
    const officer = await hire()
    const finance = await createPrincipal(operator, {
      organizationId,
      role: 'purchaser.finance',
      name: 'Finance',
    })
    const other = await createOrganization(operator, { kind: 'purchaser', name: 'Other' })
    const stranger = await createPrincipal(operator, {
      organizationId: other.id,
      role: 'purchaser.officer',
      name: 'Officer',
    })
    const [first, next, foreign] = [1, 2, 3].map(() => operator.newId()) as [string, string, string]
    await world.db.root.insert(duties).values([
      { objectId: first, principalId: officer.principalId, duty: 'create', at },
      { objectId: first, principalId: finance.id, duty: 'approve', at },
      { objectId: next, principalId: officer.principalId, duty: 'create', at },
      { objectId: foreign, principalId: stranger.id, duty: 'create', at },
    ])
    const told = async (ctx: Context, more: object = {}) => {
      const { items, nextCursor } = await listDuties(ctx, { limit: 50, ...more })
      const ours = items.filter(({ objectId }) => [first, next, foreign].includes(objectId))
      return { nextCursor, ours: ours.map(({ objectId, duty }) => [objectId, duty]) }
    }
    const purchaser = world.context(officer)
    const created = [next, 'create']
    const own = [[first, 'create'], [first, 'approve'], created]
    expect((await told(purchaser)).ours).toEqual(expect.arrayContaining(own))
    expect((await told(purchaser)).ours).toHaveLength(3)
    expect((await told(operator)).ours).toHaveLength(4)
    expect((await told(purchaser, { objectId: foreign })).ours).toEqual([])
    const page = await told(purchaser, { limit: 1, cursor: undefined, objectId: first })
    expect(page).toMatchObject({ nextCursor: null })
    expect(page.ours).toHaveLength(2)
    const [begin] = (await listDuties(purchaser, { limit: 1 })).items
    const rest = await listDuties(purchaser, { limit: 50, cursor: begin!.objectId })
    expect(rest.items.map(({ objectId }) => objectId)).not.toContain(begin!.objectId)
    const [row] = (await listDuties(purchaser, { limit: 1, objectId: next })).items
    expect(row).toEqual({
      objectId: next,
      principalId: officer.principalId,
      organizationId,
      duty: 'create',
      at,
    })
  })

  it('imports every organization once, by its reference', async () => {
    const rows = ['a', 'b'].map((sourceRef) => ({ kind: 'purchaser' as const, name: sourceRef, sourceRef }))
    const first = await createOrganizations(operator, rows)
    expect(first).toMatchObject({ created: 2, existing: 0 })
    const more = [...rows, { kind: 'purchaser' as const, name: 'c', sourceRef: 'c' }]
    const again = await createOrganizations(operator, more)
    expect(again).toMatchObject({ created: 1, existing: 2 })
    expect(again.ids.get('a')).toBe(first.ids.get('a'))
  })
})
