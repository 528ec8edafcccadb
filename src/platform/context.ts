/** What every verb is given: who asks, where the data are, what time it is. */
import type { Db, Handle } from './db/client.ts'
import { createIdSource } from './ids.ts'
import type { Logger } from './telemetry.ts'

/** Who is asking. Roles and their permissions belong to the identity feature. */
export interface Actor {
  principalId: string
  organizationId: string
  role: string
  /** Root of the community subtree a purchaser or supervisor may reach; null = every area. */
  areaId: string | null
}

/** A service that tells how far it is along streets, and the protocol it speaks. */
export interface StreetRouter {
  readonly url: string
  readonly engine: 'osrm' | 'valhalla'
}

/** Who runs this deployment, and the address under which everybody reaches it, without a slash at the end. */
export interface Publisher {
  readonly name: string
  readonly url: string
}

export interface Context {
  readonly actor: Actor
  readonly db: Db
  /** The open transaction, inside `inTransaction`; null outside. */
  readonly tx: Handle | null
  readonly clock: () => Date
  readonly newId: () => string
  readonly log: Logger
  /** 32 bytes that seal what the database must not tell; each use derives its own key from them. */
  readonly encryptionKey: Uint8Array
  /** ISO 4217 code of the deployment's one currency. */
  readonly currency: string
  /** IANA name of the zone in which hours are meant where they name none. */
  readonly timeZone: string
  /** The router that knows the streets; null = ways are reckoned. */
  readonly router: StreetRouter | null
  readonly publisher: Publisher
  /** Whether addresses that the world gives us to read may lie in private networks. */
  readonly allowPrivateUrls: boolean
  /** What happens because of an event, by the event's type (`events/reactions.ts`). */
  readonly reactions: Reactions
  /** Null where things are real; otherwise `clock` is the sandbox's. */
  readonly sandbox: Sandbox | null
}

/**
 * Called by `emit`, in the transaction of the event; enqueues a job. So the left may set off work of the right
 * without knowing of it.
 */
export type Reaction = (ctx: TransactionContext, event: Happening) => Promise<void>
export type Reactions = ReadonlyMap<string, readonly Reaction[]>

/** An event as the jobs that react to it are told. */
export interface Happening {
  eventId: string
  objectId: string
  data: Record<string, unknown>
}

/** A context whose transaction is open. */
export type TransactionContext = Context & { readonly tx: Handle }

/** The one place that reads the machine's clock. */
export const systemClock = (): Date => new Date()

/** A deployment where nothing is real and time may be turned forward. One object for all of a process. */
export interface Sandbox {
  /** How far its clock is ahead of the machine's; never falls. */
  aheadMs: number
}

/** The clock of a sandbox, as it is turned. */
export function clockOf(sandbox: Sandbox, machine: () => Date = systemClock): () => Date {
  return () => new Date(machine().getTime() + sandbox.aheadMs)
}

/** What a process has before anybody asks: everything of a context but the actor. */
export interface Ground {
  db: Db
  log: Logger
  encryptionKey: Uint8Array
  currency: string
  /** UTC by default. */
  timeZone?: string
  /** None by default. */
  router?: StreetRouter | null
  /** Lifecircle at its usual address on this machine by default. */
  publisher?: Publisher
  /** False by default. */
  allowPrivateUrls?: boolean
  /** None by default. */
  reactions?: Reactions
  clock?: () => Date
  newId?: () => string
  /** None by default; where there is one, `clock` is its clock (`clockOf`). */
  sandbox?: Sandbox | null
}

const THIS_MACHINE: Publisher = { name: 'Lifecircle', url: 'http://127.0.0.1:8787' }

/** A context for one request, command or job. */
export function createContext(given: Ground & { actor: Actor }): Context {
  const {
    clock = systemClock,
    reactions = new Map(),
    timeZone = 'UTC',
    router = null,
    publisher = THIS_MACHINE,
    allowPrivateUrls = false,
    sandbox = null,
  } = given
  return {
    ...given,
    tx: null,
    clock,
    reactions,
    timeZone,
    router,
    publisher,
    allowPrivateUrls,
    sandbox,
    newId: given.newId ?? createIdSource(clock),
  }
}

/** The handle to read with: the open transaction where there is one. */
export function query(ctx: Context): Handle {
  return ctx.tx ?? ctx.db.root
}

/** Runs `work` in the caller's transaction, or in a new one: all of it is written, or nothing. */
export function inTransaction<T>(ctx: Context, work: (ctx: TransactionContext) => Promise<T>): Promise<T> {
  if (ctx.tx) return work(ctx as TransactionContext)
  return ctx.db.transaction((tx) => work({ ...ctx, tx }))
}
