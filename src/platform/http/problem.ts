/** From a refusal to RFC 9457 problem+json. Codes are stable; the sentence may change. */
import { z } from '@hono/zod-openapi'
import type { Context as HonoContext } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { routePath } from 'hono/route'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { databaseRefusal } from '../db/database-errors.ts'
import { Refusal, type RefusalCode } from '../errors.ts'
import type { Env } from './router.ts'

/** Every code has its status: the compiler says so where one is added. */
const STATUS: Record<RefusalCode, ContentfulStatusCode> = {
  unauthenticated: 401,
  forbidden: 403,
  duty_conflict: 403,
  consent_missing: 403,
  not_found: 404,
  conflict: 409,
  duplicate: 409,
  state_conflict: 409,
  insufficient: 409,
  not_an_option: 409,
  not_bookable: 403,
  outbid: 409,
  link_used: 410,
  request_in_progress: 409,
  precondition_failed: 412,
  invalid_input: 422,
  idempotency_key_reused: 422,
  precondition_required: 428,
  busy: 503,
  unavailable: 503,
  data_dir_locked: 503,
  config_invalid: 500,
  port_in_use: 500,
}

/** What requests are refused for before a verb sees them, and what only an error of ours explains. */
type HttpCode =
  | 'malformed_json'
  | 'method_not_allowed'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'http_error'
  | 'internal'

/** RFC 9457: a title is the same for every problem of its type; what differs is the detail. */
const TITLE: Record<RefusalCode | HttpCode, string> = {
  unauthenticated: 'A valid API key is needed',
  forbidden: 'The role may not do this',
  duty_conflict: 'Another person must do this',
  consent_missing: 'A consent is missing',
  not_found: 'There is no such thing here',
  conflict: 'A rule of the data stands against it',
  duplicate: 'It is there already',
  state_conflict: 'Its state does not allow this',
  insufficient: 'Not enough is left',
  not_an_option: 'It is no option for this need',
  not_bookable: 'This is not for residents to book',
  outbid: 'Others need what it takes more',
  link_used: 'The link has been used or is over',
  request_in_progress: 'The same request is still running',
  precondition_failed: 'It has changed meanwhile',
  invalid_input: 'The input is not valid',
  idempotency_key_reused: 'The Idempotency-Key belongs to another request',
  precondition_required: 'If-Match is missing',
  busy: 'Too many changes at once',
  unavailable: 'Not available now',
  data_dir_locked: 'The data are in use',
  config_invalid: 'The configuration is not valid',
  port_in_use: 'The port is in use',
  malformed_json: 'The body is not JSON',
  method_not_allowed: 'The address takes other methods',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'The body is of another type',
  http_error: 'The request could not be read',
  internal: 'Something went wrong',
}

export const Problem = z
  .object({
    type: z.string().openapi({ example: 'https://lifecircle.dev/problems/not_found' }),
    title: z.string(),
    status: z.number().int(),
    code: z.string().openapi({ description: 'Stable code of the reason', example: 'not_found' }),
    detail: z.string().openapi({ description: 'A sentence for people' }),
    errors: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'Flaws of the input, each with the JSON pointer of its field' }),
    existingId: z.uuid().optional().openapi({ description: 'Of a duplicate: what is there already' }),
    reason: z
      .string()
      .optional()
      .openapi({ description: 'Of a booking: the coded reason, as options and explanations give it' }),
  })
  .catchall(z.unknown())
  .openapi('Problem')

const content = { 'application/problem+json': { schema: Problem } }

/** The error responses every operation shares; spread into `responses`. */
export const refusals = {
  401: { description: 'No valid API key', content },
  403: { description: 'The key’s role may not do this', content },
  422: { description: 'The input is not valid', content },
  500: { description: 'Something went wrong on our side; it is logged', content },
  503: { description: 'The database does not answer now; Retry-After says when to try again', content },
} as const

/** For reading what is open to everybody. */
export const refusalsOfPublicRead = {
  404: { description: 'There is no such object or page', content },
  422: { description: 'The input is not valid', content },
  500: refusals[500],
  503: refusals[503],
} as const

/** For such reading, asked for in a body. */
export const refusalsOfPublicSearch = {
  ...refusalsOfPublicRead,
  400: { description: 'The body is not JSON', content },
  413: { description: 'The body is too large', content },
  415: { description: 'The body is of another type than application/json', content },
} as const

/** For operations on one object. */
export const refusalsOfObject = {
  ...refusals,
  404: { description: 'There is no such object within the key’s reach', content },
} as const

/** For operations that change something. */
export const refusalsOfChange = {
  ...refusalsOfObject,
  400: { description: 'The body is not JSON', content },
  413: { description: 'The body is too large', content },
  415: { description: 'The body is of another type than application/json', content },
  409: {
    description: 'The state of the object, a duplicate or an exhausted account stands against it',
    content,
  },
} as const

/** For changes under If-Match. */
export const refusalsOfConditionalChange = {
  ...refusalsOfChange,
  412: { description: 'The object has changed since the version named in If-Match', content },
  428: { description: 'If-Match is missing', content },
} as const

/** The answer to whatever was thrown; unknown errors are logged whole and answered with nothing of theirs. */
export function answerError(thrown: unknown, c: HonoContext<Env>): Response {
  const error = databaseRefusal(thrown)
  if (error instanceof Refusal) return problemResponse(c, error)
  if (error instanceof HTTPException) return httpProblem(c, error)
  c.get('log')?.error({ err: error, route: routeOf(c) }, 'unexpected error')
  return problem(c, 500, 'internal', 'Something went wrong on our side; it is logged.')
}

/** The operation, not the address: a link's address opens it for whoever reads the log. */
function routeOf(c: HonoContext<Env>): string {
  return `${c.req.method} ${routePath(c, -1)}`
}

/** What hono itself refuses: bodies it cannot read. */
function httpProblem(c: HonoContext<Env>, { status, message }: HTTPException): Response {
  if (status === 400) {
    return problem(
      c,
      status,
      'malformed_json',
      'The body is not JSON; where there is nothing to say, send {}.',
    )
  }
  const code = status === 413 ? 'payload_too_large' : 'http_error'
  return problem(c, status, code, message || 'The request could not be read.')
}

function problemResponse(c: HonoContext<Env>, refusal: Refusal): Response {
  const status = STATUS[refusal.code]
  // A refusal that no caller can mend, such as a wrong key in the settings, is the operator's to know of.
  if (status === 500)
    c.get('log')?.error({ err: refusal, route: routeOf(c) }, 'a request met a fault of ours')
  if (status === 503) c.header('Retry-After', '1')
  if (status === 401) c.header('WWW-Authenticate', 'Bearer')
  return problem(c, status, refusal.code, refusal.message, {
    ...(refusal.errors.length > 0 ? { errors: refusal.errors } : {}),
    ...refusal.facts,
  })
}

export function problem(
  c: HonoContext<Env>,
  status: ContentfulStatusCode,
  code: RefusalCode | HttpCode,
  detail: string,
  more: Record<string, unknown> = {},
): Response {
  const body = {
    type: `https://lifecircle.dev/problems/${code}`,
    title: TITLE[code],
    status,
    code,
    detail,
    ...more,
  }
  return c.body(JSON.stringify(body), status, { 'Content-Type': 'application/problem+json' })
}
