/**
 * The two addresses behind an action link: one asks, the other does. Not under /v1: whoever has the link needs no key,
 * and is answered with pages.
 */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { databaseRefusal } from '../../platform/db/database-errors.ts'
import { Refusal } from '../../platform/errors.ts'
import { answerPage } from '../../platform/http/html-page.ts'
import type { Env } from '../../platform/http/router.ts'
import { deadPage, linkPage, type Manner, thanksPage } from './link-page.ts'
import { chooseLanguage } from './link-words.ts'
import { readActionLink } from './read-action-link.ts'
import { useActionLink } from './use-action-link.ts'

type App = OpenAPIHono<Env>
type RequestContext = Parameters<Parameters<App['notFound']>[0]>[0]

/** Mounts the pages; the application gives each request a context that nobody has signed in to. */
export function mountLinkPages(app: App): void {
  app.get('/a/:token', (c) => answerWell(c, () => ask(c)))
  app.post('/a/:token', (c) => answerWell(c, () => act(c)))
}

async function ask(c: RequestContext, status: 200 | 409 | 422 = 200): Promise<Response> {
  const view = await readActionLink(c.get('ctx'), tokenOf(c))
  const over = view.actions.length === 0
  const page = linkPage(view, mannerOf(c), { reasonMissing: status === 422 && !over })
  return answerPage(c, over && status === 200 ? 410 : status, page)
}

async function act(c: RequestContext): Promise<Response> {
  try {
    const form = Object.fromEntries(new URLSearchParams(await c.req.text()))
    const { action, reason } = form
    const done = await useActionLink(c.get('ctx'), { token: tokenOf(c), action, reason })
    return answerPage(c, 200, thanksPage(done, mannerOf(c).language))
  } catch (error) {
    // The link is unused still: its page says which reason is missing, or what became of the matter meanwhile.
    if (error instanceof Refusal && error.code === 'invalid_input') return ask(c, 422)
    if (error instanceof Refusal && error.code === 'state_conflict') return ask(c, 409)
    throw error
  }
}

/** Whatever goes wrong, a person reads it; the log does not get the address, which is a secret. */
async function answerWell(c: RequestContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (thrown) {
    const { language } = mannerOf(c)
    const error = databaseRefusal(thrown)
    if (error instanceof Refusal && error.code === 'link_used') {
      return answerPage(c, 410, deadPage(error.facts.over === 'used' ? 'used' : 'expired', language))
    }
    if (error instanceof Refusal && error.code === 'not_found') {
      return answerPage(c, 404, deadPage('unknown', language))
    }
    c.get('log')?.error({ err: error }, 'an action link failed')
    return answerPage(c, 503, deadPage('failed', language))
  }
}

function tokenOf(c: RequestContext): string {
  return c.req.param('token') ?? ''
}

function mannerOf(c: RequestContext): Manner {
  const { currency, timeZone } = c.get('ctx')
  return {
    language: chooseLanguage(c.req.query('lang'), c.req.header('accept-language')),
    currency,
    timeZone,
  }
}
