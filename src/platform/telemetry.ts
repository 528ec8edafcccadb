import { type Logger, pino } from 'pino'

export type { Logger }

/** JSON lines on standard error: standard output belongs to the command's own result. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      redact: ['req.headers.authorization', 'authorization', 'key', 'password', '*.key', '*.password'],
    },
    pino.destination({ fd: 2, sync: true }),
  )
}
