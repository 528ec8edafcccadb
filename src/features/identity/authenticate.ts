import { eq, sql } from 'drizzle-orm'
import type { Actor } from '../../platform/context.ts'
import type { Db } from '../../platform/db/client.ts'
import { prepared } from '../../platform/db/prepared.ts'
import { Refusal } from '../../platform/errors.ts'
import { hashKey } from './issue-key.ts'
import { apiKeys, principals } from './tables.ts'

/**
 * The actor behind an `Authorization` header.
 * @throws Refusal `unauthenticated` for a missing, malformed, unknown, expired or revoked key: one sentence for all,
 *   so that nobody learns which.
 */
export async function authenticate(db: Db, now: Date, header: string | undefined): Promise<Actor> {
  const key = /^[Bb]earer (lc_[A-Za-z0-9_-]{43})$/.exec(header ?? '')?.[1]
  if (!key) throw refusal()
  const [row] = await statement(db.root).execute({ hash: hashKey(key) })
  if (!row?.principals.active || row.api_keys.revokedAt) throw refusal()
  if (row.api_keys.expiresAt && row.api_keys.expiresAt <= now) throw refusal()
  const { id, organizationId, role, areaId } = row.principals
  return { principalId: id, organizationId, role, areaId }
}

const statement = prepared((handle) =>
  handle
    .select()
    .from(apiKeys)
    .innerJoin(principals, eq(principals.id, apiKeys.principalId))
    .where(eq(apiKeys.hash, sql.placeholder('hash')))
    .prepare('authenticate'),
)

function refusal(): Refusal {
  return new Refusal('unauthenticated', 'Send a valid API key: Authorization: Bearer lc_…')
}
