/** What every verb is given: who asks, where the data are, what time it is. */
import type { Db, Handle } from './db/client.ts'
import { createIdSource } from './ids.ts'
import type { Logger } from './telemetry.ts'

/** Who is asking. Roles and their permissions belong to the identity feature. */
export interface Actor {
  principalId: string
  organizationId: string
  role: string
  /** Root of the community subtree a purchaser or supervisor may reach; null = none set. */
  areaId: string | null
}

export interface Context {
  readonly actor: Actor
  readonly db: Db
  /** The open transaction, inside `inTransaction`; null outside. */
  readonly tx: Handle | null
  readonly clock: () => Date
  readonly newId: () => string
  readonly log: Logger
}

/** A context whose transaction is open. */
export type TransactionContext = Context & { readonly tx: Handle }

/** The one place that reads the machine's clock. */
export const systemClock = (): Date => new Date()

/** A context for one request, command or job. */
export function createContext(given: {
  actor: Actor
  db: Db
  log: Logger
  clock?: () => Date
  newId?: () => string
}): Context {
  const clock = given.clock ?? systemClock
  return { ...given, tx: null, clock, newId: given.newId ?? createIdSource(clock) }
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
