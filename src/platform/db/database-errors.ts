/**
 * From SQLSTATE to a refusal. The text of a database error carries SQL and values, so it never leaves the
 * process: it stays in `cause`, for the log.
 */
import { Refusal, type RefusalCode } from '../errors.ts'

interface DatabaseError {
  code: string
  constraint?: string
  column?: string
}

/** Sentences for constraints whose name alone would say too little. */
const CONSTRAINT_SENTENCES: Record<string, string> = {
  accounts_within_limit: 'The account has not enough left.',
  accounts_settled_within_received: 'More would be settled than was received.',
  duties_one_per_person: 'The same person already holds another duty on this object.',
  duties_of_role: 'The duty does not belong to the role of this person.',
  duties_supervisor_apart: 'A body does not supervise what it purchases: another body must.',
  duties_second_body: 'A body that also provides services needs a second body to approve what it purchases.',
  duties_append_only: 'A duty that was taken stays taken.',
  principals_duties_stay:
    'Whoever has taken duties stays in the role and the organization they were taken in.',
  programs_duty: 'Nobody has taken the duty to approve this program.',
  match_runs_duty: 'Nobody has taken the duty to approve this run.',
  policies_duty: 'Nobody has taken the duty to approve this policy.',
  program_amendments_duty: 'Only who has the duty to approve a program amends its budget.',
  settlements_duty: 'Only who has the duty to settle a program settles its periods.',
  suspensions_duty: 'Only who has the duty to supervise a provider suspends it.',
  inspections_duty: 'Only who has the duty to supervise an offering inspects it.',
  grievances_duty: 'Only who has the duty to supervise what a complaint or appeal is about decides it.',
  organizations_part_of_part: 'A part of a body has no parts of its own: name the body itself.',
  organizations_second_body: 'A second body is a purchaser of another body, and only a purchaser needs one.',
  organizations_kind_stays: 'An organization stays of its kind.',
}

/** Of duties: another person, or another body, must do it. */
const OF_DUTIES = /^duties_(one_per_person|of_role|supervisor_apart|second_body)$|_duty$/

const INSUFFICIENT = new Set(['accounts_within_limit', 'accounts_settled_within_received'])

/** The error of the driver inside whatever wraps it; null where the failure is not the database's. */
export function databaseErrorOf(error: unknown): DatabaseError | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as Partial<DatabaseError>).code
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return at as unknown as DatabaseError
  }
  return null
}

/** Serialization failures and deadlocks: another try may go through. */
export function isRetryable(error: unknown): boolean {
  const code = databaseErrorOf(error)?.code
  return code === '40001' || code === '40P01'
}

/** The refusal for a database error; any other error is given back as it is. */
export function databaseRefusal(error: unknown): unknown {
  if (error instanceof Refusal) return error
  const database = databaseErrorOf(error)
  if (!database) return isConnectionLoss(error) ? unavailable(error) : error
  const { code, constraint = '' } = database
  if (code === '23505' && !OF_DUTIES.test(constraint))
    return new Refusal('duplicate', sentence(constraint, 'It already exists'), { cause: error })
  if (code === '23P01')
    return new Refusal('conflict', sentence(constraint, 'It overlaps another'), { cause: error })
  if (code === '23514' || code === '23505') return checkViolation(constraint, error)
  if (code === '23503' || code.startsWith('22')) {
    return new Refusal('invalid_input', sentence(constraint, 'A value or a reference is not valid'), {
      cause: error,
    })
  }
  if (isRetryable(error)) return new Refusal('busy', 'Too many changes at once; try again.', { cause: error })
  return /^(57014|55P03|08...|57P0.|53...)$/.test(code) ? unavailable(error) : error
}

function checkViolation(constraint: string, cause: unknown): Refusal {
  return new Refusal(codeOf(constraint), sentence(constraint, 'A rule of the data would be broken'), {
    cause,
  })
}

function codeOf(constraint: string): RefusalCode {
  if (OF_DUTIES.test(constraint)) return 'duty_conflict'
  return INSUFFICIENT.has(constraint) ? 'insufficient' : 'conflict'
}

function sentence(constraint: string, fallback: string): string {
  return CONSTRAINT_SENTENCES[constraint] ?? (constraint ? `${fallback} (${constraint}).` : `${fallback}.`)
}

function unavailable(cause: unknown): Refusal {
  return new Refusal('unavailable', 'The database does not answer now; try again shortly.', { cause })
}

/** `pg` reports a lost connection by message, and a refused one by a code of the operating system. */
function isConnectionLoss(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: string }).code ?? ''
    if (/^(ECONN|ENOTFOUND|ETIMEDOUT|EPIPE|EAI_AGAIN)/.test(code)) return true
    if (/Connection terminated|not queryable|timeout exceeded when trying to connect/.test(at.message))
      return true
  }
  return false
}
