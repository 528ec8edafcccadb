/** Two API processes on one PostgreSQL database of their own, for scripts that let requests race. */
import { createOrganization } from '../src/features/identity/create-organization.ts'
import { createPrincipal } from '../src/features/identity/create-principal.ts'
import { issueKey } from '../src/features/identity/issue-key.ts'
import { SYSTEM } from '../src/features/identity/permissions.ts'
import type { OrganizationKind, Role } from '../src/features/identity/schemas.ts'
import { readConfig } from '../src/platform/config.ts'
import { type Actor, type Context, createContext, inTransaction } from '../src/platform/context.ts'
import { openDb } from '../src/platform/db/open-db.ts'
import { readEncryptionKey } from '../src/platform/encryption-key.ts'
import { createLogger } from '../src/platform/telemetry.ts'
import { createDeployment, type Deployment, runCommand } from './deployment.ts'
import { type RunningServer, startServer, stopServer } from './server.ts'

export interface TwoServers {
  deployment: Deployment
  /** Addresses of the two processes. */
  urls: readonly [string, string]
  /** A context on their database, by default the system's: to prepare and to look at what came of it. */
  as(actor?: Actor): Context
  /** Makes an organization with one principal and a key for it. */
  hire(role: Role): Promise<{ actor: Actor; key: string }>
  /** Ends the processes; the database stays, to be looked at. */
  stopServers(): Promise<void>
  /** Ends everything and drops the database. */
  close(): Promise<void>
}

/** Migrates a new database and starts the two on it. Neither performs jobs. */
export async function openTwoServers(): Promise<TwoServers> {
  const deployment = await createDeployment('postgres')
  const config = readConfig(deployment.environment)
  const log = createLogger('error')
  const db = await openDb(config, log)
  const ground = { db, log, encryptionKey: readEncryptionKey(config), currency: config.LIFECIRCLE_CURRENCY }
  const as = (actor: Actor = SYSTEM) => createContext({ ...ground, actor })
  const servers: RunningServer[] = []
  const stopServers = async () => {
    for (const server of servers.splice(0)) await stopServer(server)
  }
  const close = async () => {
    await stopServers()
    await db.close()
    await deployment.remove()
  }
  try {
    // One after the other: while the first one starts, nobody else may find the same port free.
    for (let count = 0; count < 2; count++)
      servers.push(await startServer(deployment, { args: ['--no-jobs'] }))
  } catch (error) {
    await close()
    throw error
  }
  const urls = [servers[0]!.url, servers[1]!.url] as const
  return { deployment, urls, as, hire: (role) => hire(as(), role), stopServers, close }
}

/** What is wrong with the books and the audit log of the deployment; empty where nothing is. */
export async function checkBooks(deployment: Deployment): Promise<string[]> {
  const problems: string[] = []
  for (const command of [['reconcile'], ['audit', 'verify']]) {
    const { code, output } = await runCommand(deployment, command)
    if (code !== 0) problems.push(`lifecircle ${command.join(' ')} ended with ${code}: ${output.trim()}`)
  }
  return problems
}

async function hire(ctx: Context, role: Role) {
  return inTransaction(ctx, async (ctx) => {
    const kind = role.split('.')[0] as OrganizationKind
    const sector = kind === 'provider' ? 'ngo' : null
    const { id: organizationId } = await createOrganization(ctx, { kind, name: role, sector })
    const { id: principalId } = await createPrincipal(ctx, { organizationId, role, name: role })
    const { key } = await issueKey(ctx, { principalId })
    return { actor: { principalId, organizationId, role, areaId: null }, key }
  })
}
