/** Commands for the operator: schema, books, keys, audit log. Each prints one JSON object. */
import { createOrganization } from '../features/identity/create-organization.ts'
import { createPrincipal } from '../features/identity/create-principal.ts'
import { issueKey } from '../features/identity/issue-key.ts'
import { SYSTEM } from '../features/identity/permissions.ts'
import type { OrganizationKind, Role } from '../features/identity/schemas.ts'
import { sealAudit, verifyAudit } from '../platform/audit/seal-audit.ts'
import { createContext, inTransaction } from '../platform/context.ts'
import { reconcile } from '../platform/ledger/reconcile.ts'
import { type OpenedGround, withGround } from './open-ground.ts'

/** Opening the ground migrates; there is nothing more to do. */
export function migrateDatabase(): Promise<void> {
  return withGround(async () => print({ migrated: true }))
}

/** Exit code 1 when a balance is not what its transfers say. */
export function reconcileBook(): Promise<void> {
  return withGround(async (ground) => {
    const found = await reconcile(systemContext(ground))
    print(found)
    if (found.differences.length > 0 || found.unbalancedUnits.length > 0) process.exitCode = 1
  })
}

export function issueKeyFor({ role, name }: { role: Role; name: string }): Promise<void> {
  return withGround(async (ground) => {
    const issued = await inTransaction(systemContext(ground), async (ctx) => {
      const kind = role.split('.')[0] as OrganizationKind
      const sector = kind === 'provider' ? ('ngo' as const) : null
      const organization = await createOrganization(ctx, { kind, name, sector })
      const principal = await createPrincipal(ctx, { organizationId: organization.id, role, name: role })
      return issueKey(ctx, { principalId: principal.id })
    })
    print({ role, key: issued.key })
  })
}

/** Exit code 1 when a seal does not hold. */
export function verifyAuditLog(): Promise<void> {
  return withGround(async (ground) => {
    const ctx = systemContext(ground)
    await sealAudit(ctx)
    const verification = await verifyAudit(ctx)
    print(verification)
    if (verification.brokenSeal !== null) process.exitCode = 1
  })
}

function systemContext(ground: OpenedGround) {
  return createContext({ ...ground, actor: SYSTEM })
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
