import type { Context } from '../../platform/context.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { checkUrl } from '../../platform/http/safe-fetch.ts'

/**
 * Whether events may be sent there, as far as can be told without asking; each sending checks again, with the addresses
 * that the host then has.
 * @throws Refusal `invalid_input` (pointer `/url`).
 */
export function requireReceiver(ctx: Context, url: string): void {
  const { protocol, hash } = checkUrl(url, { allowPrivate: ctx.allowPrivateUrls })
  const refuse = (message: string) => invalidInput([{ path: ['url'], message }])
  if (protocol !== 'https:' && !ctx.allowPrivateUrls) throw refuse('only https is taken')
  if (hash !== '') throw refuse('must not have a part after #')
}
