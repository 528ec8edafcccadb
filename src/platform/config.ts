/**
 * Every setting of a deployment: one name, one sentence, one default. The only file that reads the environment.
 */
import { z } from 'zod'
import { Refusal } from './errors.ts'

const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, hostname: /.*/ })
  .describe(
    'PostgreSQL ≥ 14 to use instead of the embedded database: postgres://user:password@host:port/name',
  )

const redisUrl = z
  .url({ protocol: /^rediss?$/, hostname: /.*/ })
  .describe('Redis or Valkey that carries the job queue: redis://host:port')

export const Config = z.object({
  LIFECIRCLE_DATA_DIR: z
    .string()
    .min(1)
    .default('.lifecircle')
    .describe('Directory of the embedded database; filled by the demo, served by `lifecircle serve`'),
  PORT: z.coerce.number().int().min(0).max(65535).default(8787).describe('TCP port the server listens on'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address the server listens on'),
  DATABASE_URL: postgresUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  LIFECIRCLE_ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits (32 bytes)')
    .optional()
    .describe(
      'Key that encrypts the partners’ references to residents; without it one is made in the data directory',
    ),
  LIFECIRCLE_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, 'three capital letters')
    .default('TWD')
    .describe('ISO 4217 code of the one currency of this deployment; don’t change it once prices are stored'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe log line that is written'),
})
export type Config = z.infer<typeof Config>

/**
 * Reads the settings.
 *
 * @throws Refusal `config_invalid` that names the setting and what it should be; never prints its value,
 *   because a wrong DATABASE_URL still holds a password.
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.keys(Config.shape).flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  )
  const parsed = Config.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const name = String(issue.path[0]) as keyof typeof Config.shape
  const meaning = Config.shape[name]?.description ?? ''
  throw new Refusal('config_invalid', `${name} is not valid: ${issue.message}. ${meaning}`.trim())
}
