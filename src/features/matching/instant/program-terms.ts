/** What programs pay for, remembered by their versions: a program's terms never change without a new one. */
import { sql } from 'drizzle-orm'
import { type Context, query } from '../../../platform/context.ts'
import type { Db } from '../../../platform/db/client.ts'
import type { SnapshotProgram } from '../snapshot.ts'

/** A program without what its fund has left. */
export type ProgramTerms = Omit<SnapshotProgram, 'fund'> & { fundAccountId: string }

export interface ProgramVersion {
  id: string
  version: number
}

const remembered = new WeakMap<Db, Map<string, { version: number; terms: ProgramTerms }>>()

/**
 * The terms of programs in these versions, in the order given. No statement, as long as all have been read before.
 * @returns null where a program has a newer version meanwhile.
 */
export async function programTerms(
  ctx: Context,
  wanted: readonly ProgramVersion[],
): Promise<ProgramTerms[] | null> {
  const known = knownTo(ctx.db)
  const isKnown = ({ id, version }: ProgramVersion) => known.get(id)?.version === version
  if (wanted.every(isKnown)) return wanted.map(({ id }) => known.get(id)!.terms)
  const read = new Map((await readTerms(ctx, wanted)).map((one) => [one.terms.id, one]))
  // What a transaction sees may never be committed.
  if (!ctx.tx) for (const [id, one] of read) known.set(id, one)
  const isRead = ({ id, version }: ProgramVersion) => read.get(id)?.version === version
  return wanted.every(isRead) ? wanted.map(({ id }) => read.get(id)!.terms) : null
}

function knownTo(db: Db) {
  const known = remembered.get(db)
  if (known) return known
  const none = new Map<string, { version: number; terms: ProgramTerms }>()
  remembered.set(db, none)
  return none
}

async function readTerms(ctx: Context, wanted: readonly ProgramVersion[]) {
  const { rows } = (await query(ctx).execute(sql`
    select p.version, json_build_object('id', p.id, 'name', p.name, 'areaId', p.area_id, 'categories', p.categories,
      'tiers', p.tiers, 'eligibility', p.eligibility, 'subsidyShare', p.subsidy_share, 'subsidyFixed', p.subsidy_fixed,
      'subsidyOrder', p.subsidy_order, 'priceCeiling', p.price_ceiling, 'unitCap', p.unit_cap,
      'residentCap', p.resident_cap, 'fundAccountId', p.fund_account_id) as terms
    from programs p where p.id = any(${sql.param(`{${wanted.map(({ id }) => id).join(',')}}`)}::uuid[])`)) as unknown as {
    rows: { version: number; terms: ProgramTerms }[]
  }
  return rows
}
