/** The one way to make a router: validation answers as problem+json, and the context is typed. */
import { type Hook, OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import type { Logger } from '../telemetry.ts'

export interface Env {
  Variables: { ctx: Context; log: Logger }
}

/** Turns zod's issues into field errors with JSON pointers. */
const refuseInvalid: Hook<unknown, Env, string, unknown> = (result) => {
  if (result.success) return
  throw invalidInput(result.error.issues, result.target === 'json' ? '' : `/${result.target}`)
}

/** A flaw as zod reports it, or as a verb does. */
interface Flaw {
  path: readonly PropertyKey[]
  message: string
  /** Names of fields that the schema does not have. */
  keys?: readonly string[]
}

/** A refusal that names each flawed field. */
export function invalidInput(flaws: readonly Flaw[], prefix = ''): Refusal {
  const errors = flaws.flatMap(inPlainWords).map((issue) => ({
    pointer: [
      prefix,
      ...issue.path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')),
    ].join('/'),
    message: issue.message,
  }))
  const first = errors[0]
  return new Refusal(
    'invalid_input',
    first ? `${first.pointer || 'The body'}: ${first.message}.` : 'Not valid.',
    {
      errors,
    },
  )
}

/** zod reports all unknown fields at once and at their object, and a missing one as a type it is not. */
function inPlainWords({ path, message, keys }: Flaw): Flaw[] {
  if (keys) return keys.map((key) => ({ path: [...path, key], message: 'is not a field of this' }))
  return [{ path, message: message.endsWith('received undefined') ? 'is missing' : message }]
}

export function createRouter(): OpenAPIHono<Env> {
  return new OpenAPIHono<Env>({ defaultHook: refuseInvalid as Hook<unknown, Env, string, unknown> })
}
