import { inTransaction } from '../../platform/context.ts'
import { recurringJob } from '../../platform/jobs/recurring.ts'
import { DAY_MS } from '../../platform/period.ts'
import { purgeDeliveries } from './purge-deliveries.ts'

export const recurring = [
  recurringJob('webhook.purge_deliveries', DAY_MS, (ctx) => inTransaction(ctx, purgeDeliveries)),
] as const
