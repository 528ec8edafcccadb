/** Seals the log in batches: each seal's hash covers its entries and the seal before it. */
import { createHash } from 'node:crypto'
import { and, asc, desc, gt, lte } from 'drizzle-orm'
import { type Context, inTransaction, query, type TransactionContext } from '../context.ts'
import { canonicalJson } from './canonical-json.ts'
import { auditEntries, auditSeals } from './tables.ts'

type Entry = typeof auditEntries.$inferSelect
type Seal = typeof auditSeals.$inferSelect

const GENESIS = '0'.repeat(64)

/** Most entries one seal covers; sealing goes on until the log is sealed to its end. */
const BATCH = 10_000

/** Seals every entry that is not sealed yet. @returns how many entries were sealed. */
export async function sealAudit(ctx: Context): Promise<number> {
  let sealed = 0
  for (;;) {
    const count = await inTransaction(ctx, sealBatch)
    sealed += count
    if (count < BATCH) return sealed
  }
}

async function sealBatch(ctx: TransactionContext): Promise<number> {
  // Only one sealer at a time, and no entry may commit behind its back with a lower position.
  await ctx.tx.execute('lock table audit_seals, audit_entries in exclusive mode')
  const last = await lastSeal(ctx)
  const entries = await ctx.tx
    .select()
    .from(auditEntries)
    .where(gt(auditEntries.position, last?.toPosition ?? 0))
    .orderBy(asc(auditEntries.position))
    .limit(BATCH)
  if (entries.length === 0) return 0
  await ctx.tx.insert(auditSeals).values({
    id: ctx.newId(),
    number: (last?.number ?? 0) + 1,
    at: ctx.clock(),
    fromPosition: entries[0]!.position,
    toPosition: entries.at(-1)!.position,
    entries: entries.length,
    hash: hashOf(last?.hash ?? GENESIS, entries),
  })
  return entries.length
}

export interface AuditVerification {
  seals: number
  sealedEntries: number
  /** Number of the first seal whose entries are not what was sealed; null when all hold. */
  brokenSeal: number | null
}

/** Recomputes the chain from the first seal on. */
export async function verifyAudit(ctx: Context): Promise<AuditVerification> {
  const seals = await query(ctx).select().from(auditSeals).orderBy(asc(auditSeals.number))
  let before = GENESIS
  let sealedEntries = 0
  for (const [index, seal] of seals.entries()) {
    const entries = await entriesBetween(ctx, seals[index - 1]?.toPosition ?? 0, seal.toPosition)
    const holds =
      seal.number === index + 1 && entries.length === seal.entries && hashOf(before, entries) === seal.hash
    if (!holds) return { seals: seals.length, sealedEntries, brokenSeal: index + 1 }
    sealedEntries += entries.length
    before = seal.hash
  }
  return { seals: seals.length, sealedEntries, brokenSeal: null }
}

/** From the seal before on, not from `fromPosition`: an entry slipped into a gap of positions must show. */
function entriesBetween(ctx: Context, after: number, upTo: number): Promise<Entry[]> {
  return query(ctx)
    .select()
    .from(auditEntries)
    .where(and(gt(auditEntries.position, after), lte(auditEntries.position, upTo)))
    .orderBy(asc(auditEntries.position))
}

async function lastSeal(ctx: TransactionContext): Promise<Seal | undefined> {
  const [seal] = await ctx.tx.select().from(auditSeals).orderBy(desc(auditSeals.number)).limit(1)
  return seal
}

function hashOf(before: string, entries: Entry[]): string {
  const hash = createHash('sha256').update(before)
  for (const entry of entries) hash.update(canonicalJson({ ...entry, at: entry.at.toISOString() }))
  return hash.digest('hex')
}
