/** Whether an address can be asked at all, before anybody waits for a job that asks it. */
import type { Context } from '../../platform/context.ts'
import { safeOpen } from '../../platform/http/safe-fetch.ts'
import { permit } from '../identity/permissions.ts'

/** A server that takes longer may still be read by the job; it is not refused here. */
const PATIENCE_MS = 5000

/**
 * Asks for the head of the answer and hangs up.
 * @throws Refusal `invalid_input` (pointer `/url`) for an address that is malformed or not public, `unavailable` for a
 *   host that can't be found or reached.
 */
export async function checkFeedUrl(ctx: Context, url: string | undefined): Promise<void> {
  permit(ctx, 'import.start')
  if (url === undefined) return
  const { body } = await safeOpen(url, {
    allowPrivate: ctx.allowPrivateUrls,
    timeoutMs: PATIENCE_MS,
    totalTimeoutMs: 2 * PATIENCE_MS,
  })
  await body.return(undefined)
}
