import { sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'

/** Ids that travel in one statement, as one parameter. */
const IDS = 50_000

export interface Candidates {
  /** Places that may be offered, and places that were and may be no longer; in the order given. */
  candidates: string[]
  /** How many other places feeds describe. */
  bare: number
}

/**
 * Sorts out places that are not matchable, as `projectPlace` would, without reading them: most directories say nothing
 * of our Profile, and theirs may be hundreds of thousands.
 * @param ids of service_at_location records.
 */
export async function findCandidates(ctx: TransactionContext, ids: readonly string[]): Promise<Candidates> {
  const found: Candidates = { candidates: [], bare: 0 }
  for (const chunk of chunks(ids, IDS)) {
    const { rows } = (await ctx.tx.execute(sql`
      select coalesce(jsonb_agg(id order by ordinal) filter (where is_candidate), '[]') as candidates,
        (count(*) filter (where not is_candidate and of_feed))::int as bare
      from (
        select given.id, given.ordinal, place.feed_id is not null as of_feed,
          offering.id is not null or coalesce(place.feed_id is not null
            and place.fields ?& array['tier', 'mode', 'unit', 'price_type']
            and service.fields ?& array['category', 'term'] and service.fields->>'status' = 'active', false)
            as is_candidate
        from (select id::uuid, ordinal
          from jsonb_array_elements_text(${JSON.stringify(chunk)}::jsonb) with ordinality as list(id, ordinal)) given
        left join directory_records place on place.kind = 'service_at_location' and place.id = given.id
        left join directory_records service on service.kind = 'service' and service.id = place.service_id
        left join offerings offering on offering.id = given.id) given`)) as unknown as { rows: Candidates[] }
    for (const id of rows[0]!.candidates) found.candidates.push(id)
    found.bare += rows[0]!.bare
  }
  return found
}
