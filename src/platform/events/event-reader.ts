/** Readers of events that go on where they stopped: how far they have come is written with what they did about it. */
import { eq } from 'drizzle-orm'
import type { Handle } from '../db/client.ts'
import { decodeSeen, encodeSeen, NOTHING_SEEN, type Seen } from './event-gaps.ts'
import { seenSoFar } from './read-events.ts'
import { eventReaders } from './tables.ts'

/**
 * How far the reader has come; nobody else reads under its name until the transaction ends.
 * @returns null where another process is reading, or nobody ever did.
 */
export async function lockReader(tx: Handle, name: string): Promise<Seen | null> {
  const [row] = await tx
    .select()
    .from(eventReaders)
    .where(eq(eventReaders.name, name))
    .for('update', { skipLocked: true })
  return row ? seenOf(row) : null
}

/** How far the reader has come, as far as is known without waiting; null where nobody ever read under this name. */
export async function peekReader(handle: Handle, name: string): Promise<Seen | null> {
  const [row] = await handle.select().from(eventReaders).where(eq(eventReaders.name, name))
  return row ? seenOf(row) : null
}

/** Waits until nobody else reads under the name, and makes the reader where there is none. */
export async function awaitReader(tx: Handle, name: string): Promise<Seen> {
  await tx
    .insert(eventReaders)
    .values({ name, seen: encodeSeen(NOTHING_SEEN) })
    .onConflictDoNothing()
  const [row] = await tx.select().from(eventReaders).where(eq(eventReaders.name, name)).for('update')
  return seenOf(row!)
}

/** Moves a locked reader. */
export async function moveReader(tx: Handle, name: string, seen: Seen): Promise<void> {
  await tx
    .update(eventReaders)
    .set({ seen: encodeSeen(seen) })
    .where(eq(eventReaders.name, name))
}

/** Moves a locked reader to the newest event: what it leaves out is nobody's business. */
export async function moveReaderToNow(tx: Handle, name: string, seen: Seen): Promise<void> {
  await moveReader(tx, name, await seenSoFar(tx, seen))
}

function seenOf({ name, seen }: typeof eventReaders.$inferSelect): Seen {
  const decoded = decodeSeen(seen)
  if (!decoded) throw new Error(`How far the reader of events ${name} has come can't be read.`)
  return decoded
}
