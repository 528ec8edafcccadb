import { sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { webhookDeliveries } from './tables.ts'

/** Longer than any try takes; after it, a delivery whose process was killed is tried again. */
const LEASE_MS = 60_000

export interface Claimed {
  id: string
  webhookId: string
}

/**
 * Takes deliveries that are due, for this process alone: at most `most`, at most `each` of one webhook, so that a
 * receiver that is slow keeps nobody waiting but itself, and none of the webhooks that are busy already.
 */
export async function claimDeliveries(
  ctx: Context,
  { most, each, busy }: { most: number; each: number; busy: readonly string[] },
): Promise<Claimed[]> {
  const now = ctx.clock()
  const until = new Date(now.getTime() + LEASE_MS)
  const { rows } = (await query(ctx).execute(sql`
    update ${webhookDeliveries} set next_attempt_at = ${until.toISOString()}::timestamptz where id in (
      select due.id from (
        select webhook_id, min(next_attempt_at) as first from ${webhookDeliveries}
        where state = 'pending' and next_attempt_at <= ${now.toISOString()}::timestamptz
          and webhook_id <> all(${sql.param(`{${busy.join(',')}}`)}::uuid[])
        group by webhook_id
      ) as waiting
      cross join lateral (
        select id from ${webhookDeliveries}
        where webhook_id = waiting.webhook_id and state = 'pending'
          and next_attempt_at <= ${now.toISOString()}::timestamptz
        order by next_attempt_at, id limit ${each} for update skip locked
      ) as due
      order by waiting.first limit ${most}
    ) returning id, webhook_id`)) as unknown as { rows: { id: string; webhook_id: string }[] }
  return rows.map((row) => ({ id: row.id, webhookId: row.webhook_id }))
}

/** Gives back what was taken and not tried: the process stops. */
export async function releaseDelivery(ctx: Context, id: string): Promise<void> {
  await query(ctx).execute(sql`
    update ${webhookDeliveries} set next_attempt_at = ${ctx.clock().toISOString()}::timestamptz
    where id = ${id} and state = 'pending'`)
}
