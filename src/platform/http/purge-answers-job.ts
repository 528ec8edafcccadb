/** Forgets stored answers when nobody repeats their request any more. */
import { lt } from 'drizzle-orm'
import { query } from '../context.ts'
import { recurringJob } from '../jobs/recurring.ts'
import { DAY_MS } from '../period.ts'
import { idempotencyKeys } from './tables.ts'

/** How long a request may be repeated: a partner's own queue may have stood still over a long weekend. */
const KEPT_DAYS = 7

export const purgeAnswersJob = recurringJob('idempotency.purge', DAY_MS, async (ctx) => {
  const oldest = new Date(ctx.clock().getTime() - KEPT_DAYS * DAY_MS)
  await query(ctx).delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, oldest))
})
