/** `lifecircle serve`: the API and, unless told otherwise, the jobs, in one process. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createApp } from '../app.ts'
import { SYSTEM } from '../features/identity/permissions.ts'
import { ensureDefaultPolicy } from '../features/policies/ensure-default-policy.ts'
import { followClock } from '../features/sandbox/open-sandbox.ts'
import { freshIndex } from '../features/search/offering-index.ts'
import { startDispatcher } from '../features/subscriptions/start-dispatcher.ts'
import { JOBS, RECURRING } from '../jobs.ts'
import { createContext } from '../platform/context.ts'
import { Refusal } from '../platform/errors.ts'
import { closeTail } from '../platform/events/event-tail.ts'
import { scheduleRecurring } from '../platform/jobs/recurring.ts'
import { startJobs } from '../platform/jobs/run-jobs.ts'
import { type OpenedGround, openGround } from './open-ground.ts'

/** Longer than clients and load balancers keep a connection: whoever closes first resets a request on its way. */
const KEEP_ALIVE_MS = 75_000

export interface ServeOptions {
  /** Answer requests. */
  api: boolean
  /** Perform jobs. */
  jobs: boolean
}

/**
 * Serves until SIGINT or SIGTERM, then finishes what is under way.
 * @throws Refusal for options that leave nothing to do, `port_in_use`.
 */
export async function serve(options: ServeOptions): Promise<void> {
  if (!options.api && !options.jobs) {
    throw new Refusal('invalid_input', '--no-api and --no-jobs together leave nothing to do.')
  }
  const ground = await openGround()
  const closers: (() => Promise<void>)[] = [() => ground.db.close()]
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    if (!options.jobs) refuseWithoutWorkers(ground)
    const ctx = createContext({ ...ground, actor: SYSTEM })
    await ensureDefaultPolicy(ctx)
    await scheduleRecurring(ctx, RECURRING)
    if (ground.sandbox) {
      process.stdout.write('This is a sandbox: nothing here is real, and partners may turn the clock.\n')
      closers.push(followClock(ground, ground.sandbox))
    }
    if (options.jobs) {
      const runner = await startJobs({ ...ground, definitions: JOBS })
      closers.push(() => runner.close())
      const dispatcher = startDispatcher(ground)
      closers.push(() => dispatcher.close())
    }
    if (options.api) {
      // Built before anybody asks: the first question would wait for it.
      await freshIndex(ctx)
      const server = await listen(ground)
      const sockets = socketsOf(server)
      closers.push(() => stopServer(server, sockets, ground))
    } else {
      process.stdout.write(`Lifecircle performs jobs (${placesOf(ground)})\n`)
    }
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  } finally {
    await closeAll()
  }
}

/** The embedded database takes one process at a time: a worker beside it is not possible. */
function refuseWithoutWorkers({ db }: OpenedGround): void {
  if (db.source.engine !== 'pglite') return
  throw new Refusal(
    'config_invalid',
    'With the embedded database nobody else can perform the jobs: leave --no-jobs out, or set DATABASE_URL.',
  )
}

/** @throws Refusal `port_in_use`, `config_invalid` for an address that is not this machine's. */
async function listen(ground: OpenedGround): Promise<Server> {
  const { HOST, PORT } = ground.config
  const server = createAdaptorServer({ fetch: createApp(ground).fetch }) as Server
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.listen(PORT, HOST)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw cannotListen(ground, error as NodeJS.ErrnoException)
  }
  const { port } = server.address() as { port: number }
  const url = `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`
  process.stdout.write(`Lifecircle listens on ${url} (${placesOf(ground)})\nReference: ${url}/docs\n`)
  return server
}

function cannotListen({ config: { HOST, PORT } }: OpenedGround, cause: NodeJS.ErrnoException): Refusal {
  if (cause.code === 'EADDRINUSE') {
    const sentence = `Port ${PORT} on ${HOST} is in use. Stop what uses it, or set PORT to another.`
    return new Refusal('port_in_use', sentence, { cause })
  }
  const sentence = `Cannot listen on port ${PORT} of ${HOST}: ${cause.message}. Set HOST or PORT to another.`
  return new Refusal('config_invalid', sentence, { cause })
}

function placesOf({ config: { DATABASE_URL, REDIS_URL, LIFECIRCLE_DATA_DIR } }: OpenedGround): string {
  const database = DATABASE_URL ? 'PostgreSQL' : `embedded, ${LIFECIRCLE_DATA_DIR}`
  return `database: ${database}; queue: ${REDIS_URL ? 'Redis' : 'in the database'}`
}

function socketsOf(server: Server): Set<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** Lets open requests finish; connections that only wait are closed. */
async function stopServer(server: Server, sockets: Set<Socket>, { db, log }: OpenedGround): Promise<void> {
  // Streams of events would never finish by themselves.
  closeTail(db, log)
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const closeWaiting = () => {
    server.closeIdleConnections()
    // Clients open connections in advance. One that has asked for nothing yet is not idle to Node, and would be waited for.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }
  // A connection whose request ends from now on is kept for seconds by its client.
  const timer = setInterval(closeWaiting, 100)
  closeWaiting()
  await closed
  clearInterval(timer)
}
