/** What is done once a day for residents, without anybody asking. */
import { recurringJob } from '../../platform/jobs/recurring.ts'
import { DAY_MS } from '../../platform/period.ts'
import { carryOverWallets } from './carry-over-wallets.ts'
import { closeReturnedWallets } from './close-returned-wallets.ts'
import { expireNeeds } from './expire-needs.ts'

export const recurring = [
  recurringJob('wallets.carry_over', DAY_MS, carryOverWallets),
  recurringJob('wallets.close_returned', DAY_MS, closeReturnedWallets),
  recurringJob('needs.expire', DAY_MS, expireNeeds),
] as const
