/** Tells the relay of this process that a job was committed, so that it need not wait for the next poll. */
import type { Db } from '../db/client.ts'

const listeners = new WeakMap<Db, Set<() => void>>()

export function nudge(db: Db): void {
  for (const listener of listeners.get(db) ?? []) listener()
}

/** @returns the function that stops listening. */
export function onNudge(db: Db, listener: () => void): () => void {
  const known = listeners.get(db) ?? new Set()
  listeners.set(db, known.add(listener))
  return () => known.delete(listener)
}
