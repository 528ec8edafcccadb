/**
 * The closed list of reasons for which the system says no. No HTTP here: `http/problem.ts` maps codes to
 * statuses, the CLI prints the sentence.
 */
export type RefusalCode =
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'invalid_input'
  | 'conflict'
  | 'duplicate'
  | 'state_conflict'
  | 'duty_conflict'
  | 'insufficient'
  | 'not_an_option'
  | 'not_bookable'
  | 'outbid'
  | 'link_used'
  | 'idempotency_key_reused'
  | 'request_in_progress'
  | 'precondition_required'
  | 'precondition_failed'
  | 'consent_missing'
  | 'busy'
  | 'unavailable'
  | 'data_dir_locked'
  | 'config_invalid'
  | 'port_in_use'

/** One flaw of an input: where (JSON pointer) and what is wrong. */
export interface FieldError {
  pointer: string
  message: string
}

/** A no with its reason: a stable code, a sentence for people, and fields or facts for programs. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly errors: FieldError[]
  readonly facts: Record<string, unknown>

  constructor(
    code: RefusalCode,
    sentence: string,
    more: { errors?: FieldError[]; facts?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(sentence, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'Refusal'
    this.code = code
    this.errors = more.errors ?? []
    this.facts = more.facts ?? {}
  }
}

/** The row, or a `not_found` refusal: what a caller may not see looks the same as what does not exist. */
export function found<T>(row: T | undefined | null, what: string): T {
  if (row === undefined || row === null) throw new Refusal('not_found', `There is no such ${what}.`)
  return row
}
