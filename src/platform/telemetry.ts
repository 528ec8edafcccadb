import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/**
 * JSON lines on standard error: standard output belongs to the command's own result. Errors are logged without the
 * values that they carry.
 *
 * @param destination where the lines go instead.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      redact: ['req.headers.authorization', 'authorization', 'key', 'password', '*.key', '*.password'],
      serializers: { err: loggedError },
      hooks: {
        // Where nothing else is said, pino would say the error's own message.
        logMethod(given, method) {
          const [first, sentence] = given as unknown[]
          const error = first instanceof Error ? first : (first as { err?: unknown } | null | undefined)?.err
          if (sentence !== undefined || !(error instanceof Error)) return method.apply(this, given)
          return method.apply(this, [first as object, messageWithoutValues(error)] as typeof given)
        },
      },
    },
    destination ?? pino.destination({ fd: 2, sync: true }),
  )
}

/** What of an error may be written down. */
export interface LoggedError {
  type: string
  message: string
  /** The frames alone: a stack begins with the message. */
  stack: string[]
  code?: string
  constraint?: string
  table?: string
  column?: string
  cause?: LoggedError
  /** Of an error that stands for several. */
  errors?: LoggedError[]
}

const DEEPEST = 10

/**
 * An error with everything that says where and why, and nothing that says of whom: drizzle writes the parameters of
 * a failed statement into its message, PostgreSQL quotes rows in `detail` and values in the messages of some errors.
 */
export function loggedError(error: unknown): LoggedError {
  return describe(error, DEEPEST)
}

/** The message of an error without the values that drivers put into it. */
export function messageWithoutValues(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : 'Something else than an error.'
  // A parser quotes what it could not read.
  if (error instanceof SyntaxError) return 'A text could not be read.'
  // SQLSTATE class 22: data exceptions, which quote the value.
  if (/^22[0-9A-Z]{3}$/.test(codeOf(error) ?? '')) return 'A value does not fit its type.'
  return error.message.split(/\bparams:/)[0]!.trimEnd()
}

function describe(error: unknown, depth: number): LoggedError {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: messageWithoutValues(error), stack: [] }
  }
  const { constraint, table, column } = error as Partial<Record<'constraint' | 'table' | 'column', unknown>>
  const named = { code: codeOf(error), constraint, table, column }
  const several = error instanceof AggregateError ? error.errors : []
  return {
    type: error.name,
    message: messageWithoutValues(error),
    stack: (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)),
    ...Object.fromEntries(Object.entries(named).filter(([, value]) => typeof value === 'string')),
    ...(error.cause !== undefined && depth > 0 ? { cause: describe(error.cause, depth - 1) } : {}),
    ...(several.length > 0 && depth > 0
      ? { errors: several.slice(0, DEEPEST).map((one) => describe(one, depth - 1)) }
      : {}),
  }
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}
