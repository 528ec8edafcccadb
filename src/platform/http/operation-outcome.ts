/** FHIR's way to say no: every problem below a FHIR address is answered as an OperationOutcome. */
import type { MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Env } from './router.ts'

/** What of a problem (RFC 9457) an outcome tells. */
interface Told {
  status: number
  code: string
  detail: string
  errors?: { pointer: string; message: string }[]
}

/** Problem codes as FHIR's issue types (http://hl7.org/fhir/R4/valueset-issue-type.html). */
const ISSUE_TYPES: Record<string, string> = {
  unauthenticated: 'login',
  forbidden: 'forbidden',
  not_found: 'not-found',
  method_not_allowed: 'not-supported',
  unsupported_media_type: 'not-supported',
  invalid_input: 'invalid',
  malformed_json: 'structure',
  payload_too_large: 'too-long',
  busy: 'transient',
  unavailable: 'transient',
  internal: 'exception',
}

/** Rewrites a problem as an OperationOutcome; a flawed request is 400 in FHIR. */
export const asOperationOutcome: MiddlewareHandler<Env> = async (c, next) => {
  await next()
  if (!c.res.headers.get('content-type')?.startsWith('application/problem+json')) return
  const problem = (await c.res.json()) as Told
  const headers = new Headers(c.res.headers)
  headers.set('Content-Type', 'application/fhir+json; charset=UTF-8')
  const status = (problem.status === 422 ? 400 : problem.status) as ContentfulStatusCode
  c.res = undefined
  c.res = new Response(JSON.stringify(outcomeOf(problem)), { status, headers })
}

function outcomeOf({ status, code, detail, errors = [] }: Told) {
  const issue = (diagnostics: string, expression?: string[]) => ({
    severity: status >= 500 ? ('fatal' as const) : ('error' as const),
    code: ISSUE_TYPES[code] ?? 'processing',
    diagnostics,
    ...(expression && { expression }),
  })
  const issues = errors.map(({ pointer, message }) => {
    const field = pointer.replace(/^\/(query|param|form)\//, '')
    return issue(`${field}: ${message}`, [field])
  })
  return { resourceType: 'OperationOutcome', issue: issues.length > 0 ? issues : [issue(detail)] }
}
