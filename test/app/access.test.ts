/** Who may call what: every operation × no key, dead keys, and every role. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueKey } from '../../src/features/identity/issue-key.ts'
import { PERMISSIONS, SYSTEM } from '../../src/features/identity/permissions.ts'
import { revokeKey } from '../../src/features/identity/revoke-key.ts'
import { Role } from '../../src/features/identity/schemas.ts'
import { principals } from '../../src/features/identity/tables.ts'
import { type ApiWorld, keyOf, openApi } from './api-world.ts'
import { ACTION_OF, OPERATIONS, type Operation, pathOf, requestOf } from './operations.ts'

let api: ApiWorld
const dead: Record<string, string> = {}
beforeAll(async () => {
  api = await openApi()
  Object.assign(dead, await deadKeys(api))
})
afterAll(() => api.close())

/** Keys that were good once, and what never was one. */
async function deadKeys({ world, actors }: ApiWorld): Promise<Record<string, string>> {
  const system = world.context(SYSTEM)
  const { principalId } = actors.operator
  const revoked = await issueKey(system, { principalId })
  await revokeKey(system, revoked.id)
  const expired = await issueKey(system, { principalId, expiresAt: '2026-12-01T08:00:00Z' })
  const inactive = await keyOf(world, actors.otherProvider)
  await world.db.root
    .update(principals)
    .set({ active: false })
    .where(eq(principals.id, actors.otherProvider.principalId))
  const unknown = `lc_${'x'.repeat(43)}`
  return { revoked: revoked.key, expired: expired.key, inactive, unknown, malformed: 'lc_short' }
}

const call = (key: string | null, operation: Operation) =>
  api.send(key, operation.method, pathOf(operation), requestOf(operation))

describe.each(OPERATIONS)('$operationId', (operation) => {
  it('wants a key', async () => {
    const answer = await call(null, operation)
    expect(answer).toMatchObject({ status: 401, type: 'application/problem+json' })
    expect(answer.body.code).toBe('unauthenticated')
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('takes no key that is revoked, expired, unknown or of somebody who has left', async () => {
    const answers = await Promise.all(Object.values(dead).map((key) => call(key, operation)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401))
    expect(new Set(answers.map(({ body }) => body.detail)).size).toBe(1)
  })

  it.each(Role.options)('is for %s what the table of permissions says', async (role) => {
    const { status, body } = await call(api.keys[role], operation)
    const permitted = (PERMISSIONS[ACTION_OF[operation.operationId]!] as readonly Role[]).includes(role)
    if (permitted) expect([401, 403, 500, 503]).not.toContain(status)
    else expect([status, body.code]).toEqual([403, 'forbidden'])
  })
})
