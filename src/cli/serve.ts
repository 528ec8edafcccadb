/** `lifecircle serve`: the API and, unless told otherwise, the jobs, in one process. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { createApp } from '../app.ts'
import { SYSTEM } from '../features/identity/permissions.ts'
import { ensureDefaultPolicy } from '../features/policies/ensure-default-policy.ts'
import { JOBS } from '../jobs.ts'
import { scheduleSealing } from '../platform/audit/seal-job.ts'
import { createContext } from '../platform/context.ts'
import { Refusal } from '../platform/errors.ts'
import { startJobs } from '../platform/jobs/run-jobs.ts'
import { type OpenedGround, openGround } from './open-ground.ts'

export interface ServeOptions {
  /** Answer requests. */
  api: boolean
  /** Perform jobs. */
  jobs: boolean
}

/** Serves until SIGINT or SIGTERM, then finishes what is under way. */
export async function serve(options: ServeOptions): Promise<void> {
  const ground = await openGround()
  const closers: (() => Promise<void>)[] = [() => ground.db.close()]
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const ctx = createContext({ ...ground, actor: SYSTEM })
    await ensureDefaultPolicy(ctx)
    await scheduleSealing(ctx)
    if (options.jobs) {
      const runner = await startJobs({ ...ground, definitions: JOBS })
      closers.push(() => runner.close())
    }
    if (options.api) {
      const server = await listen(ground)
      closers.push(() => stopServer(server))
    }
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  } finally {
    await closeAll()
  }
}

/** @throws Refusal `port_in_use`. */
async function listen(ground: OpenedGround): Promise<Server> {
  const { HOST, PORT } = ground.config
  const server = createAdaptorServer({ fetch: createApp(ground).fetch }) as Server
  server.listen(PORT, HOST)
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new Refusal(
      'port_in_use',
      `Port ${PORT} on ${HOST} is in use. Stop what uses it, or set PORT to another.`,
    )
  }
  const { port } = server.address() as { port: number }
  const database = ground.config.DATABASE_URL
    ? 'PostgreSQL'
    : `embedded, ${ground.config.LIFECIRCLE_DATA_DIR}`
  const queue = ground.config.REDIS_URL ? 'Redis' : 'in the database'
  process.stdout.write(
    `Lifecircle listens on http://${HOST}:${port} (database: ${database}; queue: ${queue})\nReference: http://${HOST}:${port}/docs\n`,
  )
  return server
}

/** Lets open requests finish; connections that only wait are closed. */
async function stopServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await closed
}
