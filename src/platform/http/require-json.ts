/** Bodies are JSON: one of another type is refused, never overlooked. */
import type { MiddlewareHandler } from 'hono'
import { problem } from './problem.ts'
import type { Env } from './router.ts'

/** The same media types that hono's validator reads. */
const JSON_TYPE = /^application\/([\w.-]+\+)?json$/i

/**
 * hono's validator takes a body whose content type it does not know for `{}`. Where every field has a default, what
 * the caller wrote would be dropped in silence: a key that should expire would not. So this refuses it before.
 */
export const requireJson: MiddlewareHandler<Env> = async (c, next) => {
  const type = c.req.header('content-type')?.split(';')[0]?.trim() ?? ''
  const written = !['GET', 'HEAD'].includes(c.req.method) && !JSON_TYPE.test(type)
  if (written && (await c.req.text()) !== '') {
    return problem(c, 415, 'unsupported_media_type', 'Send the body as application/json.')
  }
  await next()
}
