/**
 * From SQLSTATE to a refusal. The text of a database error carries SQL and values, so it never leaves the
 * process: it stays in `cause`, for the log.
 */
import { Refusal } from '../errors.ts'

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
}

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
  if (code === '23505')
    return new Refusal('duplicate', sentence(constraint, 'It already exists'), { cause: error })
  if (code === '23P01')
    return new Refusal('conflict', sentence(constraint, 'It overlaps another'), { cause: error })
  if (code === '23514') return checkViolation(constraint, error)
  if (code === '23503' || code.startsWith('22')) {
    return new Refusal('invalid_input', sentence(constraint, 'A value or a reference is not valid'), {
      cause: error,
    })
  }
  if (isRetryable(error)) return new Refusal('busy', 'Too many changes at once; try again.', { cause: error })
  return /^(57014|55P03|08...|57P0.|53...)$/.test(code) ? unavailable(error) : error
}

function checkViolation(constraint: string, cause: unknown): Refusal {
  const code = INSUFFICIENT.has(constraint) ? 'insufficient' : 'conflict'
  return new Refusal(code, sentence(constraint, 'A rule of the data would be broken'), { cause })
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
