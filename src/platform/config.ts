/**
 * Every setting of a deployment: one name, one sentence, one default. The only file that reads the environment.
 */
import { z } from 'zod'
import { Refusal } from './errors.ts'
import { isTimeZone } from './time-zone.ts'

const postgresUrl = z
  .url({
    protocol: /^postgres(ql)?$/,
    hostname: /.*/,
    error: 'postgres://user:password@host:port/name is expected',
  })
  .optional()
  .describe('PostgreSQL ≥ 14 to use instead of the embedded database')

const redisUrl = z
  .url({ protocol: /^rediss?$/, hostname: /.*/, error: 'redis://host:port is expected' })
  .optional()
  .describe('Redis or Valkey that carries the job queue')

const PORT_RANGE = 'a whole number from 0 to 65535 is expected'

export const Config = z.object({
  LIFECIRCLE_DATA_DIR: z
    .string()
    .min(1)
    .default('.lifecircle')
    .describe('Directory of the embedded database; filled by the demo, served by `lifecircle serve`'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, PORT_RANGE)
    .transform(Number)
    .refine((port) => port <= 65_535, PORT_RANGE)
    .default(8787)
    .describe('TCP port the server listens on; 0 = any that is free'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address the server listens on'),
  DATABASE_URL: postgresUrl,
  REDIS_URL: redisUrl,
  LIFECIRCLE_ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits (32 bytes) are expected')
    .optional()
    .describe(
      'Key that encrypts the partners’ references to residents; without it one is made in the data directory',
    ),
  LIFECIRCLE_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, 'three capital letters are expected')
    .default('TWD')
    .describe('ISO 4217 code of the one currency of this deployment; don’t change it once prices are stored'),
  LIFECIRCLE_PUBLISHER_NAME: z
    .string()
    .min(1)
    .max(200)
    .default('Lifecircle')
    .describe('Name of whoever runs this deployment, as readers of its directory see it'),
  LIFECIRCLE_PUBLIC_URL: z
    .url({
      protocol: /^https?$/,
      hostname: /.*/,
      error: 'an address such as https://directory.example.org is expected',
    })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('Address under which everybody reaches this deployment; without it, HOST and PORT make one'),
  LIFECIRCLE_ALLOW_PRIVATE_URLS: z
    .enum(['true', 'false'], 'true or false is expected')
    .transform((text) => text === 'true')
    .default(false)
    .describe('Whether feeds and webhooks may lie in private networks; for tests and closed networks'),
  LIFECIRCLE_SANDBOX: z
    .enum(['true', 'false'], 'true or false is expected')
    .transform((text) => text === 'true')
    .default(false)
    .describe('Whether this is a sandbox, where nothing is real and partners may turn the clock forward'),
  LIFECIRCLE_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'an IANA time zone such as Europe/Paris is expected')
    .default('Asia/Taipei')
    .describe('IANA time zone in which opening hours are meant where an offering names none'),
  LIFECIRCLE_TRAVEL_URL: z
    .url({
      protocol: /^https?$/,
      hostname: /.*/,
      error: 'the address of a router such as http://127.0.0.1:5000 is expected',
    })
    .optional()
    .describe('Router that knows the streets, for coverage on foot; without it, ways are reckoned'),
  LIFECIRCLE_TRAVEL_ENGINE: z
    .enum(['osrm', 'valhalla'], 'osrm or valhalla is expected')
    .default('osrm')
    .describe('Protocol that the router at LIFECIRCLE_TRAVEL_URL speaks'),
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
  throw new Refusal('config_invalid', `${name} is not valid: ${issue.message}. (${meaning}.)`)
}
