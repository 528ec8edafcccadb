/** Keys to walk on with after the demo: kept in a file only its owner can read, because only hashes are stored. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { and, asc, eq, inArray } from 'drizzle-orm'
import { authenticate } from '../../features/identity/authenticate.ts'
import { issueKey } from '../../features/identity/issue-key.ts'
import { organizations, principals } from '../../features/identity/tables.ts'
import type { Context } from '../../platform/context.ts'

/** Shell variable of each of the demo's people. */
const VARIABLES: Record<string, string> = {
  partner: 'PARTNER_KEY',
  provider: 'PROVIDER_KEY',
  officer: 'OFFICER_KEY',
  finance: 'FINANCE_KEY',
  supervisor: 'SUPERVISOR_KEY',
}

/**
 * Writes a file for `source` with a key for each of the demo's people, its area and its period; keys of an earlier
 * run that still open the door are kept.
 * @returns the file's path.
 */
export async function writeDemoKeys(
  ctx: Context,
  directory: string,
  demo: { key: string; areaId: string; period: string },
): Promise<string> {
  const path = join(directory, 'demo.env')
  const kept = readKeys(path)
  const lines = [`AREA_ID=${demo.areaId}`, `PERIOD=${demo.period}`]
  for (const { id, name } of await demoPeople(ctx, demo.key)) {
    const variable = VARIABLES[name]
    if (!variable) continue
    const known = kept.get(variable)
    const usable = known !== undefined && (await ownerOf(ctx, known)) === id
    lines.push(`${variable}=${usable ? known : (await issueKey(ctx, { principalId: id })).key}`)
  }
  mkdirSync(directory, { recursive: true })
  writeFileSync(path, `${lines.map((line) => `export ${line}`).join('\n')}\n`, { mode: 0o600 })
  return path
}

function readKeys(path: string): Map<string, string> {
  if (!existsSync(path)) return new Map()
  const pairs = readFileSync(path, 'utf8').matchAll(/^export (\w+)=(.+)$/gm)
  return new Map([...pairs].map((match) => [match[1]!, match[2]!]))
}

function demoPeople(ctx: Context, key: string) {
  const refs = ['partner', 'provider', 'purchaser', 'supervisor'].map((kind) => `${key}/${kind}`)
  return ctx.db.root
    .select({ id: principals.id, name: principals.name })
    .from(principals)
    .innerJoin(organizations, eq(organizations.id, principals.organizationId))
    .where(and(inArray(organizations.sourceRef, refs), eq(principals.active, true)))
    .orderBy(asc(principals.id))
}

async function ownerOf(ctx: Context, key: string): Promise<string | null> {
  const actor = await authenticate(ctx.db, ctx.clock(), `Bearer ${key}`).catch(() => null)
  return actor?.principalId ?? null
}
